import assert from 'node:assert/strict'
import { test } from 'node:test'
import { podSignals } from '../../../../src/health/signals.ts'
import { pod } from '../builders.ts'
import { options } from '../fixture.ts'

/** The sign of a pod that the scheduler says this of. */
function signal(message: string | undefined, condition: object = {}, unschedulableGraceMs: number | null = null) {
  const one = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', ...condition }
  const conditions = [message === undefined ? one : { ...one, message }]
  const unplaced = { ...pod('p', {}), spec: {}, status: { phase: 'Pending', conditions } }
  return podSignals(unplaced, { ...options, unschedulableGraceMs })[0]
}

/** What schedulers say, by the row that has to know it. */
const words: Readonly<Record<string, readonly string[]>> = {
  C05: [
    '0/3 nodes are available: persistentvolumeclaim "data" not found.',
    '0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims.',
  ],
  C06: [
    '0/3 nodes are available: 3 node(s) had volume node affinity conflict.',
    "0/3 nodes are available: 3 node(s) didn't match PersistentVolume's node affinity.",
  ],
  C02: [
    "0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector.",
    "0/3 nodes are available: 3 node(s) didn't match Pod's node selector.",
    "0/3 nodes are available: 3 node(s) didn't match pod affinity rules.",
  ],
  C03: ['0/3 nodes are available: 3 node(s) had untolerated taint {gpu: true}.'],
  C01: ['0/3 nodes are available: 3 Insufficient cpu.', '0/3 nodes are available: 3 Too many pods.'],
  C04: [
    "0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules.",
    "0/3 nodes are available: 3 node(s) didn't match pod topology spread constraints.",
  ],
  C08: ["0/3 nodes are available: 3 node(s) didn't have free ports for the requested pod ports."],
  C09: [
    '0/3 nodes are available: 3 node(s) were unschedulable.',
    'no nodes available to schedule pods',
    '0 nodes available',
    'something new',
    '',
  ],
}

test('what the scheduler says is known by its words', () => {
  for (const [id, messages] of Object.entries(words))
    for (const message of messages) assert.equal(signal(message)?.id, id, message)
})

test('the advice is of the row whose words they are', () => {
  assert.match(signal('no nodes available to schedule pods')?.advice ?? '', /^Uncordon/)
  assert.match(signal('0 nodes available')?.advice ?? '', /^Uncordon/)
  assert.match(signal('3 node(s) were unschedulable')?.advice ?? '', /^Uncordon/)
  assert.match(signal('something new')?.advice ?? '', /^Read what/)
})

test('what the scheduler says is told without its words on preemption', () => {
  const cause = (message?: string) => signal(message)?.cause
  const insufficient = 'no node can take the pod: 0/3 nodes are available: 3 Insufficient cpu'
  const preemption = 'preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.'
  assert.equal(cause('0/3 nodes are available: 3 Insufficient cpu.'), insufficient)
  assert.equal(cause(`0/3 nodes are available: 3 Insufficient cpu. ${preemption}`), insufficient)
  assert.equal(
    cause(`0/3 nodes are available: 3 Insufficient cpu. no new claims to deallocate, ${preemption}\nmore`),
    insufficient,
  )
  assert.equal(cause(), 'no node can take the pod:')
})

test('no node is judged at the timeout, or after the grace of the inputs', () => {
  assert.deepEqual(signal('3 Insufficient cpu')?.severity, { kind: 'timeout' })
  assert.deepEqual(signal('3 Insufficient cpu', {}, 60_000)?.severity, { kind: 'grace', afterMs: 60_000 })
  assert.deepEqual(signal('', { reason: 'SchedulingGated' }, 60_000)?.severity, { kind: 'timeout' })
})

test('a pod that is placed, or of which the scheduler says something else, has no such sign', () => {
  assert.equal(signal('3 Insufficient cpu', { status: 'True' }), undefined)
  assert.equal(signal('3 Insufficient cpu', { reason: 'SchedulerError' }), undefined)
  assert.equal(signal('3 Insufficient cpu', { type: 'Initialized' }), undefined)
  assert.deepEqual(signal('x', { reason: 'SchedulingGated' })?.id, 'C07')
})
