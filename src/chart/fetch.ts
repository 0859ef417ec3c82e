import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runHelm, type Session } from '../deploy/session.ts'
import { argumentsFor, type HelmCommand } from '../helm/extra-args.ts'
import type { ChartSource } from '../inputs/files.ts'
import type { Inputs } from '../inputs/inputs.ts'
import { describeError, type Problem } from '../platform/errors.ts'
import { fetchLimitMs, openAccess, registryOf, type ChartAccess } from './access.ts'
import { missingDependencies } from './dependencies.ts'

/** A chart that is on this machine, whole; its digest is null for a directory. */
export interface FetchedChart {
  readonly kind: 'ready'
  readonly chart: ChartSource
  /** `sha256:…`: of the OCI manifest, or of the archive. */
  readonly digest: string | null
}

/** Why there is no chart: a mistake of the user's, with what was found all the same, or an error of Helm's. */
export type NoChart =
  | { readonly kind: 'problem'; readonly problem: Problem; readonly digest: string | null }
  | { readonly kind: 'helm'; readonly error: string }

/** The commands of Helm that bringing this chart here and deploying it takes. */
export function commandsFor(chart: ChartSource, { repo, repoUsername }: Inputs): HelmCommand[] {
  const isRemote = chart.kind === 'oci' || chart.kind === 'repository'
  // A lock that cannot be read is told when it is needed.
  const missing = chart.kind === 'directory' ? readDependencies(chart.reference) : null
  const builds = missing !== null && 'names' in missing
  const login = registryOf(chart, repo).startsWith('oci://') ? 'login' : 'repository'
  return [
    'upgrade',
    'template',
    ...(isRemote ? (['pull'] as const) : []),
    ...(builds ? (['dependencies'] as const) : []),
    ...(repoUsername && (isRemote || builds) ? ([login] as const) : []),
  ]
}

/**
 * Brings the chart to this machine, once, so that what is looked at is what is deployed: pulls it, or builds the dependencies that its
 * lock asks for, and compares its digest with the one that is wanted.
 */
export async function fetchChart(session: Session, chart: ChartSource): Promise<FetchedChart | NoChart> {
  const fetched = await bring(session, chart)
  const wanted = session.inputs.chartDigest
  if (fetched.kind !== 'ready' || !wanted || fetched.digest === wanted) return fetched
  const problem = {
    problem: `\`chart-digest\`: the chart is not ${wanted} but ${fetched.digest ?? 'one of unknown digest'}`,
    remedy: 'Do not deploy it before it is clear why; correct `chart-digest` if the chart was changed on purpose',
  }
  return { kind: 'problem', problem, digest: fetched.digest }
}

async function bring(session: Session, chart: ChartSource): Promise<FetchedChart | NoChart> {
  switch (chart.kind) {
    case 'directory':
      return buildDependencies(session, chart)
    case 'archive':
      return { kind: 'ready', chart, digest: archiveDigest(chart.reference) }
    case 'oci':
    case 'repository':
      return pull(session, chart)
  }
}

async function buildDependencies(session: Session, chart: ChartSource): Promise<FetchedChart | NoChart> {
  const missing = readDependencies(chart.reference)
  if (missing && 'problem' in missing) return { kind: 'problem', problem: missing, digest: null }
  if (!missing) return { kind: 'ready', chart, digest: null }
  const access = await openAccess(session, chart, missing.repositories)
  if (access && 'error' in access) return { kind: 'helm', error: access.error }
  session.log.line(`dependencies by Chart.lock: ${missing.names.join(', ')}`)
  const args = ['dependency', 'build', chart.reference, ...argumentsFor('dependencies', session.inputs.helmArgs)]
  const { error, stdout } = await runHelm(session, 'dependencies', args, optionsOf(access))
  if (error) return { kind: 'helm', error: [...unreadRepositories(stdout), error].join('\n') }
  return { kind: 'ready', chart, digest: null }
}

/** What Helm says on its standard output about repositories that it could not read, before it fails for want of their index. */
function unreadRepositories(stdout: string): string[] {
  const found = stdout.matchAll(/^\.{3}Unable to get an update from the "[^"]*" chart repository \((.*)\):\s+(.+)/gm)
  return Array.from(found, ([, url = '', why = '']) => `the repository ${url} cannot be read: ${why}`)
}

function readDependencies(chart: string): ReturnType<typeof missingDependencies> | Problem {
  try {
    return missingDependencies(chart)
  } catch (error) {
    return { problem: `Chart.lock cannot be read: ${describeError(error)}`, remedy: 'Run `helm dependency update`' }
  }
}

async function pull(session: Session, chart: ChartSource): Promise<FetchedChart | NoChart> {
  const access = await openAccess(session, chart, [])
  if (access && 'error' in access) return { kind: 'helm', error: access.error }
  const { chartVersion, repo, helmArgs } = session.inputs
  const folder = join(session.folder, 'chart')
  mkdirSync(folder, { mode: 0o700 })
  const name = access?.repository ? `${access.repository}/${chart.reference}` : chart.reference
  const args = [
    'pull',
    name,
    `--destination=${folder}`,
    ...(chartVersion ? [`--version=${chartVersion}`] : []),
    ...(chart.kind === 'repository' && !access?.repository ? [`--repo=${repo}`] : []),
    ...argumentsFor('pull', helmArgs),
  ]
  const { error, stdout, stderr } = await runHelm(session, 'pull', args, optionsOf(access))
  if (error) return { kind: 'helm', error }
  const archive = readdirSync(folder).find((file) => file.endsWith('.tgz'))
  if (!archive) return { kind: 'helm', error: `helm pull left no archive of ${chart.reference}` }
  const path = join(folder, archive)
  const manifest = /^Digest: (sha256:[0-9a-f]{64})$/m.exec(`${stdout}\n${stderr}`)?.[1]
  const digest = chart.kind === 'oci' ? (manifest ?? null) : archiveDigest(path)
  session.log.line(`chart ${archive}, ${digest ?? 'of unknown digest'}`)
  return { kind: 'ready', chart: { reference: path, kind: 'archive' }, digest }
}

function optionsOf(access: ChartAccess | null): { limitMs: number; env?: ChartAccess['env'] } {
  return { limitMs: fetchLimitMs, ...(access ? { env: access.env } : {}) }
}

function archiveDigest(path: string): string {
  return `sha256:${createHash('sha256').update(readFileSync(path)).digest('hex')}`
}
