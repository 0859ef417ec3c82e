// What one node does to its pods is no verdict on the release (ADR 14).
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { firstVerdict } from '../../../src/health/replay.ts'
import { at, start } from './builders.ts'
import { crashing, pick, podOf, randomOf, replaced, slow } from './pod-story.ts'
import type { Story } from './pod-story.ts'
import { rolloutOf } from './rollout-story.ts'

test('one bad node among several raises no alarm, however often its pods crash', () => {
  for (let seed = 1; seed <= 50; seed += 1) {
    const random = randomOf(seed)
    const bad: Story = (place, own) => crashing(3 + Math.floor(own() * 5), 1)({ ...place, node: 'node-bad' }, own)
    const stories = [bad, ...(random() < 0.5 ? [bad] : []), slow, slow]
    const verdict = firstVerdict(rolloutOf('Deployment', stories, random))
    assert.equal(verdict, null, `seed ${seed}: ${JSON.stringify(verdict)}`)
  }
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
