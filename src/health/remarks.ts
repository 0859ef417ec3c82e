import { refText } from '../cluster/manifest.ts'
import type { KubeObject } from '../cluster/types.ts'
import { objectFaults } from './object-faults.ts'
import type { Observed, WatchedObject } from './observed.ts'
import { crashCount, podContainers } from './observed.ts'
import { ownedPods } from './ownership.ts'
import type { ObjectRow } from './row.ts'
import { timesText, titleOf } from './table/crashes.ts'
import { remark } from './table/remark.ts'
import { serviceRemarks } from './table/services.ts'
import { tuningOf } from './tuning.ts'

/** What Helm calls deployed although it does nothing, or is not as well as it looks: told as warnings, whatever else there is. */
export const remarkRows: readonly ObjectRow[] = [
  remark(
    'B10',
    ['Deployment'],
    'spec.paused: nothing rolls out',
    'Set `paused: false` when the change should take effect',
    ({ live }) => (live?.spec?.paused ? 'it is paused, so nothing of it rolls out' : null),
  ),
  remark(
    'B11',
    ['Deployment', 'StatefulSet'],
    'spec.replicas is 0',
    'Set `replicas` above 0, unless nothing should run',
    ({ live }) => (live?.spec?.replicas === 0 ? 'it is scaled to 0, so nothing of it runs' : null),
  ),
  remark('B11', ['DaemonSet'], 'no node matches', 'Check its node selector, affinity and tolerations', ({ live }) =>
    live?.status?.observedGeneration !== undefined && live.status.desiredNumberScheduled === 0
      ? 'it fits no node, so nothing of it runs'
      : null,
  ),
  remark(
    'B12',
    ['StatefulSet', 'DaemonSet'],
    'updateStrategy OnDelete: old pods stay',
    'Delete the old pods, or use RollingUpdate',
    (object, observed) =>
      object.live?.spec?.updateStrategy?.type === 'OnDelete' && ownedPods(observed, object).old.length > 0
        ? 'its update strategy is OnDelete, so old pods stay until somebody deletes them'
        : null,
  ),
  remark(
    'H04',
    ['Job', 'CronJob'],
    'spec.suspend: it does not run',
    'Set `suspend: false` when it should run',
    ({ live, manifest }) =>
      (live?.spec ?? (manifest.object as Suspendable).spec)?.suspend ? 'it is suspended, so it does not run' : null,
  ),
  remark(
    'H01',
    ['Job'],
    'a Job that the deploy does not wait for has failed',
    'Read the log of its last pod; set `wait-for-jobs: true` when it matters',
    ({ live, isNew }) =>
      isNew && live?.status?.conditions?.some(({ type, status }) => type === 'Failed' && status === 'True')
        ? 'it has failed meanwhile'
        : null,
  ),
  ...serviceRemarks,
  remark(
    'G01',
    ['Deployment', 'StatefulSet', 'DaemonSet'],
    'containers of the new pods have crashed on the way',
    'Read the log of the previous instance',
    crashed,
  ),
]

interface Suspendable extends KubeObject {
  readonly spec?: { readonly suspend?: boolean }
}

/** One sentence for each remark, with what to do: also for what has no pods and would have counted at the timeout. */
export function remarks(observed: Observed): string[] {
  const faults = observed.others.flatMap((object) => objectFaults(observed, object, tuningOf(object.manifest)))
  return [
    ...rowRemarks(observed),
    ...faults.map((one) => `${refText(one.object.manifest)}: ${one.cause}. ${one.advice}`),
  ]
}

function rowRemarks(observed: Observed): string[] {
  return [...observed.objects, ...observed.others]
    .filter(({ hookEvents }) => hookEvents.length === 0)
    .flatMap((object) =>
      remarkRows
        .filter(({ kinds }) => kinds.includes(object.manifest.kind))
        .flatMap((row) => {
          const sight = row.see(object, observed)
          return sight ? [`${refText(object.manifest)}: ${sight.cause}. ${row.advice}`] : []
        }),
    )
}

function crashed(object: WatchedObject, observed: Observed): string | null {
  const containers = ownedPods(observed, object)
    .fresh.filter(({ metadata }) => !metadata.deletionTimestamp)
    .flatMap((pod) => podContainers(pod).map((container) => ({ pod, container })))
    .filter(
      ({ container: { status, isInit, spec } }) =>
        crashCount(status) > 0 && (!isInit || spec?.restartPolicy === 'Always' || (status.restartCount ?? 0) > 0),
    )
  const [first] = containers.toSorted((a, b) => crashCount(b.container.status) - crashCount(a.container.status))
  if (!first) return null
  const { pod, container } = first
  return `${titleOf(container)} of pod ${pod.metadata.name} has crashed${timesText(crashCount(container.status)) || ' once'} on the way`
}
