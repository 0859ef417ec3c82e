import { parseManifest } from '../cluster/manifest.ts'
import type { KubeObject } from '../cluster/types.ts'
import type { Inputs } from '../inputs/inputs.ts'
import type { ReleaseRecord } from '../release/record.ts'

interface SecretObject extends KubeObject {
  readonly data?: Readonly<Record<string, unknown>>
  readonly stringData?: Readonly<Record<string, unknown>>
}

/** Every value that must not be published: the token, and the content of the Secrets that the release's manifest holds. */
export function knownSecrets(inputs: Inputs, attempted: ReleaseRecord | null): string[] {
  const secrets = attempted ? parseManifest(attempted.manifest).filter(({ kind }) => kind === 'Secret') : []
  return [inputs.githubToken, ...secrets.flatMap(({ object }) => contents(object as SecretObject))].filter(
    (text) => text !== '',
  )
}

function contents({ data, stringData }: SecretObject): string[] {
  const encoded = Object.values(data ?? {}).map((value) => Buffer.from(String(value), 'base64').toString('utf8'))
  return [...encoded, ...Object.values(stringData ?? {}).map(String)]
}
