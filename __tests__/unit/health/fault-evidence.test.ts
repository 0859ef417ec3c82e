import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ContainerStatus, Pod } from '../../../src/cluster/types.ts'
import { isSameFault, keptFault, type Fault } from '../../../src/health/fault.ts'
import { faultEvidence, jobEvidence } from '../../../src/health/fault-evidence.ts'
import { unfinished } from '../../../src/health/diagnose.ts'
import type { Observed, WatchedObject } from '../../../src/health/observed.ts'
import { at, crashed, ended, event, observed, pod, watched, workload } from './builders.ts'
import { options } from './fixture.ts'

/** A pod of the Job with containers in those states, the first one its `app`. */
function jobPod(name: string, second: number, ...states: Partial<ContainerStatus>[]): Pod {
  const base = pod(name, {}, { owner: 'Job-uid', restartPolicy: 'Never' })
  const containerStatuses = states.map((state, index) => ({ name: ['app', 'proxy'][index] ?? '', ...state }))
  return {
    ...base,
    metadata: { ...base.metadata, ...(second ? { creationTimestamp: at(second) } : {}) },
    status: { phase: 'Running', containerStatuses },
  }
}
const job = watched(workload('Job'), { isNew: true })
const runs = { state: { running: {} } }
const failed = { state: ended(3) }
/** Which pod and container prove it. */
function shown(pods: readonly Pod[], message?: string): (string | undefined)[] {
  const { object, container, message: told } = jobEvidence(observed({ pods }), job, message)
  return [object?.name, container, told]
}

test('a Job is proved by its newest pod that failed, by the container that did', () => {
  assert.deepEqual(shown([jobPod('a', 1, failed), jobPod('b', 20, failed), jobPod('c', 10, failed)]), [
    'b',
    'app',
    undefined,
  ])
  assert.deepEqual(shown([jobPod('a', 1, failed), jobPod('b', 20, runs)]).slice(0, 2), ['a', 'app'])
  assert.deepEqual(shown([jobPod('a', 1, runs, failed)]).slice(0, 2), ['a', 'proxy'])
  assert.deepEqual(shown([jobPod('a', 1, crashed(1), runs)]).slice(0, 2), ['a', 'app'], 'its previous end')
  assert.deepEqual(shown([jobPod('a', 0, failed), jobPod('b', 1, failed)])[0], 'b', 'one whose age is unknown')
  assert.deepEqual(shown([jobPod('a', 1, failed)], 'it said so'), ['a', 'app', 'it said so'])
})

test('where none has failed it is proved by its newest pod, and without pods by itself', () => {
  assert.deepEqual(shown([jobPod('a', 1, runs), jobPod('b', 20, runs, runs)], 'late'), ['b', 'proxy', 'late'])
  assert.deepEqual(shown([jobPod('a', 1)]), ['a', undefined, undefined])
  assert.deepEqual(shown([], 'late'), [undefined, undefined, 'late'])
  const absent = { ...job, live: null }
  assert.deepEqual(jobEvidence(observed(), absent), { status: {}, events: [], logs: [], excerpt: {} })
})

const fault = (object: WatchedObject, witness: Fault['witness']): Fault => {
  const [open] = unfinished(observed({ objects: [object] }), options)
  assert.ok(open)
  return { ...open, witness }
}

test('evidence is of the container, the pod or the object that shows the fault', () => {
  const web = watched(workload('Deployment'))
  const one = pod('a', crashed(3))
  const events = [event('Deployment-uid', 'FailedCreate', 'no', 1), event('a', 'BackOff', 'back-off', 1)]
  const seen = observed({ pods: [one], events })
  const of = (witness: Fault['witness'], observedNow: Observed = seen) => {
    const { object, container, events: told, message } = faultEvidence(observedNow, fault(web, witness))
    return [object?.name, container, told.map(({ reason }) => reason).join(), message]
  }
  assert.deepEqual(of({ uid: 'a', container: 'app' }), ['a', 'app', 'BackOff', 'back-off 10s restarting'])
  assert.deepEqual(of({ uid: 'a', container: null }), ['a', undefined, 'BackOff', undefined])
  assert.deepEqual(of({ uid: 'a' }), ['a', 'app', 'BackOff', 'back-off 10s restarting'])
  assert.deepEqual(of({ uid: 'a' }, observed({ pods: [{ ...one, status: {} }] })), ['a', undefined, '', undefined])
  assert.deepEqual(of({ message: 'no more' }), [undefined, undefined, 'FailedCreate', 'no more'])
  const absent = { ...web, live: null }
  assert.deepEqual(faultEvidence(seen, fault(absent, {})).events, [], 'what does not exist has none')
})

test('a fault is the one that was kept when it is of the same object', () => {
  const web = fault(watched(workload('Deployment')), {})
  const db = fault(watched(workload('StatefulSet', { metadata: { name: 'db' } })), {})
  assert.deepEqual([web.id, web.key], ['', 'rollout'])
  assert.equal(isSameFault(web, keptFault(web)), true)
  assert.equal(isSameFault(web, keptFault(db)), false)
  assert.equal(isSameFault({ ...web, key: 'other' }, keptFault(web)), false)
})
