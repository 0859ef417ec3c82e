import type { KubeEvent } from '../../cluster/types.ts'
import { eventTime, triesOf } from '../observed.ts'
import { seconds, type PodRow, type Sight } from '../row.ts'

const kubelet = 'Kubernetes pkg/kubelet/events/event.go'
/** A kubelet tries each volume again after at most 122 s: what did not fail for longer has got over it, if anything failed since. */
const retryMs = 130_000
/** What a kubelet says only when volumes and sandbox are there. */
const isMade = /^(Pulling|Pulled|Created|Started)$/

interface MountFacts {
  readonly id: string
  readonly class: PodRow['class']
  readonly sign: string
  readonly graceSeconds: number
  readonly advice: string
  readonly reasons?: RegExp
  readonly read: (message: string) => Sight | null
}

/** Mounts that fail for a reason that says what to do. */
const knownMounts: readonly MountFacts[] = [
  {
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
  },
  {
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
  },
  {
    id: 'D04',
    class: 'volume',
    sign: 'event FailedAttachVolume: Multi-Attach error',
    graceSeconds: 120,
    advice: 'Use the strategy `Recreate`: a ReadWriteOnce volume cannot be on two nodes',
    read: (message) =>
      /Multi-Attach error/.test(message)
        ? { cause: `${volumeIn(message)} is still attached to another node: ${message}` }
        : null,
  },
  {
    id: 'D09',
    class: 'volume',
    sign: 'event FailedMount: the CSI driver is not on the node',
    graceSeconds: 30,
    advice: 'Install the CSI driver on the nodes, or use another StorageClass',
    read: (message) =>
      /not found in the list of registered CSI drivers/.test(message)
        ? { cause: `${volumeIn(message)} needs a CSI driver that the node does not have: ${message}` }
        : null,
  },
]

/**
 * What keeps a pod's volumes and sandbox from being made. Its status does not tell why, so this comes from its events: without the
 * right to read them it stays unknown until the timeout.
 */
export const mountRows: readonly PodRow[] = [
  ...knownMounts.map(mountRow),
  mountRow({
    id: 'D08',
    class: 'sandbox',
    sign: 'event FailedCreatePodSandBox: network plugin, runtime class, no address left',
    graceSeconds: 60,
    advice: 'Look at the network plugin and the container runtime of the node',
    reasons: /^FailedCreatePodSandBox$/,
    // Each try makes another sandbox, whose id tells nothing.
    read: (message) => ({
      cause: `the node cannot make the pod's sandbox: ${message.replace(/ for sandbox "[0-9a-f]{12,}"/, '')}`,
    }),
  }),
  mountRow({
    id: 'D03',
    class: 'volume',
    sign: 'event FailedMount or FailedAttachVolume for any other reason',
    graceSeconds: 150,
    advice: 'Look at the volume, its claim and its driver',
    read: (message) =>
      knownMounts.some(({ read }) => read(message))
        ? null
        : { cause: `${volumeIn(message)} cannot be mounted: ${message}` },
  }),
]

function mountRow(row: MountFacts): PodRow {
  const reasons = row.reasons ?? /^(FailedMount|FailedAttachVolume|FailedMapVolume)$/
  return {
    id: row.id,
    class: row.class,
    sign: row.sign,
    severity: seconds(row.graceSeconds),
    advice: row.advice,
    source: kubelet,
    see: (_pod, { ofPod }) => {
      const since = ofPod.findLastIndex(({ reason }) => isMade.test(reason ?? '')) + 1
      const failed = ofPod.slice(since).filter(({ reason }) => reasons.test(reason ?? ''))
      const last = failed.at(-1)
      if (!last) return null
      const sights = [...Map.groupBy(failed, subjectOf)].flatMap(([subject, events]) => {
        const own = events.flatMap((event) => {
          // A race of the kubelet's cache that mends itself (kubernetes#74755).
          const sight = /failed to sync .* cache/i.test(event.message ?? '') ? null : row.read(event.message ?? '')
          return sight ? [{ event, sight }] : []
        })
        const newest = own.at(-1)
        if (!newest || eventTime(newest.event) < eventTime(last) - retryMs) return []
        // The id of a sandbox is in the message, so that each try may be an event of its own.
        const firstMs = Math.min(...own.map(({ event }) => triesOf(event).firstMs))
        const { sight } = newest
        const detail = sight.missing ? (newest.event.message ?? '') : ''
        return [{ ...sight, subject, detail, tries: { firstMs, lastMs: eventTime(newest.event) } }]
      })
      return sights.length > 0 ? sights : null
    },
  }
}

/** The volume that an event is about, as all pods of a revision call it; empty for all volumes, and for the sandbox. */
function subjectOf({ message }: KubeEvent): string {
  const volume = /for volume "([^"]+)"/.exec(message ?? '')?.[1] ?? ''
  return volume.replace(/^(pvc|kube-api-access)-.*/, '$1')
}

function volumeIn(message: string): string {
  const volume = /for volume "([^"]+)"/.exec(message)?.[1]
  return volume ? `volume ${volume}` : 'a volume'
}

function kindOf(word: string | undefined): 'Secret' | 'ConfigMap' {
  return word?.toLowerCase() === 'secret' ? 'Secret' : 'ConfigMap'
}
