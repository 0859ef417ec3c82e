import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeEvent, Workload } from '../../../../src/cluster/types.ts'
import { objectFaults } from '../../../../src/health/object-faults.ts'
import { at, event, observed, replicaSet, start, watched, workload } from '../builders.ts'

const usual = { failFast: true, graceMs: null }
const set = workload('StatefulSet')
const failed = (message: string, seconds = 5, parts: Partial<KubeEvent> = {}) =>
  event('StatefulSet-uid', 'FailedCreate', message, seconds, parts)

/** What is wrong with the pods of a StatefulSet by these events, and when it ends the deploy. */
function told(events: readonly KubeEvent[], live: Workload = set): string[] {
  const faults = objectFaults(observed({ events }), watched(live), usual)
  return faults.map(({ id, class: name, dueAt }) => `${id} ${name} ${dueAt ? (dueAt - start) / 1000 : dueAt}`)
}

/** What API servers say, by the row that has to know it. */
const words: Readonly<Record<string, readonly string[]>> = {
  'B01 quota-exceeded': ['exceeded quota: compute, requested: pods=1, used: pods=3, limited: pods=3'],
  'B02 quota-exceeded': [
    'maximum memory usage per Container is 1Gi, but limit is 2Gi',
    'minimum cpu usage per Pod is 100m, but request is 50m',
    'maximum cpu usage per Pod is 1, but limit is 2',
    'failed quota: compute: pods need it',
    'must specify limits.cpu for: app',
    'must specify requests.memory for: app',
  ],
  'B03 admission-denied': ['violates PodSecurity "restricted:latest": runAsNonRoot != true'],
  'B04 admission-denied': [
    'admission webhook "policy.example.com" denied it',
    'ValidatingAdmissionPolicy "p" with binding "b" denied request: no',
    'policy x denied the request: no',
  ],
  'B04 api-refused': ['Internal error occurred: failed calling webhook "w.example.com": no endpoints available'],
  'B05 replica-creation': [
    'error looking up service account shop/web: serviceaccount "web" not found',
    'ServiceAccount web is missing',
  ],
  'B06 replica-creation': ['no PriorityClass with name high was found', 'pod rejected: RuntimeClass "kata" not found'],
  'B07 replica-creation': ['Pod "web-0" is invalid: spec.containers[0].image: Required value', ''],
}

test('what API servers say of pods that they refuse is known by its words', () => {
  for (const [row, messages] of Object.entries(words))
    for (const message of messages) {
      const [found, ...more] = told([failed(message)])
      assert.deepEqual([found?.replace(/ \S+$/, ''), more], [row, []], message)
    }
})

test('refusals end the deploy when one comes after the grace: three seconds for certain ones, more for those that may pass', () => {
  const due = (message: string, last: number) =>
    told([failed(message, 2), failed(message, last)])[0]
      ?.split(' ')
      .at(-1)
  for (const [message, grace] of [
    ['violates PodSecurity', 3],
    ['no PriorityClass with name high', 3],
    ['denied the request', 3],
    ['exceeded quota: a', 15],
    ['must specify limits', 15],
    ['failed calling webhook', 20],
    ['serviceaccount', 15],
    ['anything', 15],
  ] as const) {
    assert.equal(due(message, 2 + grace - 1), 'null', message)
    assert.equal(due(message, 2 + grace), String(2 + grace), message)
  }
})

test('the words of another thing are not taken for a refusal', () => {
  assert.deepEqual(told([event('StatefulSet-uid', 'Unhealthy', 'exceeded quota', 5)]), [])
  assert.deepEqual(told([event('other', 'FailedCreate', 'exceeded quota', 5)]), [])
  const ofDeployment = event('Deployment-uid', 'FailedCreate', 'exceeded quota', 5)
  assert.deepEqual(told([ofDeployment], workload('Deployment')), [], 'its ReplicaSet is asked')
  assert.equal(told([event('Job-uid', 'FailedCreate', 'exceeded quota', 5)], workload('Job')).length, 1)
  assert.equal(told([event('DaemonSet-uid', 'FailedCreate', 'exceeded quota', 5)], workload('DaemonSet')).length, 1)
})

test('a pod that could be created after all ends it, one of before the deploy does not begin it', () => {
  const created = event('StatefulSet-uid', 'SuccessfulCreate', 'create Pod web-0', 6)
  assert.deepEqual(told([failed('exceeded quota', 5), created]), [])
  assert.equal(told([created, failed('exceeded quota', 7)]).length, 1)
  const other = event('StatefulSet-uid', 'RecreatingFailedPod', 'recreating', 6)
  assert.equal(told([failed('exceeded quota', 5), other]).length, 1, 'what is not about creation')
  assert.deepEqual(told([failed('exceeded quota', -5)]), [])
  assert.equal(told([failed('exceeded quota', -1)]).length, 1, 'clocks that differ by a second')
})

test('the first try counts from when it is told to have been, however the events are folded', () => {
  const folded = failed('exceeded quota', 30, { firstTimestamp: at(10), count: 4 })
  assert.deepEqual(told([folded]), ['B01 quota-exceeded 30'])
  assert.deepEqual(told([failed('exceeded quota', 30, { firstTimestamp: null })]), ['B01 quota-exceeded null'])
})

test('the name of a pod that was never made is left out of the cause, and the whole message is kept', () => {
  const message = 'create Pod web-0 failed error: pods "web-0" is forbidden: exceeded quota: compute'
  const [fault] = objectFaults(observed({ events: [failed(message)] }), watched(set), usual)
  assert.equal(fault?.cause, 'its pods cannot be created: exceeded quota: compute')
  assert.equal(fault?.witness.message, message)
})

/** A Deployment whose ReplicaSet has that condition. */
function byCondition(condition: object): string[] {
  const base = replicaSet()
  const conditions = [{ type: 'ReplicaFailure', status: 'True', message: 'exceeded quota', ...condition }]
  const parts = observed({ replicaSets: [{ ...base, status: { conditions } }] })
  const faults = objectFaults(parts, watched(workload('Deployment')), usual)
  return faults.map(({ cause, dueAt }) => `${cause}; ${((dueAt ?? 0) - start) / 1000}`)
}

test('the condition of the newest ReplicaSet tells it for a Deployment, when it is of this deploy', () => {
  const says = (due: number) => [`its pods cannot be created: exceeded quota; ${due}`]
  assert.deepEqual(byCondition({ lastTransitionTime: at(3) }), says(18))
  assert.deepEqual(byCondition({ lastTransitionTime: at(-1) }), says(15), 'the grace begins with the deploy')
  assert.deepEqual(byCondition({ lastTransitionTime: at(-2) }), [])
  assert.deepEqual(byCondition({}), [], 'nobody says since when')
  assert.deepEqual(byCondition({ lastTransitionTime: at(3), status: 'False' }), [])
  assert.deepEqual(byCondition({ lastTransitionTime: at(3), type: 'Other' }), [])
})
