// Rollouts that stumble and get over it, three hundred of them by chance, are never called broken; broken ones always are.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Change } from '../../../src/health/change.ts'
import type { Workload } from '../../../src/cluster/types.ts'
import type { Recording } from '../../../src/health/recording.ts'
import { firstVerdict } from '../../../src/health/replay.ts'
import { at, replicaSet, start, workload } from './builders.ts'
import { options } from './fixture.ts'
import {
  between,
  crashing,
  later,
  podOf,
  randomOf,
  replaced,
  slow,
  unmounted,
  unplaced,
  waitingFor,
} from './pod-story.ts'
import type { Random, Step, Story } from './pod-story.ts'

type Kind = 'Deployment' | 'StatefulSet' | 'DaemonSet'
const kinds: readonly Kind[] = ['Deployment', 'StatefulSet', 'DaemonSet']
const nodes = ['node-a', 'node-b', 'node-c']
const pick = <T>(random: Random, list: readonly T[]): T => list[Math.floor(random() * list.length)] as T

const badGateway = 'failed to resolve reference: unexpected status from HEAD request: 503 Service Unavailable'
const hiccupOf = (text: string): [string, string][] => [
  ['ErrImagePull', text],
  ['ImagePullBackOff', `Back-off pulling image "a:1": ErrImagePull: ${text}`],
]
const hiccup = hiccupOf(badGateway)
const hiccups: readonly string[] = [
  badGateway,
  'dial tcp 127.0.0.1:5000: connect: connection refused',
  'net/http: TLS handshake timeout',
  'dial tcp 10.0.0.7:443: i/o timeout',
  'unexpected EOF',
]
const noSecret: [string, string][] = [['CreateContainerConfigError', 'secret "db" not found']]
const noImage: [string, string][] = [
  ['ErrImagePull', 'rpc error: code = NotFound desc = failed to pull: a:1: not found'],
  ['ImagePullBackOff', 'Back-off pulling image "a:1": ErrImagePull: a:1: not found'],
]

/** What a registry says of an image that it will have in a moment. */
const saidOnce: readonly string[] = ['a:1: not found', '403 Forbidden', 'lookup registry.example: no such host']

/** Crashes every second for up to twenty, with the short back-off of some clouds, and then runs. */
function fast(random: Random): Story {
  return crashing(3 + Math.floor(random() * 16), 0.1, true, pick(random, [1, 0, 137, 143]), 0.3)
}

/** What may happen to any pod of a rollout that goes well. */
const stumbles: readonly ((random: Random) => Story)[] = [
  () => slow,
  (random) => crashing(pick(random, [1, 2]), pick(random, [1, 10])),
  () => replaced('evicted'),
  () => replaced('drained'),
  (random) => waitingFor(noSecret, between(random, 1, 40), 'Secret/shop/db'),
  (random) => waitingFor(hiccupOf(pick(random, hiccups)), between(random, 5, 80)),
  (random) => waitingFor(hiccupOf(pick(random, saidOnce)), between(random, 1, 8)),
  fast,
  // Killed by a probe or by the kernel, and up to two times by itself at its end.
  (random) => crashing(pick(random, [1, 2]), 10, true, pick(random, [0, 137, 143])),
  (random) => unplaced(between(random, 1, 180)),
  (random) => unmounted(between(random, 1, 40)),
]

/** What never works, and what it has to be called. */
const faults: readonly [expected: string, of: (random: Random) => Story][] = [
  ['crash-loop', (random) => crashing(8, pick(random, [1, 10]), false)],
  ['image-pull', () => waitingFor(noImage, Infinity)],
  ['missing-config', () => waitingFor(noSecret, Infinity)],
  ['image-pull', () => waitingFor(hiccup, Infinity)],
]

/** A rollout of some pods, each with its story, as a recording that ends ten minutes after it began. */
function rolloutOf(
  kind: Kind,
  stories: readonly Story[],
  random: Random,
  extra: readonly Change[] = [],
  before: readonly Change[] = [],
): Recording {
  const labels = { 'controller-revision-hash': 'new' }
  const owner = kind === 'Deployment' ? 'set-uid' : `${kind}-uid`
  const status = { observedGeneration: 2, updateRevision: 'new', replicas: stories.length }
  const live = workload(kind, { spec: { replicas: stories.length }, status })
  const steps: Step[] = []
  let begun = 0
  for (const [index, story] of stories.entries()) {
    const place = { name: `web-${index}`, node: pick(random, nodes), owner, labels }
    const told = story(place, random)
    steps.push(...later(told.steps, begun))
    // An ordered rollout makes the next pod when this one is ready.
    begun += kind === 'StatefulSet' ? (told.readyAt ?? 1000) + 0.2 : between(random, 0, 1)
  }
  const manifest = { apiVersion: 'apps/v1', kind, name: 'web', namespace: 'shop', object: live, source: '' }
  const first: Change[] = [
    { kind: 'begin', at: start },
    { kind: 'release', at: start, objects: [{ manifest, hookEvents: [] }] },
    { kind: 'put', at: start, object: live },
    { kind: 'put', at: start, object: replicaSet() },
  ]
  const changes = [...steps.map(toChange), ...extra].toSorted((one, other) => one.at - other.at)
  const endedAt = Math.max(start + 600_000, (changes.at(-1)?.at ?? 0) + 60_000)
  const base = { formatVersion: 1, options, namespace: 'shop', chart: 'web', dropped: 0 } as const
  return { ...base, changes: [...before, ...first, ...changes], end: { kind: 'complete' }, endedAt }
}

