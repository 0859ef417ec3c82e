import type { LocatedObject } from '../cluster/discovery.ts'
import { rollout } from '../health/rollout.ts'
import type { Session } from './session.ts'
import type { Snapshot } from './snapshot.ts'
import { verifyManifest, verifySnapshot, type Verification } from './verify.ts'

/** What "back" means for one undo: which objects there are then, and what each of them has to be like. */
export interface Measure {
  readonly objects: readonly LocatedObject[]
  /** Whether there was something at that path before, so that it is no left-over. */
  readonly existed: (path: string) => boolean
  /** Whether a workload has to be complete again. */
  readonly mustBeReady: (object: LocatedObject) => boolean
  readonly compare: () => Promise<Verification>
}

/** As it was before the deploy: what was broken then need not be whole now (ADR 4). */
export function asBefore({ client, target }: Session, snapshot: Snapshot): Measure {
  return {
    objects: [...snapshot.values()].map(({ object }) => object),
    existed: (path) => Boolean(snapshot.get(path)?.live),
    mustBeReady: (object) => {
      const earlier = snapshot.get(object.path)?.live
      return Boolean(earlier && rollout({ ...earlier, kind: object.kind }, false).done)
    },
    compare: () => verifySnapshot(client, snapshot, target.namespace),
  }
}

/** As the manifest says, where nobody knows how it was: a dead run has told nobody, and a rollback by hand has no before. */
export function asManifest({ client, target }: Session, objects: readonly LocatedObject[]): Measure {
  const paths = new Set(objects.map(({ path }) => path))
  return {
    objects,
    existed: (path) => paths.has(path),
    mustBeReady: () => true,
    compare: () => verifyManifest(client, objects, target.namespace),
  }
}
