import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ContainerStatus, Pod, Workload } from '../../../src/cluster/types.ts'
import type { Change, ReleaseObject } from '../../../src/health/change.ts'
import { createMemory, type Memory } from '../../../src/health/memory.ts'
import { at, crashed, ended, event, pod, replicaSet, start, waiting, watched, workload } from './builders.ts'
import { options } from './fixture.ts'

type Untimed<T> = T extends unknown ? Omit<T, 'at'> : never
/** A change, and the second of the deploy in which it came. */
type Step = readonly [seconds: number, change: Untimed<Change>]

const release = (...objects: ReleaseObject[]): Untimed<Change> => ({ kind: 'release', objects })
const put = (object: Pod | Workload): Untimed<Change> => ({ kind: 'put', object: object as Workload })
const begin: Step = [0, { kind: 'begin' }]

function remembered(...steps: Step[]): Memory {
  const memory = createMemory(options)
  for (const [seconds, change] of steps) memory.apply({ ...change, at: start + seconds * 1000 })
  return memory
}

const seen = (...steps: Step[]) => remembered(...steps).observed(start + 60_000)
const web = workload('Deployment')
const wanted = (live: Workload, hookEvents: string[] = []): ReleaseObject => ({
  manifest: watched(live).manifest,
  hookEvents,
})
const named = (live: Workload, name: string, uid = name): Workload => ({
  ...live,
  metadata: { ...live.metadata, name, uid },
})
const missing = waiting('ErrImagePull', 'registry.example/app:9: not found')

test('what was there before the deploy began is not of it', () => {
  const found = seen(
    [-5, put(pod('old', {}))],
    [-5, put(web)],
    begin,
    [1, put(pod('new', {}))],
    [2, put(pod('old', crashed(3)))],
    [3, release(wanted(web), wanted(named(web, 'other')))],
    [4, put(named(web, 'other'))],
  )
  assert.deepEqual([...found.podsBefore], ['old', 'Deployment-uid'])
  assert.deepEqual(
    found.objects.map(({ live, isNew }) => [live?.metadata.name, isNew]),
    [
      ['web', false],
      ['other', true],
    ],
  )
})

test('what has no pods and is seen late is of the deploy only when it was made in it', () => {
  const route = { ...workload('HTTPRoute'), apiVersion: 'gateway.networking.k8s.io/v1' }
  const of = (second: number) => {
    const live = { ...route, metadata: { ...route.metadata, creationTimestamp: at(second) } }
    const { isNew, changedAt } = seen(begin, [1, release(wanted(route))], [2, put(live)]).others[0] ?? {}
    return [isNew, changedAt]
  }
  assert.deepEqual(of(-6), [false, null])
  for (const second of [-5, 0, 1]) assert.deepEqual(of(second), [true, start])
})

test('the deploy begins once, at its first beginning', () => {
  const found = seen(begin, [5, put(pod('a', {}))], [9, { kind: 'begin' }], [10, put(pod('b', {}))])
  assert.deepEqual([found.startedAt, [...found.podsBefore]], [start, []])
  assert.equal(createMemory(options).observed(start).startedAt, start, 'not begun: now')
})

test('events of before and the objects of an earlier release are forgotten when the deploy begins', () => {
  const found = seen(
    [-9, { kind: 'event', event: event('p', 'Failed', 'old', -9) }],
    [-8, release(wanted(web))],
    begin,
    [1, { kind: 'event', event: event('p', 'Failed', 'new', 1) }],
  )
  assert.deepEqual(
    found.events.map(({ message }) => message),
    ['new'],
  )
  assert.deepEqual(found.objects, [])
})

test('an event that comes again is one event, known by its uid or else by its name', () => {
  const first = event('p', 'Failed', 'once', 1)
  const same = { ...event('p', 'Failed', 'twice', 2), metadata: first.metadata }
  const byUid = { ...event('p', 'Failed', 'third', 3), metadata: { name: 'x', uid: 'u' } }
  const other = { ...byUid, message: 'fourth', metadata: { name: 'y', uid: 'u' } }
  const found = seen(begin, ...[first, same, byUid, other].map((one): Step => [1, { kind: 'event', event: one }]))
  assert.deepEqual(
    found.events.map(({ message }) => message),
    ['twice', 'fourth'],
  )
})

test('the objects of a release stand for those of an earlier one', () => {
  const found = seen(begin, [1, release(wanted(web))], [2, release(wanted(named(web, 'other')))])
  assert.deepEqual(
    found.objects.map(({ manifest }) => manifest.name),
    ['other'],
  )
})

