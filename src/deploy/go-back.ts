import { refText } from '../cluster/manifest.ts'
import type { Problem } from '../platform/errors.ts'
import { isGood, presentRevision } from '../release/state.ts'
import type { ReleaseRecord } from '../release/record.ts'
import { learnSecrets } from './learn-secrets.ts'
import { readStanding, type Standing } from './look.ts'
import { nothing, rejectedWith, stopped, type TransactionResult } from './outcome.ts'
import type { Opened } from './open-release.ts'
import { heldByOthers } from './recover.ts'
import type { OnPhase, Session } from './session.ts'
import { goWayBack } from './way-back.ts'

/** `mode: rollback`: goes back to a revision and makes sure that it is back: every object as its manifest says, every workload complete. */
export async function goBack(session: Session, opened: Opened, onPhase: OnPhase): Promise<TransactionResult> {
  const { storage, inputs, log } = session
  onPhase('look at the release')
  const standing = await readStanding(session)
  // What a dead run left pending is gone back from like any revision; what a living one works on is not touched.
  const held = await heldByOthers(session, opened, standing)
  const chosen = held ?? (await chooseTarget(session, standing))
  if ('problem' in chosen) return rejectedWith(chosen)
  const { to, warnings } = chosen
  for (const warning of warnings) log.warning(warning)
  const entry = standing.entries.at(-1) as Standing['entries'][number]
  const present = await storage.read(entry)
  learnSecrets(session, present)
  learnSecrets(session, to)
  if (session.stop.aborted) return stopped(session, null)
  onPhase('roll back')
  const undo = await goWayBack(session, { to, failed: present, since: session.client.now(), isByHand: true })
  const now = await readStanding(session)
  return {
    ...nothing,
    status: undo.noReturn ? 'kept' : undo.result === 'failed' ? 'rollback-failed' : 'rolled-back',
    reason: undo.noReturn
      ? `${refText(undo.noReturn)} is a point of no return and still runs: nothing was done`
      : undo.result === 'failed'
        ? `revision ${to.revision} is not back: ${undo.report?.error ?? 'see the report'}`
        : `${inputs.release} is back on revision ${to.revision}, and that was checked`,
    undo,
    revision: presentRevision(now.entries),
    warnings: [...warnings, ...undo.remarks],
  }
}

interface Target {
  readonly to: ReleaseRecord
  readonly warnings: readonly string[]
}

async function chooseTarget({ storage, inputs, target }: Session, standing: Standing): Promise<Target | Problem> {
  const { entries, state } = standing
  const { release, namespace } = target
  if (state.kind === 'absent')
    return { problem: `There is no release "${release}" in ${namespace}`, remedy: 'Correct `release` or `namespace`' }
  const last = state.last
  if (inputs.revision !== null) {
    const entry = entries.find(({ revision }) => revision === inputs.revision)
    if (!entry) {
      const kept = entries.map(({ revision }) => revision).join(', ')
      return {
        problem: `\`revision\`: "${release}" has no revision ${inputs.revision}`,
        remedy: `Its history has ${kept}`,
      }
    }
    const to = await storage.read(entry)
    return { to, warnings: isGood(to) ? [] : [`revision ${entry.revision} was never good: ${to.description}`] }
  }
  const present = await storage.read(last)
  for (const entry of entries.filter(({ revision }) => revision < last.revision).toReversed()) {
    const to = await storage.read(entry)
    // A revision that is the same, such as the one that the present one was rolled back to, is no way back.
    if (isGood(to) && to.manifest !== present.manifest) return { to, warnings: [] }
  }
  return {
    problem: `"${release}" has no good revision before revision ${last.revision}`,
    remedy: 'Name one with `revision`, or deploy',
    command: `helm -n ${namespace} history ${release}`,
  }
}
