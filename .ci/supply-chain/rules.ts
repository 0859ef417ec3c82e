// The rules for what is taken in, as functions over package.json, package-lock.json and dist/licenses.txt.

/** What is read of a package.json. */
export interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly overrides?: Readonly<Record<string, unknown>>
}

/** What is read of a package-lock.json. */
export interface Lockfile {
  readonly packages: Readonly<
    Record<
      string,
      {
        readonly version?: string
        readonly integrity?: string
        readonly link?: boolean
        readonly dev?: boolean
        readonly optional?: boolean
        readonly license?: string
        readonly hasInstallScript?: boolean
      }
    >
  >
}

/** Licences under which something may be in dist/: they ask for no more than to be named, which dist/licenses.txt does. */
export const allowedLicences: ReadonlySet<string> = new Set([
  'MIT',
  'ISC',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'Unlicense',
  'BlueOak-1.0.0',
])

/**
 * Packages that may declare a script for install time. None of these runs, because `.npmrc` says `ignore-scripts`; each was looked at
 * and works without.
 */
export const allowedInstallScripts: ReadonlySet<string> = new Set<string>([])

/** Dependencies that are not one exact version. */
export function pinProblems(manifest: Manifest): string[] {
  const { dependencies, devDependencies, optionalDependencies, overrides } = manifest
  return Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies, ...overrides })
    .filter(([, version]) => typeof version !== 'string' || !/^\d+\.\d+\.\d+(-[\w.-]+)?$/.test(version))
    .map(
      ([name, version]) => `package.json: "${name}" is ${JSON.stringify(version)}, which is no exact version: pin it`,
    )
}

/** Locked packages that come without a hash. */
export function lockProblems({ packages }: Lockfile): string[] {
  return Object.entries(packages)
    .filter(([path, { integrity, link }]) => path !== '' && !link && !integrity)
    .map(([path]) => `package-lock.json: ${path} has no hash: lock it again with \`npm install\``)
}

/** An `.npmrc` with which npm would run what packages bring for install time. */
export function npmrcProblems(npmrc: string): string[] {
  return /^ignore-scripts=true$/m.test(npmrc)
    ? []
    : ['.npmrc does not say `ignore-scripts=true`: npm would run scripts']
}

/** Packages that would run code when they are installed, and that nobody has allowed. */
export function installScriptProblems(
  { packages }: Lockfile,
  allowed: ReadonlySet<string> = allowedInstallScripts,
): string[] {
  return Object.entries(packages)
    .filter(([path, { hasInstallScript }]) => hasInstallScript === true && !allowed.has(nameOf(path)))
    .map(
      ([path, { version }]) =>
        `${nameOf(path)} ${version} has an install script: read it, see that the package works without, and add it to allowedInstallScripts in .ci/supply-chain/rules.ts`,
    )
}

/** Packages in the bundle whose licence is not allowed or not told, as the bundler wrote them down. */
export function licenceProblems(licences: string, lock: Lockfile): string[] {
  const bundled = bundledPackages(licences, lock)
  if (bundled.length === 0) return ['dist/licenses.txt names no package: run `npm run build`']
  return bundled
    .filter(({ licence }) => !allowedLicences.has(licence))
    .map(
      ({ name, licence }) =>
        `${name} is in dist/ under ${licence === '' ? 'no known licence' : `"${licence}"`}: replace it, or add the licence to allowedLicences in .ci/supply-chain/rules.ts`,
    )
}

/** The packages that the bundler says are in dist/: a name that the lockfile knows, its licence in the next line, then the text. */
export function bundledPackages(licences: string, { packages }: Lockfile): { name: string; licence: string }[] {
  const names = new Set(Object.keys(packages).filter(Boolean).map(nameOf))
  const lines = licences.split('\n')
  return lines.flatMap((name, index) =>
    names.has(name) && (lines[index - 1] ?? '') === '' ? [{ name, licence: (lines[index + 1] ?? '').trim() }] : [],
  )
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
}
