import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeEvent } from '../../../src/cluster/types.ts'
import { diagnose } from '../../../src/health/diagnose.ts'
import { event, observed, pod, waiting, watched, workload } from './builders.ts'
import { options } from './fixture.ts'

/** What is found in the events of a pod that waits for its containers: class, cause, and whether it ends the deploy. */
function faults(events: readonly KubeEvent[], seconds = 200): [string, string, boolean][] {
  const pods = [pod('p', waiting('ContainerCreating'), { phase: 'Pending' })]
  const seen = observed({ objects: [watched(workload('Deployment'))], pods, events, seconds })
  return diagnose(seen, options).map(({ class: name, cause, dueAt }) => [name, cause, dueAt !== null])
}

/** As containerd tells it: each try makes a sandbox of another id, so that each is an event of its own. */
const sandbox = (second: number): KubeEvent => {
  const id = String(second).padStart(4, '0').repeat(16)
  const text = `Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "${id}": plugin type="aws-cni" failed (add)`
  return event('p', 'FailedCreatePodSandBox', text, second)
}
const cause =
  'the node cannot make the pod\'s sandbox: Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network: plugin type="aws-cni" failed (add)'

test('tries that are events of their own are one fault, as old as the first', () => {
  const tries = [2, 14, 27, 39, 52, 61, 65].map(sandbox)
  assert.deepEqual(faults(tries.slice(0, 5)), [['sandbox', cause, false]])
  assert.deepEqual(faults(tries), [['sandbox', cause, true]])
})

test('tries count since the last success', () => {
  const made = event('p', 'Pulled', 'Container image "a" already present on machine', 40)
  assert.deepEqual(faults([sandbox(2), made, sandbox(65), sandbox(80)]), [['sandbox', cause, false]])
  assert.deepEqual(faults([sandbox(2), made]), [])
})

const mount = (volume: string, why: string, second: number): KubeEvent =>
  event('p', 'FailedMount', `MountVolume.SetUp failed for volume "${volume}" : ${why}`, second)

test('two volumes whose Secrets do not exist are both told', () => {
  const events = [5, 30, 60].flatMap((second) => [
    mount('a', 'secret "db" not found', second),
    mount('b', 'secret "tls" not found', second + 1),
  ])
  const general = event(
    'p',
    'FailedMount',
    'Unable to attach or mount volumes: timed out waiting for the condition',
    70,
  )
  assert.deepEqual(faults([...events, general]), [
    ['missing-config', 'volume a needs the Secret db, which does not exist', true],
    ['missing-config', 'volume b needs the Secret tls, which does not exist', true],
  ])
})

test('a volume that has not failed for long while another does has got over it', () => {
  const events = [mount('a', 'secret "db" not found', 1), mount('b', 'secret "tls" not found', 150)]
  assert.deepEqual(
    faults(events).map(([, text]) => text),
    ['volume b needs the Secret tls, which does not exist'],
  )
})

test('what a volume failed of before is not counted to another reason', () => {
  const events = [mount('a', 'secret "db" not found', 1), mount('a', 'mount failed: exit status 32', 160)]
  assert.deepEqual(faults(events), [
    [
      'volume',
      'volume a cannot be mounted: MountVolume.SetUp failed for volume "a" : mount failed: exit status 32',
      false,
    ],
  ])
  const again = mount('a', 'mount failed: exit status 32', 5)
  assert.equal(faults([again, ...events])[0]?.[2], true)
})
