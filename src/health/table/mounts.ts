import { triesOf } from '../observed.ts'
import { seconds, type PodRow, type Sight } from '../row.ts'

const kubelet = 'Kubernetes pkg/kubelet/events/event.go'

/**
 * What keeps a pod's volumes and sandbox from being made. Its status does not tell why, so this comes from its events: without the
 * right to read them it stays unknown until the timeout.
 */
export const mountRows: readonly PodRow[] = [
  mountRow({
    id: 'D01',
    class: 'missing-config',
    sign: 'event FailedMount: a ConfigMap or Secret is not found',
    graceSeconds: 45,
    advice: 'Create the ConfigMap or Secret, or correct its name in the values',
    read: (message) => {
      const absent = /\b(secret|configmap) "([^"]+)" not found/i.exec(message)
      if (!absent) return null
      const kind = kindOf(absent[1])
      return {
        cause: `${volumeIn(message)} needs the ${kind} ${absent[2]}, which does not exist`,
        advice: `Create the ${kind}, or correct its name in the values`,
        missing: { kind, name: absent[2] ?? '' },
      }
    },
  }),
  mountRow({
    id: 'D02',
    class: 'missing-config',
    sign: 'event FailedMount: a ConfigMap or Secret lacks a key',
    graceSeconds: 45,
    advice: 'Add the key to the ConfigMap or Secret, or correct its name in the values',
    read: (message) => {
      const key = /references non-existent (secret|config) key: (\S+)/.exec(message)
      if (!key) return null
      const kind = kindOf(key[1])
      return {
        cause: `${volumeIn(message)} needs the key ${key[2]} of a ${kind} that has no such key`,
        advice: `Add the key to the ${kind}, or correct its name in the values`,
      }
    },
  }),
  mountRow({
    id: 'D04',
    class: 'volume',
    sign: 'event FailedAttachVolume: Multi-Attach error',
    graceSeconds: 120,
    advice: 'Use the strategy `Recreate`: a ReadWriteOnce volume cannot be on two nodes',
    read: (message) =>
      /Multi-Attach error/.test(message)
        ? { cause: `${volumeIn(message)} is still attached to another node: ${message}` }
        : null,
  }),
  mountRow({
    id: 'D09',
    class: 'volume',
    sign: 'event FailedMount: the CSI driver is not on the node',
    graceSeconds: 30,
    advice: 'Install the CSI driver on the nodes, or use another StorageClass',
    read: (message) =>
      /not found in the list of registered CSI drivers/.test(message)
        ? { cause: `${volumeIn(message)} needs a CSI driver that the node does not have: ${message}` }
        : null,
  }),
  mountRow({
    id: 'D08',
    class: 'sandbox',
    sign: 'event FailedCreatePodSandBox: network plugin, runtime class, no address left',
    graceSeconds: 60,
    advice: 'Look at the network plugin and the container runtime of the node',
    reasons: /^FailedCreatePodSandBox$/,
    read: (message) => ({ cause: `the node cannot make the pod's sandbox: ${message}` }),
  }),
  mountRow({
    id: 'D03',
    class: 'volume',
    sign: 'event FailedMount or FailedAttachVolume for any other reason',
    graceSeconds: 150,
    advice: 'Look at the volume, its claim and its driver',
    read: (message) => ({ cause: `${volumeIn(message)} cannot be mounted: ${message}` }),
  }),
]

function mountRow(row: {
  readonly id: string
  readonly class: PodRow['class']
  readonly sign: string
  readonly graceSeconds: number
  readonly advice: string
  readonly reasons?: RegExp
  readonly read: (message: string) => Sight | null
}): PodRow {
  const reasons = row.reasons ?? /^(FailedMount|FailedAttachVolume|FailedMapVolume)$/
  return {
    id: row.id,
    class: row.class,
    sign: row.sign,
    severity: seconds(row.graceSeconds),
    advice: row.advice,
    source: kubelet,
    see: (_pod, { ofPod }) => {
      const failed = ofPod.findLast(({ reason }) => reasons.test(reason ?? ''))
      const message = failed?.message ?? ''
      // A race of the kubelet's cache that mends itself (kubernetes#74755).
      if (!failed || /failed to sync .* cache/i.test(message)) return null
      const sight = row.read(message)
      return sight && { ...sight, detail: sight.missing ? message : '', tries: triesOf(failed) }
    },
  }
}

function volumeIn(message: string): string {
  const volume = /for volume "([^"]+)"/.exec(message)?.[1]
  return volume ? `volume ${volume}` : 'a volume'
}

function kindOf(word: string | undefined): 'Secret' | 'ConfigMap' {
  return word?.toLowerCase() === 'secret' ? 'Secret' : 'ConfigMap'
}
