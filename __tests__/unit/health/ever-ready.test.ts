import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Condition, Pod, Workload } from '../../../src/cluster/types.ts'
import { hasReadiness, wasEverReady } from '../../../src/health/ever-ready.ts'
import { at, workload } from './builders.ts'

const condition = (type: string, status: string, seconds: number, reason = ''): Condition => ({
  type,
  status,
  reason,
  lastTransitionTime: at(seconds),
})
/** An object that was made when the deploy began. */
const made = (kind: string, status: object, spec: object = { replicas: 2 }, generation = 1): Workload => ({
  ...workload(kind),
  metadata: { name: 'web', creationTimestamp: at(0), generation },
  spec,
  status,
})
const aPod = (status: Pod['status']): Pod => ({
  metadata: { name: 'p', creationTimestamp: at(0) },
  ...(status ? { status } : {}),
})
const starting = aPod({ phase: 'Running', startTime: at(1), conditions: [condition('Ready', 'False', 2)] })
const serving = aPod({ phase: 'Running', startTime: at(1), conditions: [condition('Ready', 'True', 30)] })

const complete = condition('Progressing', 'True', 0, 'NewReplicaSetAvailable')
const rows: readonly (readonly [what: string, live: Workload, wanted: boolean])[] = [
  ['a Deployment that only began', made('Deployment', { replicas: 2, unavailableReplicas: 2 }), false],
  ['one with a ready pod', made('Deployment', { readyReplicas: 1 }), true],
  ['one with an available pod', made('Deployment', { availableReplicas: 1 }), true],
  ['never available', made('Deployment', { conditions: [condition('Available', 'False', 2)] }), false],
  ['no more available', made('Deployment', { conditions: [condition('Available', 'False', 60)] }), true],
  [
    'available with none, as maxUnavailable allows',
    made('Deployment', { conditions: [condition('Available', 'True', 1)] }),
    false,
  ],
  ['with another condition', made('Deployment', { conditions: [condition('Other', 'False', 60)] }), false],
  ['available late', made('Deployment', { conditions: [condition('Available', 'True', 60)] }), false],
  ['progressing', made('Deployment', { conditions: [condition('Progressing', 'True', 60, 'X')] }), false],
  [
    'another condition for that reason',
    made('Deployment', { conditions: [condition('Other', 'True', 0, 'NewReplicaSetAvailable')] }),
    false,
  ],
  ['was complete', made('Deployment', { conditions: [complete] }), true],
  ['none wanted from the start', made('Deployment', { conditions: [complete] }, { replicas: 0 }), false],
  ['scaled away', made('Deployment', { conditions: [complete] }, { replicas: 0 }, 2), true],
  ['a StatefulSet whose first pod starts', made('StatefulSet', { replicas: 1 }), false],
  ['with a ready pod', made('StatefulSet', { readyReplicas: 1 }), true],
  ['with a second pod', made('StatefulSet', { replicas: 2 }), true],
  ['with pods made at once', made('StatefulSet', { replicas: 2 }, { podManagementPolicy: 'Parallel' }), false],
  ['a DaemonSet without', made('DaemonSet', { desiredNumberScheduled: 2, numberReady: 0 }), false],
  ['a DaemonSet with', made('DaemonSet', { numberReady: 1 }), true],
  ['a DaemonSet with an available pod', made('DaemonSet', { numberAvailable: 1 }), true],
  ['a ReplicaSet', made('ReplicaSet', { readyReplicas: 1 }), true],
  ['a Job that starts', made('Job', { active: 1, ready: 0 }), false],
  ['a Job that works', made('Job', { active: 1, ready: 1 }), true],
  ['a Job that failed', made('Job', { failed: 1, conditions: [condition('Failed', 'True', 60)] }), false],
  ['a Job that completed once', made('Job', { succeeded: 1 }), true],
  ['a Job that completed', made('Job', { conditions: [condition('Complete', 'True', 60)] }), true],
  ['a Job that has done enough', made('Job', { conditions: [condition('SuccessCriteriaMet', 'True', 60)] }), true],
  ['a Job that has not completed', made('Job', { conditions: [condition('Complete', 'False', 60)] }), false],
  ['a pod that ended well', { kind: 'Pod', ...aPod({ phase: 'Succeeded' }) } as Workload, true],
  [
    'a pod that was ready at once',
    { kind: 'Pod', ...aPod({ startTime: at(1), conditions: [condition('Ready', 'True', 2)] }) } as Workload,
    true,
  ],
  ['a pod that starts', { kind: 'Pod', ...starting } as Workload, false],
  ['a ConfigMap', made('ConfigMap', {}), false],
  ['an unready custom resource', made('Certificate', { conditions: [condition('Ready', 'False', 2)] }), false],
  ['a ready one', made('Certificate', { conditions: [condition('Ready', 'True', 2)] }), true],
  ['one that soon knew', made('Database', { conditions: [condition('Ready', 'False', 10)] }), false],
  ['one that is ready no more', made('Database', { conditions: [condition('Ready', 'False', 60)] }), true],
  ['one that says so in a word', made('Database', { phase: 'Running' }), true],
  ['one that says otherwise in a word', made('Database', { state: 'Provisioning' }), false],
  ['one that begins with another word', made('Database', { phase: 'NotReady' }), false],
  ['one with conditions of its own form', made('Odd', { conditions: { Ready: true } }), false],
  ['one with a condition that is null', made('Odd', { conditions: [null] }), false],
  ['a bound claim', made('PersistentVolumeClaim', { phase: 'Bound' }), false],
  ['a namespace', made('Namespace', { phase: 'Active' }), false],
  ['a Service', made('Service', { loadBalancer: {} }), false],
]

