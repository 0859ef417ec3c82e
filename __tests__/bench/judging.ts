// What one change costs where a release has a thousand pods: it is remembered, told, diagnosed and judged (issue 5).
import type { Pod, Workload } from '../../src/cluster/types.ts'
import { progressLines } from '../../src/deploy/progress.ts'
import { createTold } from '../../src/deploy/told.ts'
import type { Change } from '../../src/health/change.ts'
import { diagnose } from '../../src/health/diagnose.ts'
import { judge } from '../../src/health/judge.ts'
import { createMemory } from '../../src/health/memory.ts'
import { at, crashed, event, pod, replicaSet, start, waiting, watched, workload } from '../unit/health/builders.ts'
import { options } from '../unit/health/fixture.ts'
import { median, type Figure } from './figure.ts'

const workloads = 20
const podsOfEach = 50
const updates = 15

/** CPU time for one update of a release of a thousand pods that fail in several ways. */
export function benchJudging(): Figure {
  const memory = createMemory(options)
  const apply = (change: Untimed<Change>): void => memory.apply({ ...change, at: start })
  const put = (object: Pod | Workload): void => apply({ kind: 'put', object: object as Workload })
  const webs = Array.from({ length: workloads }, (_, index) => {
    const metadata = { name: `web-${index}`, namespace: 'shop', uid: `web-${index}` }
    return workload('Deployment', { metadata, spec: { replicas: podsOfEach } })
  })
  apply({ kind: 'begin' })
  apply({ kind: 'release', objects: webs.map((live) => ({ manifest: watched(live).manifest, hookEvents: [] })) })
  const pods = webs.flatMap((live, index) => {
    put(live)
    put(replicaSet(2, `set-${index}`, `web-${index}`))
    return Array.from({ length: podsOfEach }, (_, number) => failing(`web-${index}-${number}`, `set-${index}`, number))
  })
  for (const one of pods) {
    put(one)
    const name = one.metadata.name
    apply({ kind: 'event', event: event(name, 'BackOff', 'Back-off restarting failed container', 9) })
    apply({ kind: 'event', event: event(name, 'Failed', 'Error: ImagePullBackOff', 9) })
  }
  const told = createTold()
  const samples = Array.from({ length: updates + 3 }, (_, index) => {
    const before = process.cpuUsage()
    put(pods[index * 7] as Pod)
    const seen = memory.observed(start + 60_000 + index)
    progressLines(seen, { ...options, tellsPodLines: true }, told)
    diagnose(seen, options)
    judge(seen, { kind: 'deadline' }, options, { namespace: 'shop', chart: 'shop' })
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1e6
  }).slice(3)
  const value = median(samples)
  const what = `one update of ${workloads * podsOfEach} pods`
  return { what, raw: null, action: value, unit: 'CPU-s', value, isRatio: false, atMost: 0.05, samples }
}

/** A pod that fails in one of several ways, or is not ready. */
function failing(name: string, owner: string, number: number): Pod {
  const states = [
    crashed(3),
    waiting('ImagePullBackOff', 'registry.example/app:9: not found'),
    { ready: false, started: true, state: { running: { startedAt: at(3) } } },
    waiting('ContainerCreating'),
  ]
  const one = pod(name, states[number % states.length] ?? {}, { owner, node: `node-${number % 9}` })
  return { ...one, metadata: { ...one.metadata, namespace: 'shop' } }
}

type Untimed<T> = T extends unknown ? Omit<T, 'at'> : never
