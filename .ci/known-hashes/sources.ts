// Who is asked about new releases of Helm. A source that does not answer throws; what it does not know, it does not claim.
import { parse } from 'yaml'
import { archiveName, type Archive, type Claim, parseArchiveName } from './agree.ts'

/** A source that knows many archives at once. */
export interface ListSource {
  readonly name: string
  /** All that it claims. */
  readonly ask: () => Promise<Claim[]>
}

/** Where the sources are. */
export interface Bases {
  readonly published: string
  readonly releases: string
  readonly certManager: string
  readonly rancherDesktop: string
}

/** Where the sources are when nobody says otherwise. */
export const defaultBases: Bases = {
  published: 'https://get.helm.sh',
  releases: 'https://api.github.com',
  certManager: 'https://raw.githubusercontent.com/cert-manager/makefile-modules/main',
  rancherDesktop: 'https://raw.githubusercontent.com/rancher-sandbox/rancher-desktop/main',
}

interface Release {
  readonly tag_name: string
  readonly draft: boolean
  readonly prerelease: boolean
  readonly body: string | null
}

/** The sources that are asked once each; `token` only ever goes to GitHub's own API. */
export function listSources(bases: Bases, token: string): ListSource[] {
  return [
    { name: 'helm-notes', ask: async () => (await releases(bases.releases, token)).flatMap(claimsOfNotes) },
    {
      name: 'cert-manager',
      ask: async () => claimsOfCertManager(await text(`${bases.certManager}/modules/tools/00_mod.mk`)),
    },
    {
      name: 'rancher-desktop',
      ask: async () =>
        claimsOfRancherDesktop(await text(`${bases.rancherDesktop}/pkg/rancher-desktop/assets/dependencies.yaml`)),
    },
  ]
}

/** What get.helm.sh says about one archive; null when it has no hash of it. */
export async function askPublished(base: string, archive: Archive): Promise<Claim | null> {
  const name = archiveName(archive)
  const content = await text(`${base}/${name}.sha256sum`, { missing: '' })
  const [, sha256, named] = /^([0-9a-f]{64})\s+\*?(\S+)\s*$/.exec(content) ?? []
  return sha256 && named?.split('/').at(-1) === name ? { ...archive, source: 'published', sha256 } : null
}

/** The hashes that the notes of a release give for its own archives, as `…/NAME.sha256sum) / HASH`. */
export function claimsOfNotes({ tag_name, draft, prerelease, body }: Release): Claim[] {
  if (draft || prerelease) return []
  const found = [...(body ?? '').matchAll(/\/(helm-v[^/\s)]+)\.sha256sum\) *\/ *([0-9a-f]{64})\b/g)]
  return claims('helm-notes', found).filter(({ version }) => `v${version}` === tag_name)
}

/** The archives in cert-manager's 00_mod.mk: one version, `helm_OS_ARCH_SHA256SUM=HASH`. */
export function claimsOfCertManager(content: string): Claim[] {
  const version = /^tools \+= helm=v(\S+)$/m.exec(content)?.[1] ?? ''
  const found = [...content.matchAll(/^helm_([a-z]+)_([a-z0-9]+)_SHA256SUM=([0-9a-f]{64})$/gm)]
  return claims(
    'cert-manager',
    found.map(([, os, arch, sha256 = '']) => ['', archiveName({ version, platform: `${os}-${arch}` }), sha256]),
  )
}

/** The archives in Rancher Desktop's dependencies.yaml: `url` and `checksum` of each. */
export function claimsOfRancherDesktop(content: string): Claim[] {
  const file = parse(content) as { helm?: { assets?: { url: string; checksum: string }[] } } | null
  const found = (file?.helm?.assets ?? []).flatMap(({ url, checksum }) => {
    const [, sha256] = /^sha256:([0-9a-f]{64})$/.exec(checksum) ?? []
    return sha256 ? [['', url.split('/').at(-1) ?? '', sha256]] : []
  })
  return claims('rancher-desktop', found)
}

/** From matches whose groups are the name of an archive and its hash. */
function claims(source: string, matches: readonly (readonly string[])[]): Claim[] {
  return matches.flatMap(([, name = '', sha256 = '']) => {
    const archive = parseArchiveName(name)
    return archive ? [{ ...archive, source, sha256 }] : []
  })
}

/** All releases of Helm; the last page is the one that is not full. */
async function releases(base: string, token: string): Promise<Release[]> {
  const all: Release[] = []
  for (let page = 1; page <= 10; page++) {
    const url = `${base}/repos/helm/helm/releases?per_page=100&page=${page}`
    const isOwn = token !== '' && new URL(url).origin === 'https://api.github.com'
    const some = JSON.parse(
      await text(url, { headers: isOwn ? { authorization: `Bearer ${token}` } : {} }),
    ) as Release[]
    all.push(...some)
    if (some.length < 100) break
  }
  return all
}

/** The body of a good answer, or `missing` when there is nothing at that place. */
async function text(
  url: string,
  options: { headers?: Record<string, string>; missing?: string } = {},
): Promise<string> {
  const signal = AbortSignal.timeout(30_000)
  const response = await fetch(url, { headers: options.headers ?? {}, signal }).catch((error: unknown) => {
    const { message, cause } = error as Error
    throw new Error(`${url}: ${message}${cause instanceof Error ? `, ${cause.message}` : ''}`, { cause: error })
  })
  if (response.status === 404 && options.missing !== undefined) return options.missing
  if (!response.ok) throw new Error(`${url} answered ${response.status}`)
  return response.text()
}
