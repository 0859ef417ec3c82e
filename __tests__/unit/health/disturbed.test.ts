// Rollouts that stumble and get over it, three hundred of them by chance, are never called broken; broken ones always are.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Change } from '../../../src/health/change.ts'
import type { Workload } from '../../../src/cluster/types.ts'
import type { Recording } from '../../../src/health/recording.ts'
import { firstVerdict } from '../../../src/health/replay.ts'
import { replicaSet, start, workload } from './builders.ts'
import { options } from './fixture.ts'
import { between, crashing, randomOf, replaced, slow, unmounted, unplaced, waitingFor } from './pod-story.ts'
import type { Random, Step, Story } from './pod-story.ts'

type Kind = 'Deployment' | 'StatefulSet' | 'DaemonSet'
const kinds: readonly Kind[] = ['Deployment', 'StatefulSet', 'DaemonSet']
const nodes = ['node-a', 'node-b', 'node-c']
const pick = <T>(random: Random, list: readonly T[]): T => list[Math.floor(random() * list.length)] as T

const badGateway = 'failed to resolve reference: unexpected status from HEAD request: 503 Service Unavailable'
const hiccup: [string, string][] = [
  ['ErrImagePull', badGateway],
  ['ImagePullBackOff', `Back-off pulling image "a:1": ErrImagePull: ${badGateway}`],
]
const noSecret: [string, string][] = [['CreateContainerConfigError', 'secret "db" not found']]
const noImage: [string, string][] = [
  ['ErrImagePull', 'rpc error: code = NotFound desc = failed to pull: a:1: not found'],
  ['ImagePullBackOff', 'Back-off pulling image "a:1": ErrImagePull: a:1: not found'],
]

/** What may happen to any pod of a rollout that goes well. */
const stumbles: readonly ((random: Random) => Story)[] = [
  () => slow,
  (random) => crashing(pick(random, [1, 2]), pick(random, [1, 10])),
  () => replaced('evicted'),
  () => replaced('drained'),
  (random) => waitingFor(noSecret, between(random, 1, 40), 'Secret/shop/db'),
  (random) => waitingFor(hiccup, between(random, 5, 80)),
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
function rolloutOf(kind: Kind, stories: readonly Story[], random: Random): Recording {
  const labels = { 'controller-revision-hash': 'new' }
  const owner = kind === 'Deployment' ? 'set-uid' : `${kind}-uid`
  const status = { observedGeneration: 2, updateRevision: 'new', replicas: stories.length }
  const live = workload(kind, { spec: { replicas: stories.length }, status })
  const steps: Step[] = []
  let begun = 0
  for (const [index, story] of stories.entries()) {
    const place = { name: `web-${index}`, node: pick(random, nodes), owner, labels }
    const told = story(place, random)
    steps.push(...told.steps.map((step) => ({ ...step, second: step.second + begun })))
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
  const changes = steps.toSorted((one, other) => one.second - other.second).map(toChange)
  const endedAt = Math.max(start + 600_000, (changes.at(-1)?.at ?? 0) + 60_000)
  const base = { formatVersion: 1, options, namespace: 'shop', chart: 'web', dropped: 0 } as const
  return { ...base, changes: [...first, ...changes], end: { kind: 'complete' }, endedAt }
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