function toChange(step: Step): Change {
  const at = start + Math.round(step.second * 1000)
  if ('pod' in step) return { kind: 'put', at, object: step.pod as Workload }
  if ('gone' in step) return { kind: 'gone', at, uid: step.gone }
  if ('event' in step) return { kind: 'event', at, event: step.event }
  return { kind: 'appeared', at, what: step.appeared }
}

test('three hundred healthy rollouts that stumble raise no alarm', () => {
  for (let seed = 1; seed <= 300; seed += 1) {
    const random = randomOf(seed)
    const kind = kinds[seed % 3] ?? 'Deployment'
    const stories = Array.from({ length: 1 + Math.floor(random() * 6) }, () => pick(random, stumbles)(random))
    const verdict = firstVerdict(rolloutOf(kind, stories, random))
    assert.equal(
      verdict,
      null,
      `seed ${seed}: ${kind}, ${JSON.stringify(verdict)} after ${((verdict?.at ?? start) - start) / 1000} s`,
    )
  }
})

test('one bad node among several raises no alarm, however often its pods crash', () => {
  for (let seed = 1; seed <= 50; seed += 1) {
    const random = randomOf(seed)
    const bad: Story = (place, own) => crashing(3 + Math.floor(own() * 5), 1)({ ...place, node: 'node-bad' }, own)
    const stories = [bad, ...(random() < 0.5 ? [bad] : []), slow, slow]
    const verdict = firstVerdict(rolloutOf('Deployment', stories, random))
    assert.equal(verdict, null, `seed ${seed}: ${JSON.stringify(verdict)}`)
  }
})

const web = workload('Deployment', { spec: { replicas: 3 }, status: { observedGeneration: 2, replicas: 3 } })
const put = (second: number, object: unknown): Change => ({
  kind: 'put',
  at: start + second * 1000,
  object: object as Workload,
})
const oldPlace = { name: 'old', node: 'node-a', owner: 'old-set', labels: {} }
const backOff = { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } }
const oldCrash = podOf(oldPlace, {
  restartCount: 40,
  state: backOff,
  lastState: { terminated: { exitCode: 1, startedAt: at(-300) } },
})

test('an old pod that was broken before the deploy raises no alarm, nor one that is broken while a hook still works', () => {
  for (let seed = 1; seed <= 20; seed += 1) {
    const random = randomOf(seed)
    const before = [
      put(-60, { ...web, metadata: { ...web.metadata, generation: 1 } }),
      put(-50, replicaSet(1, 'old-set')),
      put(-40, oldCrash),
    ]
    const again = { ...oldCrash, metadata: { ...oldCrash.metadata, name: 'again', uid: 'again' } }
    const verdict = firstVerdict(
      rolloutOf('Deployment', [slow, slow], random, [put(40, oldCrash), put(41, again)], before),
    )
    assert.equal(verdict, null, `seed ${seed}: ${JSON.stringify(verdict)}`)
  }
  // The old revision is still the current one: the deploy has not changed the object yet.
  const current = [
    put(-60, web),
    put(-50, replicaSet()),
    put(-40, podOf({ ...oldPlace, owner: 'set-uid' }, oldCrash.status?.containerStatuses?.[0] ?? null)),
  ]
  const anew = podOf(
    { ...oldPlace, name: 'anew', owner: 'set-uid' },
    { state: { waiting: { reason: 'InvalidImageName' } } },
  )
  assert.equal(firstVerdict(rolloutOf('Deployment', [], randomOf(1), [put(30, anew)], current)), null)
})

test('pods of before are never counted, whatever they show', () => {
  const status = oldCrash.status?.containerStatuses?.[0] ?? null
  const kept = podOf({ ...oldPlace, owner: 'set-uid' }, status)
  const before = [
    put(-60, { ...web, metadata: { ...web.metadata, generation: 1 } }),
    put(-50, replicaSet()),
    put(-40, kept),
  ]
  assert.equal(firstVerdict(rolloutOf('Deployment', [], randomOf(1), [put(40, kept)], before)), null)
})

