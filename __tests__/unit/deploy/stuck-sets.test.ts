import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod, Workload } from '../../../src/cluster/types.ts'
import { refKey } from '../../../src/cluster/manifest.ts'
import { stuckSets } from '../../../src/deploy/stuck-sets.ts'
import { observed, replicaSet, watched, workload } from '../health/builders.ts'

const deployment = workload('Deployment', { status: { observedGeneration: 2, updatedReplicas: 2 } })
const restored = replicaSet(3, 'restored')
const failed = replicaSet(2, 'failed')

function podOf(set: Workload, parts: Partial<Pod['metadata']> = {}, ready = 'False'): Pod {
  const owner = { uid: set.metadata.uid ?? '', kind: 'ReplicaSet', name: set.metadata.name, controller: true }
  return {
    kind: 'Pod',
    metadata: { name: `${set.metadata.name}-pod`, uid: `${set.metadata.name}-pod`, ownerReferences: [owner], ...parts },
    spec: { containers: [] },
    status: { conditions: [{ type: 'Ready', status: ready }] },
  }
}

function found(pods: Pod[], live: Workload = deployment, before: string[] = [], isHopeless = true): string[] {
  const object = watched(live)
  const seen = observed({
    objects: [object],
    replicaSets: [restored, failed],
    pods: [podOf(restored), ...pods],
    podsBefore: new Set(before),
  })
  return stuckSets(seen, new Set(isHopeless ? [refKey(object.manifest)] : [])).map(({ metadata }) => metadata.name)
}

test('a ReplicaSet of the failed revision whose pods are all broken is stuck', () => {
  assert.deepEqual(found([podOf(failed)]), ['failed'])
})

const kept: { readonly what: string; readonly names: string[] }[] = [
  { what: 'a pod serves', names: found([podOf(failed, {}, 'True')]) },
  { what: 'a pod was there before the deploy', names: found([podOf(failed)], deployment, ['failed-pod']) },
  { what: 'its pods end already', names: found([podOf(failed, { deletionTimestamp: '2026-11-22T10:00:00Z' })]) },
  { what: 'it has no pods', names: found([]) },
  { what: 'its Deployment has to be ready again', names: found([podOf(failed)], deployment, [], false) },
  {
    what: 'the controller has not made all restored pods yet',
    names: found([podOf(failed)], { ...deployment, status: { observedGeneration: 2, updatedReplicas: 1 } }),
  },
  {
    what: 'the controller has not seen the restored template yet',
    names: found([podOf(failed)], { ...deployment, status: { observedGeneration: 1, updatedReplicas: 2 } }),
  },
]

for (const { what, names } of kept) test(`a ReplicaSet is left alone when ${what}`, () => assert.deepEqual(names, []))
