import { locateManifest } from '../cluster/objects.ts'
import { dryRunArguments, type UpgradeRequest } from '../helm/argv.ts'
import type { Problem } from '../platform/errors.ts'
import { toRecord, type RawRelease, type ReleaseRecord } from '../release/record.ts'
import { presentRevision } from '../release/state.ts'
import { foreignOwnerProblem } from './foreign-owners.ts'
import { learnSecrets } from './learn-secrets.ts'
import { readStanding, type Standing } from './look.ts'
import { nothing, rejectedWith, type TransactionResult } from './outcome.ts'
import { liveObjectsProblem, planFallback, type Fallback } from './plan.ts'
import { runHelm, type OnPhase, type Session } from './session.ts'
import { takeSnapshot } from './snapshot.ts'
import { verifyManifest } from './verify.ts'
import { refusedByHelm, withChart } from './with-chart.ts'

/**
 * `mode: plan`: what a deploy would change, by Helm's dry run on the server, and where the cluster differs from what is deployed. Takes
 * no lock and changes nothing; a deploy that would be rejected is rejected here.
 */
export async function planDeploy(
  session: Session,
  request: UpgradeRequest,
  onPhase: OnPhase,
): Promise<TransactionResult> {
  return withChart(session, request, onPhase, async (ready) => {
    onPhase('look at the release')
    const standing = await readStanding(session)
    onPhase('plan')
    const { error, stdout } = await runHelm(session, 'dry-run', dryRunArguments(ready))
    if (error) return refusedByHelm(session, ready, error)
    const planned = toRecord(JSON.parse(stdout) as RawRelease)
    learnSecrets(session, planned)
    const problem = await obstacle(session, standing, planned)
    if (problem) return rejectedWith(problem)
    const compared = await compareWithDeployed(session, standing)
    const revision = presentRevision(standing.entries)
    return { ...nothing, ...compared, status: 'planned', planned, revision }
  })
}

/** For what a deploy would be rejected: objects that are somebody else's, or that are there without a release. */
async function obstacle(
  { client, discovery, target }: Session,
  { state }: Standing,
  planned: ReleaseRecord,
): Promise<Problem | null> {
  const located = await locateManifest(discovery, planned.manifest, target.namespace)
  const snapshot = await takeSnapshot(client, located)
  if (state.kind === 'absent') return liveObjectsProblem(snapshot, target.release)
  return foreignOwnerProblem(snapshot, target.release, target.namespace)
}

type Compared = Pick<TransactionResult, 'before' | 'drifted' | 'warnings'>

async function compareWithDeployed(session: Session, { state, entries }: Standing): Promise<Compared> {
  const { client, discovery, target } = session
  const fallback = planFallback(state, target.release, target.namespace)
  // A deploy of now would wait or recover first: what it would change is the same.
  const locked = 'problem' in fallback ? [`${fallback.problem}: a deploy would first wait for it, or recover it`] : []
  const good = state.kind === 'absent' || state.kind === 'uninstalling' ? null : state.good
  if (!good) return { before: null, drifted: null, warnings: locked }
  learnSecrets(session, good)
  const objects = await locateManifest(discovery, good.manifest, target.namespace)
  const { drifts } = await verifyManifest(client, objects, target.namespace)
  const to: Fallback = { kind: 'rollback', to: good }
  const before = {
    fallback: to,
    lastRevision: entries.at(-1)?.revision ?? 0,
    objects: new Map(),
    everything: new Map(),
  }
  return { before, drifted: drifts, warnings: locked }
}
