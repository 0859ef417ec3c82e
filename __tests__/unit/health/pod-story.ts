// What one pod shows in the course of a rollout, as the API server would tell it: the steps of its life, with their seconds.
import type { ContainerState, ContainerStatus, KubeEvent, Pod } from '../../../src/cluster/types.ts'
import { at, event } from './builders.ts'

export type Step = { readonly second: number } & (
  | { readonly pod: Pod }
  | { readonly gone: string }
  | { readonly event: KubeEvent }
  | { readonly appeared: string }
)
/** A source of numbers from 0 to below 1 that gives the same for the same seed. */
export type Random = () => number
export type Place = {
  readonly name: string
  readonly node: string
  readonly owner: string
  readonly labels: Record<string, string>
}
/** The seconds from its making on; gives the steps, and when it is ready, or never. */
export type Story = (place: Place, random: Random) => { readonly steps: Step[]; readonly readyAt: number | null }

export function randomOf(seed: number): Random {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** The same steps so many seconds later, with every time in them. */
export function later(steps: readonly Step[], seconds: number): Step[] {
  const move = (_: string, value: unknown): unknown =>
    typeof value === 'string' && /^\d{4}-\d\d-\d\dT.*Z$/.test(value)
      ? new Date(Date.parse(value) + seconds * 1000).toISOString()
      : value
  return (JSON.parse(JSON.stringify(steps), move) as Step[]).map((step) => ({ ...step, second: step.second + seconds }))
}

export const between = (random: Random, low: number, high: number): number => low + random() * (high - low)
export const pick = <T>(random: Random, list: readonly T[]): T => list[Math.floor(random() * list.length)] as T

const runs = (startedAt: number): ContainerState => ({ running: { startedAt: at(startedAt) } })

export function podOf({ name, node, owner, labels }: Place, status: Partial<ContainerStatus> | null, more = {}): Pod {
  const scheduled = { type: 'PodScheduled', status: node ? 'True' : 'False' }
  return {
    kind: 'Pod',
    metadata: { name, namespace: 'shop', uid: name, labels, ownerReferences: [{ uid: owner, kind: 'X', name: 'x' }] },
    spec: { ...(node ? { nodeName: node } : {}), restartPolicy: 'Always', containers: [{ name: 'app', image: 'a:1' }] },
    status: {
      phase: status?.state?.running ? 'Running' : 'Pending',
      conditions: [scheduled],
      ...(status ? { containerStatuses: [{ name: 'app', ready: false, restartCount: 0, ...status }] } : {}),
      ...more,
    },
  }
}

const creating = { state: { waiting: { reason: 'ContainerCreating' } } }
const born = (place: Place): Step => ({ second: 0, pod: podOf(place, creating) })

/** Runs, and is ready after a while of up to two minutes. */
export const slow: Story = (place, random) => {
  const started = between(random, 0.5, 5)
  const ready = started + between(random, 0.1, 120)
  const alive = { state: runs(started), started: true }
  return {
    readyAt: ready,
    steps: [
      born(place),
      { second: started, pod: podOf(place, alive) },
      { second: ready, pod: podOf(place, { ...alive, ready: true }) },
    ],
  }
}

/** Crashes so often, with the back-off of the kubelet or of one that tries every second, and then works or does not. */
export function crashing(times: number, firstBackOff: number, recovers = true, exitCode = 1, most = 300): Story {
  return (place, random) => {
    const crash = { terminated: { exitCode, reason: 'Error' } }
    const steps: Step[] = [born(place)]
    let second = between(random, 0.5, 3)
    let lastState = {}
    for (let count = 0; count < times; count += 1) {
      const alive = { state: runs(second), started: true, restartCount: count, ...lastState }
      steps.push({ second, pod: podOf(place, alive) })
      second += between(random, 0.3, Math.min(3, most))
      steps.push({ second, pod: podOf(place, { state: crash, restartCount: count, ...lastState }) })
      lastState = {
        lastState: { terminated: { ...crash.terminated, startedAt: at(second - 1), finishedAt: at(second) } },
      }
      const waiting = { waiting: { reason: 'CrashLoopBackOff', message: 'back-off restarting failed container' } }
      steps.push({ second: second + 0.2, pod: podOf(place, { state: waiting, restartCount: count, ...lastState }) })
      second += Math.min(most, firstBackOff * 2 ** count) + 0.5
    }
    if (!recovers) return { steps, readyAt: null }
    const works = { state: runs(second), started: true, restartCount: times, ...lastState }
    const ready = second + between(random, 0.2, 5)
    steps.push({ second, pod: podOf(place, works) }, { second: ready, pod: podOf(place, { ...works, ready: true }) })
    return { steps, readyAt: ready }
  }
}

/** Crashes every second for up to twenty, with the short back-off of some clouds, and then runs. */
export function fast(random: Random): Story {
  return crashing(3 + Math.floor(random() * 16), 0.1, true, pick(random, [1, 0, 137, 143]), 0.3)
}

/** Waits with that reason and those texts in turn, for so long, and then works; for ever when it is infinite. */
export function waitingFor(
  reasons: readonly [reason: string, message: string][],
  seconds: number,
  appears = '',
): Story {
  return (place, random) => {
    const steps: Step[] = [born(place)]
    const begin = between(random, 0.3, 2)
    let turn = 0
    for (let second = begin; second < begin + Math.min(seconds, 200); second += between(random, 4, 15)) {
      const [reason, message] = reasons[turn % reasons.length] as [string, string]
      steps.push({ second, pod: podOf(place, { state: { waiting: { reason, message } } }) })
      turn += 1
    }
    if (!Number.isFinite(seconds)) return { steps, readyAt: null }
    if (appears) steps.push({ second: begin + seconds, appeared: appears })
    const started = begin + seconds + between(random, 0, appears ? 30 : 3)
    return { readyAt: started + 1, steps: [...steps, ...good(place, started)] }
  }
}

/** Finds no node for so long. */
export function unplaced(seconds: number): Story {
  return (place, random) => {
    const message = '0/3 nodes are available: 3 Insufficient cpu.'
    const conditions = [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }]
    const second = between(random, 0.1, 1)
    const started = second + seconds
    return {
      readyAt: started + 1,
      steps: [{ second, pod: podOf({ ...place, node: '' }, null, { conditions }) }, ...good(place, started)],
    }
  }
}

