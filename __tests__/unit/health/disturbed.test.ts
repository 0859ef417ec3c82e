// Rollouts that stumble and get over it, three hundred of them by chance, are never called broken; broken ones always are.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { firstVerdict } from '../../../src/health/replay.ts'
import { start } from './builders.ts'
import {
  between,
  crashing,
  fast,
  pick,
  randomOf,
  replaced,
  slow,
  unmounted,
  unplaced,
  waitingFor,
} from './pod-story.ts'
import type { Random, Story } from './pod-story.ts'
import { rolloutOf, type Kind } from './rollout-story.ts'

const kinds: readonly Kind[] = ['Deployment', 'StatefulSet', 'DaemonSet']

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
