// Healthy deploys as a real cluster showed them, three hundred times, each time with another course of time: none is called broken.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Recording } from '../../../src/health/recording.ts'
import { firstVerdict } from '../../../src/health/replay.ts'
import { between, pick, randomOf } from './pod-story.ts'
import { warped } from './warp.ts'

const folder = fileURLToPath(new URL('../../fixtures/recordings', import.meta.url))
const healthy = globSync(`${folder}/healthy-*.json`)
  .sort()
  .map((file) => ({
    name: basename(file, '.json').replace('healthy-', ''),
    timeline: (JSON.parse(readFileSync(file, 'utf8')) as { timeline: Recording }).timeline,
  }))

test('three hundred recorded deploys that stumble raise no alarm, however time goes by', () => {
  const seen = new Set<string>()
  for (let seed = 1; seed <= 300; seed += 1) {
    const random = randomOf(seed)
    const { name, timeline } = pick(random, healthy)
    seen.add(name)
    const verdict = firstVerdict(warped(timeline, () => between(random, 0.3, 1.8)))
    assert.equal(verdict, null, `seed ${seed}, ${name}: ${JSON.stringify(verdict)}`)
  }
  assert.equal(seen.size, healthy.length)
})

test('the same stumbles are called what they are when they last, or are not forgiven', () => {
  const verdicts = healthy.map(({ name, timeline }) => {
    const options = { ...timeline.options, crashTolerance: 1 }
    return [name, firstVerdict(warped({ ...timeline, options }, () => 5))?.classes ?? []]
  })
  assert.deepEqual(Object.fromEntries(verdicts), {
    'crashes-twice': ['crash-loop'],
    evicted: [],
    'late-secret': ['missing-config'],
    'registry-hiccup': ['image-pull'],
    'slow-start': [],
  })
})