/** Its volume needs a Secret that comes after so long; the kubelet tries ever more rarely. */
export function unmounted(seconds: number): Story {
  return (place, random) => {
    const steps: Step[] = [born(place)]
    const text = 'MountVolume.SetUp failed for volume "tls" : secret "tls" not found'
    const first = between(random, 0.3, 1)
    for (let wait = 0.5, second = first; second < first + seconds; second += wait, wait *= 2) {
      const parts = { firstTimestamp: at(first), involvedObject: { uid: place.name, kind: 'Pod' } }
      steps.push({
        second,
        event: { ...event(place.name, 'FailedMount', text, second, parts), metadata: { name: `${place.name}.m` } },
      })
    }
    steps.push({ second: first + seconds, appeared: 'Secret/shop/tls' })
    const started = first + seconds + between(random, 0, 40)
    return { readyAt: started + 1, steps: [...steps, ...good(place, started)] }
  }
}

/** Is evicted, or drained, and replaced by one that works. */
export function replaced(how: 'evicted' | 'drained'): Story {
  return (place, random) => {
    const first = slow(place, random)
    const second = between(random, 1, 40)
    const evicted = podOf(place, null, { phase: 'Failed', reason: 'Evicted', message: 'The node was low on memory' })
    const end: Step = how === 'evicted' ? { second, pod: evicted } : { second, gone: place.name }
    const next = slow({ ...place, name: `${place.name}-b`, node: 'node-c' }, random)
    return {
      readyAt: (next.readyAt ?? 0) + second + 0.1,
      steps: [...first.steps.filter((step) => step.second < second), end, ...later(next.steps, second + 0.1)],
    }
  }
}

function good(place: Place, started: number): Step[] {
  const alive = { state: runs(started), started: true }
  return [
    { second: started, pod: podOf(place, alive) },
    { second: started + 1, pod: podOf(place, { ...alive, ready: true }) },
  ]
}
