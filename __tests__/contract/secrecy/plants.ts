// What a secret can be planted with: a credential plugin that knows one, and a policy of the cluster that quotes one.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { uniqueName, until } from '../../helpers/cluster.ts'
import type { Cluster } from '../../helpers/cluster.ts'
import { temporaryDirectory } from '../../helpers/temporary.ts'

/** A program that gives this token, and says something on its stderr each time; or that only says it, and fails. */
export function pluginOf(token: string | null, said = ''): string {
  const command = join(temporaryDirectory('plugin'), 'credentials')
  const answer = {
    apiVersion: 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    status: { token },
  }
  const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`
  const end = token === null ? 'exit 1' : `printf %s ${quoted(JSON.stringify(answer))}`
  writeFileSync(command, `#!/bin/sh\nprintf '%s\\n' ${quoted(said)} >&2\n${end}\n`, { mode: 0o755 })
  return command
}

/** Denies each ConfigMap of a namespace that has `data.x`, with a message that an expression of CEL makes; gives what ends that. */
export async function denyBy(
  cluster: Cluster,
  namespace: string,
  messageExpression: string,
): Promise<() => Promise<void>> {
  const name = uniqueName('planted')
  const path = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolic'
  await cluster.create(`${path}ies`, {
    metadata: { name },
    spec: {
      matchConstraints: {
        resourceRules: [
          { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['configmaps'] },
        ],
      },
      validations: [{ expression: "!has(object.data) || !('x' in object.data)", messageExpression }],
    },
  })
  await cluster.create(`${path}ybindings`, {
    metadata: { name },
    spec: {
      policyName: name,
      validationActions: ['Deny'],
      matchResources: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } },
    },
  })
  const probe = { metadata: { name: 'probe' }, data: { x: 'probe' } }
  await until('the policy', async () => {
    const path = `/api/v1/namespaces/${namespace}/configmaps?dryRun=All`
    return cluster.create(path, probe).then(
      () => false,
      (error: unknown) => String(error).includes('ValidatingAdmissionPolicy'),
    )
  })
  return async () => {
    await cluster.remove(`${path}ybindings/${name}`)
    await cluster.remove(`${path}ies/${name}`)
  }
}
