import type { LocatedObject } from '../cluster/discovery.ts'
import { locateManifest } from '../cluster/objects.ts'
import { dryRunArguments, templateArguments, type UpgradeRequest } from '../helm/argv.ts'
import type { Problem } from '../platform/errors.ts'
import { toRecord, type RawRelease, type ReleaseRecord, type RevisionEntry } from '../release/record.ts'
import { readGood } from '../release/records.ts'
import { releaseState, type ReleaseState } from '../release/state.ts'
import { foreignOwnerProblem } from './foreign-owners.ts'
import { learnSecrets } from './learn-secrets.ts'
import { liveObjectsProblem, planFallback, type Fallback } from './plan.ts'
import { locateHooks, observeRecord, splitHooks } from './release-objects.ts'
import type { ObjectToWatch } from './observer.ts'
import { runHelm, type Session } from './session.ts'
import { takeSnapshot, type Snapshot } from './snapshot.ts'

/** How the release and its objects are before the deploy. */
export interface Before {
  readonly fallback: Fallback
  /** The newest revision, whatever its status; 0 when there is none. */
  readonly lastRevision: number
  /** The deployed revision's objects as they are. */
  readonly objects: Snapshot
  /** The same with hook objects. */
  readonly everything: Snapshot
}

/** What the storage says of a release. */
export interface Standing {
  readonly state: ReleaseState
  /** Oldest first. */
  readonly entries: readonly RevisionEntry[]
  /** Revisions that may be better ones and cannot be read. */
  readonly skipped: readonly RevisionEntry[]
  /** The version of the storage list, to watch from. */
  readonly version: string
}

/** Why nothing may be deployed: problems of the user's, or an error of Helm's. */
export type Refusal =
  | { readonly kind: 'problems'; readonly problems: readonly Problem[] }
  | { readonly kind: 'helm'; readonly error: string }

/** Reads the state of a release from its records. */
export async function readStanding(session: Session): Promise<Standing> {
  const { entries, version } = await session.storage.list()
  const { good, skipped } = await readGood(session.storage, entries)
  const state = releaseState(entries, good)
  session.log.line(`release ${session.target.release}: ${state.reason}`)
  return { state, entries, skipped, version }
}

/** Reads how a release's objects are, and starts watching them; changes nothing. */
export async function lookAtRelease(
  session: Session,
  request: UpgradeRequest,
  { state, entries }: Standing,
): Promise<Before | Refusal> {
  const { storage, target, client } = session
  const fallback = planFallback(state, target.release, target.namespace)
  if ('problem' in fallback) return { kind: 'problems', problems: [fallback] }
  const lastRevision = entries.at(-1)?.revision ?? 0
  if (fallback.kind === 'uninstall') return firstInstall(session, request, { fallback, lastRevision })

  const reference =
    fallback.kind === 'rollback' ? fallback.to : await storage.read(entries.at(-1) as (typeof entries)[number])
  learnSecrets(session, reference)
  const [located, hooks] = await Promise.all([
    locateManifest(session.discovery, reference.manifest, target.namespace),
    locateHooks(session, reference.hooks),
    observeRecord(session, reference),
  ])
  const everything = await takeSnapshot(client, located, toObjects(hooks))
  const objects = only(everything, located)
  const foreign = foreignOwnerProblem(everything, target.release, target.namespace)
  if (foreign) return { kind: 'problems', problems: [foreign] }
  return { fallback, lastRevision, objects, everything }
}

/** A first install must not go over objects that exist, so the chart is rendered and they are looked for first. */
async function firstInstall(
  session: Session,
  request: UpgradeRequest,
  facts: Omit<Before, 'objects' | 'everything'>,
): Promise<Before | Refusal> {
  const { discovery, target, client } = session
  const rendered = await renderFirst(session, request)
  if ('error' in rendered) return { kind: 'helm', error: rendered.error }
  learnSecrets(session, rendered)
  const [objects, hooks] = await Promise.all([
    locateManifest(discovery, rendered.manifest, target.namespace),
    locateHooks(session, rendered.hooks),
  ])
  const everything = await takeSnapshot(client, objects, toObjects(hooks))
  // Hook objects may be there, left by an earlier release of the name: Helm replaces them, and so they are not in the way.
  const problem = liveObjectsProblem(only(everything, objects), target.release)
  if (problem) return { kind: 'problems', problems: [problem] }
  return { ...facts, objects: new Map(), everything }
}

function toObjects(hooks: readonly ObjectToWatch[]): LocatedObject[] {
  return hooks.map(({ object }) => object)
}

/** The part of a snapshot that is about these objects. */
function only(snapshot: Snapshot, objects: readonly LocatedObject[]): Snapshot {
  const paths = new Set(objects.map(({ path }) => path))
  return new Map([...snapshot].filter(([path]) => paths.has(path)))
}

type Rendered = Pick<ReleaseRecord, 'manifest' | 'hooks'>

/** Rendered locally, which is quick; a chart that needs the server for it (`lookup`, its version of an API) is rendered there. */
async function renderFirst(session: Session, request: UpgradeRequest): Promise<Rendered | { readonly error: string }> {
  const { kubeVersion, discovery } = session
  const local = await runHelm(session, 'template', templateArguments(request, kubeVersion, await discovery.versions()))
  if (!local.error) return splitHooks(local.stdout)
  const { error, stdout } = await runHelm(session, 'dry-run', dryRunArguments(request))
  return error ? { error } : toRecord(JSON.parse(stdout) as RawRelease)
}