test('objects with pods and hooks are judged as rollouts, everything else is looked at', () => {
  const claim = { ...workload('PersistentVolumeClaim'), apiVersion: 'v1' }
  const map = { ...workload('ConfigMap'), apiVersion: 'v1' }
  const kinds = ['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'Pod']
  const found = seen(begin, [
    1,
    release(...kinds.map((kind) => wanted(workload(kind))), wanted(claim), wanted(map, ['pre-install'])),
  ])
  const names = (list: readonly { manifest: { kind: string } }[]) => list.map(({ manifest }) => manifest.kind)
  assert.deepEqual([names(found.objects), names(found.others)], [[...kinds, 'ConfigMap'], ['PersistentVolumeClaim']])
})

test('an object is told by kind, namespace and name', () => {
  const elsewhere = { ...web, metadata: { ...web.metadata, namespace: 'other', uid: 'elsewhere' } }
  const set = { ...workload('StatefulSet'), metadata: { ...web.metadata, uid: 'set' } }
  const found = seen(begin, [1, release(wanted(web))], [2, put(elsewhere)], [3, put(set)])
  assert.deepEqual([found.objects[0]?.live, found.objects[0]?.isNew], [null, true])
  assert.equal(seen(begin, [1, release(wanted(web))], [2, put(web)]).objects[0]?.live, web)
})

test('what is gone is not alive, but for a pod, which is kept as one that is deleted', () => {
  const lived = pod('a', {})
  const leaving = { ...lived, metadata: { ...lived.metadata, name: 'b', uid: 'b', deletionTimestamp: at(4) } }
  const found = seen(
    begin,
    [1, release(wanted(web))],
    [1, put(web)],
    [1, put(replicaSet(2))],
    [1, put(replicaSet(1, 'gone-set'))],
    [1, put(lived)],
    [1, put(leaving)],
    ...['Deployment-uid', 'gone-set', 'a', 'b'].map((uid): Step => [7, { kind: 'gone', uid }]),
    [9, { kind: 'gone', uid: 'a' }],
  )
  assert.equal(found.objects[0]?.live, null)
  assert.equal(found.objects[0]?.wasDeleted, false)
  assert.deepEqual(
    found.replicaSets.map(({ metadata }) => metadata.uid),
    ['set-uid'],
  )
  assert.deepEqual(
    found.pods.map(({ metadata }) => [metadata.uid, metadata.deletionTimestamp]),
    [
      ['a', at(7)],
      ['b', at(4)],
    ],
    'the first time that it was gone counts, and what the API server said of it before',
  )
  assert.deepEqual([...found.gone.keys()], ['Deployment-uid', 'gone-set', 'a', 'b'])
})

test('an object is changed when its generation rises in the deploy, and with the deploy where it is new', () => {
  const of = (generation: number): Untimed<Change> => put({ ...web, metadata: { ...web.metadata, generation } })
  const changedAt = (...steps: Step[]) => {
    const found = seen(...steps, [50, release(wanted(web))]).objects[0]?.changedAt
    return found && (found - start) / 1000
  }
  const before: Step = [-5, of(4)]
  assert.equal(changedAt(before, begin), null)
  assert.equal(changedAt([-9, of(3)], before, begin, [3, of(4)]), null)
  assert.equal(changedAt(before, begin, [3, of(5)], [4, of(5)]), 3)
  assert.equal(changedAt(before, begin, [3, of(5)], [9, of(6)]), 9)
  assert.equal(changedAt(begin, [3, of(1)]), 0)
})

test('what was gone and is seen again is alive, until it is gone again', () => {
  const steps: Step[] = [
    begin,
    [1, release(wanted(web))],
    [2, put(web)],
    [2, put(pod('a', {}))],
    ...['Deployment-uid', 'a'].map((uid): Step => [3, { kind: 'gone', uid }]),
  ]
  const alive = (...more: Step[]) => {
    const found = seen(...steps, ...more)
    return [found.objects[0]?.live !== null, found.pods[0]?.metadata.deletionTimestamp, [...found.gone.keys()]]
  }
  const back: Step[] = [
    [4, put(web)],
    [4, put(pod('a', {}))],
  ]
  assert.deepEqual(alive(), [false, at(3), ['Deployment-uid', 'a']])
  assert.deepEqual(alive(...back), [true, undefined, []])
  assert.deepEqual(alive(...back, [9, { kind: 'gone', uid: 'a' }]), [true, at(9), ['a']])
})

test('an object that is deleted and made anew is the new one', () => {
  const anew = named(web, 'web', 'second')
  const steps: Step[] = [[-5, put(web)], begin, [1, release(wanted(web))], [2, { kind: 'gone', uid: 'Deployment-uid' }]]
  assert.deepEqual(
    [seen(...steps).objects[0]?.live, seen(...steps, [3, put(anew)]).objects[0]?.live?.metadata.uid],
    [null, 'second'],
  )
  assert.equal(seen(...steps, [3, put(anew)]).objects[0]?.isNew, true)
})

const hook = workload('Job')

test('a hook that is deleted is remembered as it was last; one of an earlier deploy is not', () => {
  const steps: Step[] = [
    [-50, put(named(hook, 'web', 'of-before'))],
    begin,
    [1, release(wanted(hook, ['pre-upgrade']))],
  ]
  const live = (...more: Step[]) => {
    const [object] = seen(...steps, ...more).objects
    return [object?.live?.metadata.uid ?? null, object?.wasDeleted, object?.isNew]
  }
  assert.deepEqual(live(), [null, false, true])
  const gone: Step = [2, { kind: 'gone', uid: 'of-before' }]
  const first: Step = [3, put(named(hook, 'web', 'first'))]
  assert.deepEqual(live(gone, first), ['first', false, true])
  const firstGone: Step = [4, { kind: 'gone', uid: 'first' }]
  assert.deepEqual(live(gone, first, firstGone), ['first', true, true])
  const second: Step = [5, put(named(hook, 'web', 'second'))]
  assert.deepEqual(live(gone, first, firstGone, second), ['second', false, true], 'before-hook-creation, and again')
  assert.deepEqual(live(gone, first, second), ['first', false, true], 'of two that are there, the one that came first')
  assert.deepEqual(live(gone, first, firstGone, second, [6, { kind: 'gone', uid: 'second' }]), ['second', true, true])
})

test('a Job of the chart that its TTL takes away is remembered as it was last', () => {
  const live = (...more: Step[]) => {
    const [object] = seen(...more).objects
    return [object?.live?.metadata.uid ?? null, object?.wasDeleted, object?.isNew]
  }
  const goneAt = (second: number, uid = 'Job-uid'): Step => [second, { kind: 'gone', uid }]
  const ofRelease: Step = [1, release(wanted(hook))]
  assert.deepEqual(live(begin, ofRelease, [2, put(hook)], goneAt(3)), ['Job-uid', true, true])
  assert.deepEqual(live([-5, put(hook)], begin, ofRelease, goneAt(3)), ['Job-uid', true, false])
  assert.deepEqual(live([-5, put(hook)], goneAt(-3), begin, ofRelease), [null, false, true], 'Helm makes it anew')
  const anew: Step = [4, put(named(hook, 'web', 'second'))]
  assert.deepEqual(live([-5, put(hook)], begin, ofRelease, goneAt(3), anew), ['second', false, true])
  const kept = live(
    begin,
    ofRelease,
    [2, put(hook)],
    [3, { kind: 'begin' }],
    goneAt(4),
    [5, { kind: 'begin' }],
    ofRelease,
  )
  assert.deepEqual(kept, ['Job-uid', true, true], 'the deploy begins once')
})

test('a sign ages while it is there, and begins anew when it comes again', () => {
  const key = 'a|app|image-pull|'
  const since = (...statuses: readonly [number, Partial<ContainerStatus>][]) => {
    const found = seen(begin, ...statuses.map(([seconds, status]): Step => [seconds, put(pod('a', status))]))
    return (found.signalSince.get(key) ?? 0) / 1000 - start / 1000
  }
  const creating = waiting('ContainerCreating')
  assert.equal(since([3, missing]), 3)
  assert.equal(since([3, missing], [9, waiting('ImagePullBackOff', 'back-off')]), 3, 'another text')
  assert.equal(since([3, missing], [9, creating], [12, missing]), 12)
  assert.equal(since([3, missing], [9, creating]), -start / 1000, 'no age without the sign')
})

test('each pod has ages of its own', () => {
  const found = seen(begin, [3, put(pod('a', missing))], [5, put(pod('b', missing))], [7, put(pod('a', {}))])
  assert.deepEqual([...found.signalSince], [['b|app|image-pull|', start + 5000]])
})

test('a container has first started when any of its runs, as far as they are told, first did', () => {
  const starts = (...statuses: Partial<ContainerStatus>[]) =>
    (seen(begin, ...statuses.map((status): Step => [9, put(pod('a', status))])).firstStart.get('a/app') ?? 0) - start
  const run = (seconds: number) => ({ startedAt: at(seconds) })
  assert.equal(starts({}), -start)
  assert.equal(starts({ state: { running: run(4) } }), 4000)
  assert.equal(starts({ state: { terminated: { ...ended(1).terminated, ...run(5) } } }), 5000)
  const again = { state: { running: run(8) }, lastState: { terminated: run(6) } }
  assert.equal(starts(again), 6000)
  assert.equal(starts({ state: { running: run(4) } }, again), 4000)
  assert.equal(starts(again, { state: { running: run(4) } }), 4000)
  assert.equal(starts({ state: { running: {} } }, again), 6000)
})

test('logs and what appeared are kept, the newest', () => {
  const logs = (lines: string[]): Untimed<Change> => ({ kind: 'logs', container: 'a/app', lines })
  const appeared: Untimed<Change> = { kind: 'appeared', what: 'Secret/shop/db' }
  const found = seen(begin, [1, logs(['one'])], [2, logs(['two'])], [3, appeared], [8, appeared])
  assert.deepEqual([found.logs.get('a/app'), found.appeared.get('Secret/shop/db')], [['two'], start + 8000])
})

test('what was observed is of its moment, and looks up owners', () => {
  const memory = remembered(begin, [1, put(replicaSet(2))], [1, put(pod('a', {}))])
  const found = memory.observed(start + 5000)
  assert.equal(found.now, start + 5000)
  assert.deepEqual(found.podsOf.get('set-uid')?.length, 1)
  assert.deepEqual(found.setsOf.get('Deployment-uid')?.length, 1)
})
