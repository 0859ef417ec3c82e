import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseQuota } from '../../../src/preview/quota.ts'

test('all three parts, numbers and texts alike', () => {
  const text = `
hard: {pods: 20, requests.cpu: "2", limits.memory: 4Gi}
limits:
  default: {cpu: 500m, memory: 256Mi}
  max: {memory: 1e9}
networkPolicy: isolate
`
  assert.deepEqual(parseQuota(text), {
    hard: { pods: '20', 'requests.cpu': '2', 'limits.memory': '4Gi' },
    limits: { default: { cpu: '500m', memory: '256Mi' }, max: { memory: '1000000000' } },
    isIsolated: true,
  })
  assert.deepEqual(parseQuota('hard: {pods: 1}'), { hard: { pods: '1' }, limits: null, isIsolated: false })
})

const wrong = [
  ['hard: [1]', 'has a `hard` that is not a map'],
  ['hard:', 'has a `hard` that is not a map'],
  ['hard: {pods: many}', 'has no quantity for "pods" in `hard`'],
  ['hard: {pods: -1}', 'has no quantity for "pods" in `hard`'],
  ['hard: {problem: {}}', 'has no quantity for "problem" in `hard`'],
  ['pods: 3', 'has an unknown key "pods"'],
  ['limits: {cpu: 1}', 'has an unknown key "limits.cpu"'],
  ['limits: {default: 3}', 'has a `limits.default` that is not a map'],
  ['networkPolicy: true', 'has a `networkPolicy` that is not `isolate`'],
  ['- a', 'is not a YAML map'],
  ['a: [', 'is not valid YAML: line 1 (bad indent)'],
] as const
for (const [text, problem] of wrong)
  test(`${text} ${problem}`, () => {
    const found = parseQuota(text)
    assert.ok('problem' in found, JSON.stringify(found))
    assert.match(found.problem, new RegExp(`^${problem.slice(0, 20).replaceAll(/[[\](){}.]/g, '\\$&')}`))
    assert.match(found.remedy, /\S/)
  })
