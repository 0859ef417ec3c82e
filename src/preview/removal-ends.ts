import { whatBlocks, type Namespace } from '../cluster/namespaces.ts'
import { nothing, type TransactionResult } from '../deploy/outcome.ts'
import type { Session } from '../deploy/session.ts'
import type { NotUndone } from '../report/model.ts'
import { remainsOfNamespace, type Remains } from './remains.ts'
import { readClaims, volumesLeft, type BoundClaim } from './volumes.ts'

/** What a removal came to, but for the volumes. */
export interface Ending {
  /** What outlives it outside of the namespace. */
  readonly outside: readonly NotUndone[]
  /** The claims that were in the namespace before, with what could not be read of them. */
  readonly volumes: { readonly claims: readonly BoundClaim[]; readonly warnings: readonly string[] }
  /** Ms since 1970, by this machine's clock. */
  readonly deadline: number
  readonly changed: boolean
}

/** The preview is gone, namespace and all; its volumes are waited for. */
export async function previewGone(
  session: Session,
  { outside, volumes, deadline, changed }: Ending,
): Promise<TransactionResult> {
  const { release, namespace } = session.target
  const left = await volumesLeft(session, volumes.claims, deadline)
  const warnings = [...volumes.warnings, ...left.warnings]
  return removed(session, [...outside, ...left.stay], warnings, {
    changed,
    reason: `${release} and all that it had in ${namespace} is gone.`,
  })
}

/** The release is gone, and its namespace stays: for other releases, or because it is not ours. Claims that are still there are theirs. */
export async function releaseGone(
  session: Session,
  { outside, volumes, deadline, changed }: Ending,
  { warnings, others }: { readonly warnings: readonly string[]; readonly others: readonly string[] },
): Promise<TransactionResult> {
  const { release, namespace } = session.target
  const still = volumes.claims.length > 0 ? (await readClaims(session)).claims.map(({ uid }) => uid) : []
  const gone = volumes.claims.filter(({ uid }) => !still.includes(uid))
  const left = await volumesLeft(session, gone, deadline)
  const stays = others.length > 0 ? `; the namespace ${namespace} stays for ${others.join(', ')}` : ''
  return removed(session, [...outside, ...left.stay], [...warnings, ...volumes.warnings, ...left.warnings], {
    changed,
    reason: `${release} is gone${stays}.`,
  })
}

function removed(
  { log }: Session,
  stay: readonly NotUndone[],
  warnings: readonly string[],
  end: Pick<TransactionResult, 'changed' | 'reason'>,
): TransactionResult {
  for (const warning of warnings) log.warning(warning)
  for (const { object, why } of stay) log.warning(`${object.kind} ${object.name} stays: ${why}`)
  return {
    ...nothing,
    ...end,
    status: 'removed',
    undo: stay.length > 0 ? { result: 'none', report: null, notUndone: stay, remarks: [], noReturn: null } : null,
    warnings,
  }
}

/** The release, or something of it, does not go. */
export function releaseStays(session: Session, error: string, remains: Remains, startedAt: number): TransactionResult {
  const { release, namespace } = session.target
  const reason = `${release} cannot be removed: ${namesOf(remains) || error}`
  const commands = [...remains.commands, `helm -n ${namespace} uninstall ${release} --wait`]
  return unremoved(session, { reason, error: error || reason, commands, drifts: remains.drifts }, startedAt)
}

/** The namespace does not go: what holds it up is named. */
export async function namespaceStays(session: Session, left: Namespace, startedAt: number): Promise<TransactionResult> {
  const name = left.metadata.name
  const remains = await remainsOfNamespace(session)
  const why = namesOf(remains) || whatBlocks(left) || 'it is still there'
  const reason = `the namespace ${name} does not go: ${why}`
  const commands = [...remains.commands, `kubectl get namespace ${name} -o yaml`]
  return unremoved(session, { reason, error: why, commands, drifts: remains.drifts }, startedAt)
}

/** The credentials may not delete the namespace. */
export function namespaceRefused(session: Session, why: string, startedAt: number): TransactionResult {
  const { namespace } = session.target
  const reason = `the namespace ${namespace} may not be deleted: ${why}`
  return unremoved(
    session,
    { reason, error: why, commands: [`kubectl delete namespace ${namespace}`], drifts: [] },
    startedAt,
  )
}

function namesOf({ drifts }: Remains): string {
  return drifts.map(({ object, details }) => `${object.kind} ${object.name} (${details.join(', ')})`).join(', ')
}

interface Unremoved extends Remains {
  readonly reason: string
  readonly error: string
}

/** A removal that did not come to its end needs a person, or the next run. */
function unremoved(
  { clock, log }: Session,
  { reason, error, commands, drifts }: Unremoved,
  startedAt: number,
): TransactionResult {
  log.line(reason, 'bad')
  const report = {
    action: 'remove' as const,
    toRevision: null,
    durationMs: clock.now() - startedAt,
    checkedObjects: 0,
    drifts,
    error,
    commands,
  }
  const undo = { result: 'failed' as const, report, notUndone: [], remarks: [], noReturn: null }
  return { ...nothing, status: 'rollback-failed', changed: true, reason, undo }
}
