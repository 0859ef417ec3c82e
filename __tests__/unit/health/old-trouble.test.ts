// What was there before the deploy, or still leaves, is no verdict on the deploy (ADR 15).
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Change } from '../../../src/health/change.ts'
import { firstVerdict } from '../../../src/health/replay.ts'
import { at, replicaSet, start, workload } from './builders.ts'
import { fast, later, pick, podOf, randomOf, replaced, slow } from './pod-story.ts'
import type { Story } from './pod-story.ts'
import { put, rolloutOf } from './rollout-story.ts'

const web = workload('Deployment', { spec: { replicas: 3 }, status: { observedGeneration: 2, replicas: 3 } })
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
