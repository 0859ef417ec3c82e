import { parse } from 'yaml'
import { parseManifest } from '../cluster/manifest.ts'
import type { KubeObject, Workload } from '../cluster/types.ts'
import { cutAssignments, itemsOf, unescaped, type Assigned } from '../helm/assignment-syntax.ts'
import type { Assignment, Inputs } from '../inputs/inputs.ts'
import type { ReleaseRecord } from '../release/record.ts'

/** A Secret, as in a manifest or in the cluster. */
export interface SecretObject extends KubeObject {
  readonly data?: Readonly<Record<string, unknown>>
  readonly stringData?: Readonly<Record<string, unknown>>
}

const credentialKey = /pass(word|wd|phrase)?$|secret|token|api_?key|private_?key|credential/i
/** Keys that say where a secret is, not what it is: `existingSecret`, `tokenSecretName`, `secretRef`. */
const nameKey = /^existing|(?:name|names|ref|refs)$/i

/** Reads a file that the inputs name; null when it cannot be read. */
export type ReadText = (path: string) => string | null

/**
 * The inputs that are secret: token and password, and what is assigned to a key that names a credential: inline, in value files and in
 * what `set-file` reads. What looks like chance (a generated password) is secret whatever its key.
 */
export function secretsOfInputs(inputs: Inputs, read: ReadText, valueFiles: readonly string[] = []): string[] {
  const files = valueFiles.flatMap((path) => secretsOfValues(read(path) ?? ''))
  const assigned = inputs.assignments.flatMap((assignment) => secretsOfAssignment(assignment, read))
  const own = [inputs.githubToken, inputs.repoPassword]
  return [...own, ...assigned, ...secretsOfValues(inputs.values), ...files].filter((text) => text !== '')
}

/** Several may be in one line, `a=1,b=2`, where `\\,` is a comma of a value; of a list each item is one. */
function secretsOfAssignment({ flag, text }: Assignment, read: ReadText): string[] {
  if (flag === '--set-json') {
    const at = text.indexOf('=')
    const value = parsed(text.slice(at + 1))
    return value === undefined
      ? secretsOf(lastKey(text.slice(0, at)), text.slice(at + 1))
      : credentials(value, lastKey(text.slice(0, at)))
  }
  const cut = flag === '--set-file' ? null : cutAssignments(text)
  return (cut ?? roughlyCut(text)).flatMap(({ key, value }) => {
    if (flag === '--set-file') return secretsOf(lastKey(key), read(value) ?? '')
    return (itemsOf(value) ?? [value]).flatMap((item) => secretsOf(lastKey(key), unescaped(item)))
  })
}

/** What Helm would not take is secret too. */
function roughlyCut(text: string): Assigned[] {
  return text.split(/(?<!\\),(?=[^,={}]+=)/).map((pair) => {
    const at = pair.indexOf('=')
    return { key: pair.slice(0, at), value: pair.slice(at + 1) }
  })
}

function lastKey(path: string): string {
  return path
    .trim()
    .replace(/(?:\[\d+\])+$/, '')
    .replace(/^.*(?<!\\)\./, '')
}

function secretsOfValues(values: string): string[] {
  return credentials(parsed(values))
}

/** YAML, of which JSON is a part; what is neither is told as a problem, without its content. */
function parsed(text: string): unknown {
  try {
    return parse(text)
  } catch {
    return undefined
  }
}

function credentials(value: unknown, key = ''): string[] {
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([name, item]) => credentials(item, Array.isArray(value) ? key : name))
  return typeof value === 'string' || typeof value === 'number' ? secretsOf(key, String(value)) : []
}

function secretsOf(key: string, value: string): string[] {
  const isNamed = credentialKey.test(key) && !nameKey.test(key)
  return isNamed || looksGenerated(value) ? [value] : []
}

/** As generators make passwords: at least 16 characters without a space, of all sorts; names, hosts, images and versions are not so. */
function looksGenerated(value: string): boolean {
  return (
    /^[\w+/=~!@#$%^&*?-]{16,}$/.test(value) &&
    /[a-z]/.test(value) &&
    /[A-Z]/.test(value) &&
    (value.match(/\d/g)?.length ?? 0) > 1
  )
}

/** The passwords of the proxies that an environment names, as they are and as their URLs write them. */
export function secretsOfProxies(env: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(env).flatMap(([name, value]) => {
    const [, password] = /^(?:https?|all|ftp)_proxy$/i.test(name)
      ? (/:\/\/[^/@]*?:([^/]*)@/.exec(value ?? '') ?? [])
      : []
    return password ? [password, decoded(password)] : []
  })
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** What a credential plugin of a kubeconfig is given and would open the cluster. */
export function secretsOfPlugin(env: readonly { readonly name: string; readonly value: string }[]): string[] {
  return env.flatMap(({ name, value }) => secretsOf(name, value))
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
