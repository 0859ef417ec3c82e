import { ApiError, type ClusterClient } from '../cluster/client.ts'
import { readObject } from '../cluster/objects.ts'
import type { KubeObject } from '../cluster/types.ts'
import type { Session } from '../deploy/session.ts'
import { describeError, type Problem } from '../platform/errors.ts'
import type { SecretName } from './secret-names.ts'

/** A secret that a preview gets a copy of. */
export interface PullSecret {
  readonly from: SecretName
  readonly type: string
  readonly data: Readonly<Record<string, string>>
}

interface Secret extends KubeObject {
  readonly type?: string
  readonly data?: Readonly<Record<string, string>>
}

/** A preview runs code that nobody has reviewed: it gets what pulls images, and no password of anything else. */
const pullTypes = ['kubernetes.io/dockerconfigjson', 'kubernetes.io/dockercfg']
const copiedFrom = 'atomic-helm.dev/copied-from'
const managed = { 'app.kubernetes.io/managed-by': 'atomic-helm-action' }

/** Reads the secrets that are to be copied; every one that cannot be had is a problem, told before anything is touched. */
export async function readPullSecrets(
  client: ClusterClient,
  names: readonly SecretName[],
): Promise<{ readonly secrets: readonly PullSecret[]; readonly problems: readonly Problem[] }> {
  const read = await Promise.all(names.map((name) => readPullSecret(client, name)))
  return {
    secrets: read.flatMap((one) => ('problem' in one ? [] : [one])),
    problems: read.flatMap((one) => ('problem' in one ? [one] : [])),
  }
}

async function readPullSecret(client: ClusterClient, from: SecretName): Promise<PullSecret | Problem> {
  const name = `${from.namespace}/${from.name}`
  const wrong = (what: string, remedy: string): Problem => ({
    problem: `\`preview-copy-secrets\`: ${name} ${what}`,
    remedy,
  })
  try {
    const found: Secret | null = await readObject(client, pathOf(from))
    if (!found) return wrong('does not exist', 'Correct its name, or create it')
    if (!pullTypes.includes(found.type ?? ''))
      return wrong(
        `is of the type ${found.type ?? 'Opaque'}`,
        `Only pull secrets (${pullTypes.join(', ')}) are copied: a preview runs code that nobody has reviewed`,
      )
    return { from, type: found.type ?? '', data: found.data ?? {} }
  } catch (error) {
    const isForbidden = error instanceof ApiError && error.status === 403
    return wrong(
      `cannot be read: ${describeError(error)}`,
      isForbidden
        ? `Grant \`get\` on secrets in the namespace ${from.namespace} to the credentials`
        : 'Check the cluster',
    )
  }
}

/** Writes the copies; the problem when one of that name is there which is no copy of ours, or it is not allowed. */
export async function writePullSecrets(
  { client, target: { namespace } }: Session,
  secrets: readonly PullSecret[],
  isNew: boolean,
): Promise<Problem | null> {
  const problems = await Promise.all(secrets.map((secret) => write(client, namespace, secret, isNew)))
  return problems.find((problem) => problem !== null) ?? null
}

async function write(
  client: ClusterClient,
  namespace: string,
  { from, type, data }: PullSecret,
  isNew: boolean,
): Promise<Problem | null> {
  const path = pathOf({ namespace, name: from.name })
  const source = `${from.namespace}/${from.name}`
  try {
    const there = isNew ? null : await readObject(client, path)
    if (there && there.metadata.annotations?.[copiedFrom] === undefined)
      return {
        problem: `\`preview-copy-secrets\`: ${namespace} has a secret "${from.name}" already, which is no copy`,
        remedy: `Give the one in ${from.namespace} another name, or leave it out`,
      }
    const metadata = { name: from.name, namespace, labels: managed, annotations: { [copiedFrom]: source } }
    await client.send('PATCH', `${path}?fieldManager=atomic-helm-action&force=true`, {
      body: { apiVersion: 'v1', kind: 'Secret', metadata, type, data },
      contentType: 'application/apply-patch+yaml',
    })
    return null
  } catch (error) {
    return {
      problem: `\`preview-copy-secrets\`: ${source} cannot be copied to ${namespace}: ${describeError(error)}`,
      remedy: 'Grant `get`, `create` and `patch` on secrets to the credentials, in all namespaces of previews',
    }
  }
}

function pathOf({ namespace, name }: SecretName): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets/${encodeURIComponent(name)}`
}
