import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Condition, ContainerStatus } from '../../../../src/cluster/types.ts'
import { objectFaults } from '../../../../src/health/object-faults.ts'
import { podSignals } from '../../../../src/health/signals.ts'
import { ended, observed, pod, watched, workload } from '../builders.ts'
import { options } from '../fixture.ts'

/** The causes that a new Job with that condition shows. */
function told(condition: Partial<Condition>, hookEvents: string[] = []): string[] {
  const one = { type: 'Failed', status: 'True', ...condition }
  const object = watched(workload('Job', { status: { conditions: [one] } }), { isNew: true, hookEvents })
  return objectFaults(observed(), object, { failFast: true, graceMs: null }).map(
    ({ id, cause, dueAt }) => `${id} ${cause} ${dueAt}`,
  )
}

test('a Job that failed is told by its reason', () => {
  assert.deepEqual(told({ reason: 'BackoffLimitExceeded' }), ['H01 the Job failed 0'])
  assert.deepEqual(told({ reason: 'DeadlineExceeded' }), [
    'H02 the Job did not end within its activeDeadlineSeconds (DeadlineExceeded) 0',
  ])
  assert.deepEqual(told({ reason: 'PodFailurePolicy' }), ['H03 the Job failed (PodFailurePolicy) 0'])
  assert.deepEqual(told({}), ['H03 the Job failed 0'])
  for (const reason of ['XBackoffLimitExceeded', 'BackoffLimitExceededX', 'XDeadlineExceeded', 'DeadlineExceededX'])
    assert.deepEqual(told({ reason }), [`H03 the Job failed (${reason}) 0`])
})

test('a Job that is about to fail has failed; one that is complete, or only may fail, has not', () => {
  assert.equal(told({ type: 'FailureTarget', reason: 'BackoffLimitExceeded' }).length, 1)
  assert.deepEqual(told({ type: 'Complete' }), [])
  assert.deepEqual(told({ status: 'False' }), [])
})

test('a hook that failed is named by its events, and Helm itself ends the deploy', () => {
  assert.deepEqual(told({ reason: 'BackoffLimitExceeded' }, ['pre-install', 'pre-upgrade']), [
    'H06 the pre-install, pre-upgrade hook failed null',
  ])
})

test('a container that outlives the work of a Job is told, while both are of the pod itself', () => {
  const cause = (statuses: readonly ContainerStatus[], restartPolicy?: string, init: readonly ContainerStatus[] = []) =>
    podSignals(
      {
        ...pod('p', {}),
        spec: restartPolicy === undefined ? {} : { restartPolicy },
        status: { containerStatuses: [...statuses], initContainerStatuses: [...init] },
      },
      options,
    ).find(({ id }) => id === 'H10')?.cause
  const done = { name: 'work', state: ended(0, 'Completed') }
  const runs = { name: 'proxy', ready: true, state: { running: {} } }
  const says = 'container work has ended, but container proxy keeps the Job from ending'
  assert.equal(cause([done, runs], 'Never'), says)
  assert.equal(cause([runs, done], 'OnFailure'), says)
  assert.equal(cause([done, runs], 'Always'), undefined)
  assert.equal(cause([done, runs]), undefined, 'a pod restarts always when it does not say')
  assert.equal(cause([{ name: 'work', state: ended(1) }, runs], 'Never'), undefined)
  assert.equal(cause([done], 'Never'), undefined)
  assert.equal(cause([runs], 'Never', [{ ...done, name: 'init' }]), undefined, 'an init container is to end first')
})