test('an autoscaler that adds pods, of which some stumble, raises no alarm', () => {
  for (let seed = 1; seed <= 20; seed += 1) {
    const random = randomOf(seed)
    const scaled = { ...web, metadata: { ...web.metadata, generation: 3 }, spec: { replicas: 6 } }
    const late: Story = (place, own) => {
      const told = pick(random, [slow, fast(own), replaced('drained')])(place, own)
      return { ...told, steps: later(told.steps, 60) }
    }
    const seenLate = { ...scaled, status: { ...scaled.status, observedGeneration: 3 } }
    const extra = [put(60, scaled), put(60.2, seenLate)]
    const verdict = firstVerdict(rolloutOf('Deployment', [slow, slow, late, late], random, extra))
    assert.equal(verdict, null, `seed ${seed}: ${JSON.stringify(verdict)}`)
  }
})

const message = 'pods "web-1" is forbidden: exceeded quota: small, requested: pods=1'
const refusedAt = (second: number): Change => {
  const condition = { type: 'ReplicaFailure', status: 'True', message, lastTransitionTime: at(second) }
  return put(second, { ...replicaSet(), status: { conditions: [condition] } })
}

test('a quota that old pods still hold raises no alarm, one that nothing frees does', () => {
  const oldSet = put(0, replicaSet(1, 'old-set'))
  const leaving = (second: number): Change =>
    put(second, { ...oldCrash, metadata: { ...oldCrash.metadata, deletionTimestamp: at(second) } })
  for (const seconds of [10, 29, 60]) {
    const extra: Change[] = [oldSet, leaving(2), refusedAt(3), { kind: 'gone', at: start + seconds * 1000, uid: 'old' }]
    const freed = put(seconds + 40, replicaSet())
    assert.equal(firstVerdict(rolloutOf('Deployment', [slow], randomOf(seconds), [...extra, freed])), null)
    const verdict = firstVerdict(rolloutOf('Deployment', [slow], randomOf(seconds), extra))
    assert.deepEqual(verdict, { at: start + (seconds + 45) * 1000, classes: ['quota-exceeded'] })
  }
  const verdict = firstVerdict(rolloutOf('Deployment', [slow], randomOf(1), [refusedAt(3)]))
  assert.deepEqual(verdict, { at: start + 18_000, classes: ['quota-exceeded'] })
})

test('one bad or drained node of a DaemonSet raises no alarm, two bad ones do', () => {
  const onNode =
    (node: string, story: Story): Story =>
    (place, random) =>
      story({ ...place, node }, random)
  const broken = crashing(8, 1, false)
  for (let seed = 1; seed <= 20; seed += 1) {
    const random = randomOf(seed)
    const good = Array.from({ length: 18 }, () => pick(random, [slow, slow, replaced('drained'), replaced('evicted')]))
    const one = rolloutOf('DaemonSet', [onNode('node-bad', broken), ...good], random)
    assert.equal(firstVerdict(one), null, `seed ${seed}`)
    const two = rolloutOf('DaemonSet', [onNode('node-bad', broken), onNode('node-worse', broken), ...good], random)
    assert.deepEqual(firstVerdict(two)?.classes, ['crash-loop'], `seed ${seed}`)
  }
})

test('a crash loop is not judged before the thirty seconds, nor an evicted pod counted', () => {
  const verdict = firstVerdict(rolloutOf('Deployment', [crashing(60, 0.1, false, 1, 0.3)], randomOf(1)))
  assert.ok(verdict && verdict.at >= start + 28_000)
  const evicted: Story = (place, random) => {
    const told = crashing(8, 1, false)(place, random)
    const status = {
      phase: 'Failed',
      reason: 'Evicted',
      containerStatuses: [{ name: 'app', state: { terminated: { exitCode: 137, startedAt: at(0) } }, restartCount: 9 }],
    }
    return { ...told, steps: [{ second: 0, pod: podOf(place, null, status) }] }
  }
  assert.equal(firstVerdict(rolloutOf('Deployment', [evicted], randomOf(1))), null)
})

test('a hundred broken rollouts are called what they are', () => {
  for (let seed = 1; seed <= 100; seed += 1) {
    const random = randomOf(seed)
    const [expected, of] = faults[seed % faults.length] as (typeof faults)[number]
    const kind = kinds[Math.floor(seed / faults.length) % 3] ?? 'Deployment'
    const stories = Array.from({ length: 1 + Math.floor(random() * 4) }, () => of(random))
    const verdict = firstVerdict(rolloutOf(kind, stories, random))
    assert.deepEqual(verdict?.classes, [expected], `seed ${seed}: ${kind}`)
    assert.ok((verdict?.at ?? Infinity) < start + 150_000, `seed ${seed}: ${((verdict?.at ?? 0) - start) / 1000} s`)
  }
})
