import type { Pod } from '../../cluster/types.ts'
import { atTimeout, type PodRow } from '../row.ts'

const scheduler = 'Kubernetes kube-scheduler, condition PodScheduled'

/** Why no node takes a pod, by the words of the scheduler; several can apply, the first that is seen names the advice. */
export const schedulingRows: readonly PodRow[] = [
  row(
    'C05',
    /persistentvolumeclaim "[^"]+" not found|unbound immediate PersistentVolumeClaims/,
    'a volume claim of the pod does not exist, or is not bound',
    'Create the claim, or correct its name and its StorageClass',
  ),
  row(
    'C06',
    /volume node affinity conflict|didn't match PersistentVolume's node affinity/,
    'the volume is bound to another node or zone',
    'Let the pod run where its volume is, or use a StorageClass that binds late (WaitForFirstConsumer)',
  ),
  row(
    'C02',
    /didn't match Pod's node (?:affinity|selector)|didn't match pod affinity rules/,
    'no node matches the node selector or the affinity',
    'Correct `nodeSelector` or `affinity`, or label a node',
  ),
  row(
    'C03',
    /untolerated taint/,
    'every node has a taint that the pod does not tolerate',
    'Add a toleration, or remove the taint from a node',
  ),
  row(
    'C01',
    /Insufficient \S+|Too many pods/,
    'no node has the CPU, memory or other resources that the pod asks for',
    'Ask for less in `resources.requests`, or add a node',
  ),
  row(
    'C04',
    /anti-affinity rules|topology spread constraints/,
    'anti-affinity or topology spread leaves no node',
    'Relax the rule, add a node, or set `maxSurge: 0` where there are as many replicas as nodes',
  ),
  row(
    'C08',
    /free ports/,
    'the host port is taken on every node',
    'Leave `hostPort` out, or set `maxSurge: 0` so that the old pod gives it up',
  ),
  row(
    'C09',
    /unschedulable|0 nodes available|no nodes available/,
    'all nodes are cordoned, or there is none',
    'Uncordon or add a node',
  ),
  row('C09', /.?/, 'the scheduler finds no node for any other reason', 'Read what the scheduler says about each node'),
  {
    id: 'C07',
    class: 'unschedulable',
    sign: 'scheduling is held back by a gate',
    severity: atTimeout,
    advice: 'Look at the controller that should remove the scheduling gate',
    source: 'Kubernetes pod scheduling readiness',
    see: (pod) =>
      notScheduled(pod, 'SchedulingGated') === null ? null : { cause: 'the pod is held back by a scheduling gate' },
  },
]

function row(id: string, pattern: RegExp, sign: string, advice: string): PodRow {
  return {
    id,
    class: 'unschedulable',
    sign: `PodScheduled=False: ${sign}`,
    severity: atTimeout,
    advice,
    source: scheduler,
    see: (pod, _events, { unschedulableGraceMs }) => {
      const message = notScheduled(pod, 'Unschedulable')
      if (message === null || !pattern.test(message)) return null
      return {
        cause: `no node can take the pod: ${withoutPreemption(message)}`,
        ...(unschedulableGraceMs === null ? {} : { severity: { kind: 'grace', afterMs: unschedulableGraceMs } }),
      }
    },
  }
}

function notScheduled(pod: Pod, reason: string): string | null {
  const condition = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled')
  return condition?.status === 'False' && condition.reason === reason ? (condition.message ?? '') : null
}

/** What the scheduler says of preemption is of no use to those who deploy. */
function withoutPreemption(message: string): string {
  return message.replace(/\s*(no new claims to deallocate, )?preemption: .*$/s, '').replace(/\.$/, '')
}
