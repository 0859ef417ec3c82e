import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseManifest, type ManifestObject } from '../../../src/cluster/manifest.ts'
import { diagnose } from '../../../src/health/diagnose.ts'
import { tuningOf, tuningProblem } from '../../../src/health/tuning.ts'
import { at, observed, pod, start, waiting, watched, workload } from './builders.ts'
import { options } from './fixture.ts'

const names = { failFast: 'atomic-helm.dev/fail-fast', grace: 'atomic-helm.dev/grace' }

/** An object of a manifest with those annotations, each written as YAML has it. */
function annotated(annotations: Readonly<Record<string, string>>): ManifestObject {
  const lines = Object.entries(annotations).map(([name, value]) => `    ${name}: ${value}`)
  const head = ['kind: Deployment', 'metadata:', '  name: web', ...(lines.length > 0 ? ['  annotations:'] : [])]
  const [object] = parseManifest([...head, ...lines].join('\n'))
  assert.ok(object)
  return object
}

test('without annotations the table holds', () => {
  for (const one of [annotated({}), annotated({ 'example.dev/grace': '5s' })]) {
    assert.deepEqual([tuningOf(one), tuningProblem(one)], [{ failFast: true, graceMs: null }, null])
  }
})

const failFasts = [
  { written: '"off"', failFast: false },
  { written: 'off', failFast: false },
  { written: 'false', failFast: false },
  { written: '"false"', failFast: false },
  { written: '" off "', failFast: false },
  { written: '"on"', failFast: true },
  { written: 'on', failFast: true },
  { written: '"true"', failFast: true },
] as const

for (const { written, failFast } of failFasts) {
  test(`fail-fast: ${written} is ${failFast ? 'on' : 'off'}`, () => {
    const one = annotated({ [names.failFast]: written })
    assert.deepEqual([tuningOf(one), tuningProblem(one)], [{ failFast, graceMs: null }, null])
  })
}

const graces = [
  { written: '90s', graceMs: 90_000 },
  { written: '"1m30s"', graceMs: 90_000 },
  { written: '"0"', graceMs: 0 },
  { written: '" 2m "', graceMs: 120_000 },
] as const

for (const { written, graceMs } of graces) {
  test(`grace: ${written} is ${graceMs} ms`, () => {
    const one = annotated({ [names.grace]: written })
    assert.deepEqual([tuningOf(one), tuningProblem(one)], [{ failFast: true, graceMs }, null])
  })
}

test('a wrong value leaves the default, and is told', () => {
  const wrong = (name: string, written: string, said: string): void => {
    const one = annotated({ [name]: written })
    assert.deepEqual(tuningOf(one), { failFast: true, graceMs: null })
    assert.equal(tuningProblem(one), `Deployment/web: ${said}: the default holds`)
  }
  wrong(names.failFast, 'never', 'atomic-helm.dev/fail-fast is "never", neither on nor off')
  wrong(names.failFast, 'OFF ish', 'atomic-helm.dev/fail-fast is "OFF ish", neither on nor off')
  wrong(names.grace, 'soon', 'atomic-helm.dev/grace is "soon", which is no duration such as 90s')
  wrong(names.grace, '-5s', 'atomic-helm.dev/grace is "-5s", which is no duration such as 90s')
  wrong(names.grace, 'true', 'atomic-helm.dev/grace is "true", which is no duration such as 90s')
})

test('two wrong values are one sentence, and one right value beside a wrong one holds', () => {
  const both = annotated({ [names.failFast]: 'maybe', [names.grace]: 'soon' })
  assert.match(tuningProblem(both) ?? '', /^Deployment\/web: .*"maybe", .* off; .*"soon", .* 90s: the default holds$/)
  const half = annotated({ [names.failFast]: '"off"', [names.grace]: 'soon' })
  assert.deepEqual(tuningOf(half), { failFast: false, graceMs: null })
})

/** When each fault of an object with those annotations ends the deploy, in seconds of the deploy. */
function ends(annotations: Readonly<Record<string, string>>): (number | null)[] {
  const live = workload('Deployment')
  const metadata = { ...live.metadata, annotations }
  const conditions = [
    { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', lastTransitionTime: at(2) },
  ]
  const changed = { ...live, metadata, status: { observedGeneration: 2, conditions } }
  const pods = [
    pod('a', waiting('ImagePullBackOff', 'registry.example/app:9: not found')),
    { ...pod('b', {}), spec: {}, status: unscheduled },
  ]
  const signalSince = new Map([['a|app|image-pull|', start + 3000]])
  const faults = diagnose(observed({ objects: [watched(changed)], pods: pods.slice(0, 1), signalSince }), options)
  const other = diagnose(observed({ objects: [watched(changed)], pods: pods.slice(1) }), options)
  return [...faults, ...other.slice(0, 1)].map(({ dueAt }) => (dueAt ? (dueAt - start) / 1000 : dueAt))
}

const unscheduled = {
  phase: 'Pending',
  conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/1 nodes' }],
}

test('an object may have more time, or never end a deploy early; what waits for the timeout goes on doing so', () => {
  // An image that does not exist (12 s), a rollout that has failed (at once), a pod without a node (at the timeout).
  assert.deepEqual(ends({}), [15, 0, null])
  assert.deepEqual(ends({ [names.grace]: '90s' }), [93, 90, null])
  assert.deepEqual(ends({ [names.grace]: '1s' }), [4, 1, null])
  assert.deepEqual(ends({ [names.failFast]: 'off' }), [null, null, null])
  assert.deepEqual(ends({ [names.failFast]: 'off', [names.grace]: '1s' }), [null, null, null])
})
