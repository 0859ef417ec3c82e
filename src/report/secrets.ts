import { parse } from 'yaml'
import { parseManifest } from '../cluster/manifest.ts'
import type { KubeObject, Workload } from '../cluster/types.ts'
import type { Inputs } from '../inputs/inputs.ts'
import type { ReleaseRecord } from '../release/record.ts'

/** A Secret, as in a manifest or in the cluster. */
export interface SecretObject extends KubeObject {
  readonly data?: Readonly<Record<string, unknown>>
  readonly stringData?: Readonly<Record<string, unknown>>
}

const credentialKey = /pass(word|wd|phrase)?$|secret|token|api_?key|private_?key|credential/i

/** The inputs that are secret: the token, and values whose key names a credential. */
export function secretsOfInputs(inputs: Inputs): string[] {
  const assigned = inputs.assignments.flatMap(({ text }) => {
    const at = text.indexOf('=')
    return credentialKey.test(text.slice(0, at)) ? [text.slice(at + 1)] : []
  })
  return [inputs.githubToken, inputs.repoPassword, ...assigned, ...secretsOfValues(inputs.values)].filter(
    (text) => text !== '',
  )
}

function secretsOfValues(values: string): string[] {
  try {
    return credentials(parse(values))
  } catch {
    // Values that are no YAML are told as a problem, without their content.
    return []
  }
}

function credentials(value: unknown, key = ''): string[] {
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([name, item]) => credentials(item, Array.isArray(value) ? key : name))
  return (typeof value === 'string' || typeof value === 'number') && credentialKey.test(key) ? [String(value)] : []
}

/** The content of the Secrets in a release's manifest. */
export function secretsOfRelease(record: Pick<ReleaseRecord, 'manifest'>): string[] {
  return parseManifest(record.manifest)
    .filter(({ kind }) => kind === 'Secret')
    .flatMap(({ object }) => contents(object as SecretObject))
    .filter((text) => text !== '')
}

/** Names that a release shows to everybody: a Secret that holds one of them (a user called as its workload) does not hide it. */
export function publicWordsOf(record: Pick<ReleaseRecord, 'manifest'>): string[] {
  return parseManifest(record.manifest).flatMap(({ kind, name, object }) => {
    const template = (object as Workload).spec?.template?.spec
    const containers = [...(template?.initContainers ?? []), ...(template?.containers ?? [])].map(
      (container) => container.name,
    )
    return [kind, name, ...containers]
  })
}

interface SecretUser {
  readonly env?: readonly { readonly valueFrom?: { readonly secretKeyRef?: { readonly name?: string } } }[]
  readonly envFrom?: readonly { readonly secretRef?: { readonly name?: string } }[]
}

interface SecretUsers {
  readonly initContainers?: readonly SecretUser[]
  readonly containers?: readonly SecretUser[]
  readonly volumes?: readonly { readonly secret?: { readonly secretName?: string } }[]
}

/** The names of the Secrets that a release's pods read, its own or others of the namespace: a program may print what it read. */
export function secretsRead(record: Pick<ReleaseRecord, 'manifest'>): string[] {
  const names = parseManifest(record.manifest).flatMap(({ kind, object }) => {
    const spec = (object as Workload).spec
    const pod = (kind === 'Pod' ? spec : spec?.template?.spec) as SecretUsers | undefined
    const containers = [...(pod?.initContainers ?? []), ...(pod?.containers ?? [])]
    return [
      ...containers.flatMap(({ env, envFrom }) => [
        ...(env ?? []).map(({ valueFrom }) => valueFrom?.secretKeyRef?.name),
        ...(envFrom ?? []).map(({ secretRef }) => secretRef?.name),
      ]),
      ...(pod?.volumes ?? []).map(({ secret }) => secret?.secretName),
    ]
  })
  return [...new Set(names.filter((name): name is string => Boolean(name)))]
}

/** What a Secret holds, decoded. */
export function contents({ data, stringData }: SecretObject): string[] {
  const encoded = Object.values(data ?? {}).map((value) => Buffer.from(String(value), 'base64').toString('utf8'))
  return [...encoded, ...Object.values(stringData ?? {}).map(String)]
}
