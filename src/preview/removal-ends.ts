import { whatBlocks, type Namespace } from '../cluster/namespaces.ts'
import { nothing, type TransactionResult } from '../deploy/outcome.ts'
import type { Session } from '../deploy/session.ts'
import type { NotUndone } from '../report/model.ts'
import { remainsOfNamespace, type Remains } from './remains.ts'

/** The preview is gone; `stay` is what outlives it, which is told. */
export function removed(
  { target, log }: Session,
  stay: readonly NotUndone[],
  warnings: readonly string[],
  changed: boolean,
): TransactionResult {
  for (const warning of warnings) log.warning(warning)
  for (const { object, why } of stay) log.warning(`${object.kind} ${object.name} stays: ${why}`)
  return {
    ...nothing,
    status: 'removed',
    changed,
    reason: `${target.release} and all that it had in ${target.namespace} is gone.`,
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
  const why = [whatBlocks(left), namesOf(remains)].filter(Boolean).join('; ') || 'it is still there'
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