test('whether an object was ever ready, by its own status', () => {
  for (const [what, live, wanted] of rows) assert.equal(wasEverReady(live, []), wanted, what)
})

test('an object without status or specification was never ready', () => {
  for (const kind of ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job', 'Pod', 'Database']) {
    const bare: Workload = { kind, metadata: { name: 'web' } }
    assert.equal(wasEverReady(bare, []), false, kind)
  }
  const status = { conditions: [complete] }
  assert.equal(wasEverReady({ kind: 'Deployment', metadata: { name: 'web' }, status }, []), true)
  assert.equal(wasEverReady({ kind: 'StatefulSet', metadata: { name: 'web' }, status: { replicas: 2 } }, []), true)
})

test('pods tell what a controller has forgotten', () => {
  const pods: readonly (readonly [string, Pod, boolean])[] = [
    ['starts', starting, false],
    ['serves', serving, true],
    ['served', aPod({ startTime: at(1), conditions: [condition('Ready', 'False', 60)] }), true],
    ['served, its start unknown', aPod({ conditions: [condition('Ready', 'False', 60)] }), true],
    ['is not scheduled', aPod({ phase: 'Pending', conditions: [condition('PodScheduled', 'False', 60)] }), false],
    ['has no status', aPod(undefined), false],
  ]
  for (const [what, pod, wanted] of pods) {
    assert.equal(wasEverReady(made('Deployment', {}), [starting, pod]), wanted, what)
    assert.equal(wasEverReady(made('Database', {}), [pod]), wanted, what)
  }
  assert.equal(wasEverReady(made('Job', { failed: 1 }), [serving]), false)
})

test('only what can be ready has readiness', () => {
  for (const kind of ['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'Pod'])
    assert.equal(hasReadiness(made(kind, {})), true, kind)
  assert.equal(hasReadiness(made('Database', { phase: 'Failed' })), true)
  assert.equal(hasReadiness(made('Certificate', { conditions: [condition('Ready', 'False', 2)] })), true)
  assert.equal(hasReadiness(made('ConfigMap', {})), false)
  assert.equal(hasReadiness(made('Database', { phase: { is: 'ready' } })), false, 'no word')
  for (const kind of ['Service', 'PersistentVolumeClaim', 'PersistentVolume', 'Namespace'])
    assert.equal(hasReadiness(made(kind, { phase: 'Active' })), false, kind)
})
