import { locateManifest } from '../cluster/objects.ts'
import type { ReleaseRecord } from '../release/record.ts'
import { asManifest } from './measure.ts'
import { observeRecord } from './release-objects.ts'
import type { Session } from './session.ts'
import { undoDeploy, type UndoResult } from './undo.ts'

/** A rollback of which nobody knows how everything was before: the manifest of its target is the measure. */
export interface WayBack {
  readonly to: ReleaseRecord
  /** The revision that is gone back from. */
  readonly failed: ReleaseRecord
  /** The API server's time when that one began, ms since 1970. */
  readonly since: number
  /** Somebody asked for it: see `UndoRequest`. */
  readonly isByHand: boolean
}

/** Goes back to a revision, and makes sure of it; what was begun is in the journal, so that the post step can go on with it. */
export async function goWayBack(session: Session, { to, failed, since, isByHand }: WayBack): Promise<UndoResult> {
  const { journal, discovery, observer, target } = session
  const objects = await locateManifest(discovery, to.manifest, target.namespace)
  journal.note({ wayBack: { to: to.revision, failed: failed.revision, since, isByHand } })
  observer.begin()
  await observeRecord(session, failed)
  const measure = asManifest(session, objects)
  return undoDeploy(session, {
    fallback: { kind: 'rollback', to },
    failed,
    before: new Map(),
    measure,
    since,
    isByHand,
  })
}
