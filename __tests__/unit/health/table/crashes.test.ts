import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ContainerStatus, Pod } from '../../../../src/cluster/types.ts'
import { podSignals } from '../../../../src/health/signals.ts'
import { timesText } from '../../../../src/health/table/crashes.ts'
import { crashed, ended, pod } from '../builders.ts'
import { options } from '../fixture.ts'

const signal = (status: Partial<ContainerStatus>, parts: Partial<Pod> = {}) =>
  podSignals({ ...pod('p', status), ...parts }, options)[0]

test('exit codes that say more are told, unless a reason says more than they do', () => {
  const meanings = { 126: 'cannot be executed', 127: 'command not found', 134: 'aborted', 139: 'segmentation fault' }
  for (const [code, meaning] of Object.entries(meanings)) {
    const exitCode = Number(code)
    const says = `container app exited with ${code} (${meaning})`
    assert.equal(signal({ state: ended(exitCode) })?.cause, says)
    assert.equal(signal({ state: { terminated: { exitCode } } })?.cause, says, 'without a reason')
    assert.equal(signal({ state: ended(exitCode, 'Odd') })?.cause, `container app exited with ${code} (Odd)`)
  }
  assert.equal(signal({ state: { terminated: { exitCode: 3 } } })?.cause, 'container app exited with 3')
})

test('memory that ran out is told with its limit', () => {
  const cause = (resources?: object) =>
    signal(
      { state: ended(137, 'OOMKilled') },
      { spec: { containers: [{ name: 'app', ...(resources ? { resources } : {}) }] } },
    )?.cause
  assert.equal(cause({ limits: { memory: '64Mi' } }), 'container app ran out of memory (limit 64Mi)')
  for (const resources of [{ limits: { cpu: '1' } }, {}, undefined])
    assert.equal(cause(resources), 'container app ran out of memory')
})

test('a pod that does not say restarts always, and its container should go on', () => {
  const says = 'container app ended by itself (exit code 0) although it should keep running'
  const done = { state: ended(0, 'Completed') }
  assert.equal(signal(done, { spec: {} })?.cause, says)
  assert.equal(signal(done, { spec: { restartPolicy: 'Always' } })?.cause, says)
  for (const restartPolicy of ['Never', 'OnFailure']) assert.equal(signal(done, { spec: { restartPolicy } }), undefined)
  const { spec: _, ...bare } = pod('p', done)
  assert.equal(podSignals(bare, options)[0]?.cause, says)
})

test('an end that did not count as a crash is none, as of a container of before a restart of its node', () => {
  assert.equal(signal({ restartCount: 0, ready: true, state: { running: {} }, lastState: ended(1) }), undefined)
})

test('one crash too many is a verdict, those before are told', () => {
  const severity = (times: number) => signal(crashed(times))?.severity
  assert.deepEqual(severity(2), { kind: 'timeout' })
  assert.deepEqual(severity(3), { kind: 'grace', afterMs: 30_000 })
})

test('how often, in words', () => {
  assert.deepEqual([1, 2, 3, 4, 12].map(timesText), ['', ' twice', ' three times', ' 4 times', ' 12 times'])
})
