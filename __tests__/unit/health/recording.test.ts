import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Workload } from '../../../src/cluster/types.ts'
import type { Change } from '../../../src/health/change.ts'
import { createRecorder } from '../../../src/health/recording.ts'
import { crashed, event, pod, workload } from './builders.ts'

const put = (at: number, object: unknown): Change => ({ at, kind: 'put', object: object as Workload })
const times = (changes: readonly Change[]): number[] => changes.map(({ at }) => at)

function recorded(...changes: Change[]): number[] {
  const recorder = createRecorder()
  for (const change of changes) recorder.add(change)
  assert.equal(recorder.dropped, 0)
  return times(recorder.changes)
}

test('an object that did not change is kept once, one that changed and changed back three times', () => {
  const one = workload('Deployment')
  const other = { ...one, status: { observedGeneration: 3 } }
  assert.deepEqual(recorded(put(1, one), put(2, one), put(3, other), put(4, other), put(5, one)), [1, 3, 5])
})

test('an object that was gone and is there again as it was is kept, and so is its second end', () => {
  const one = pod('a', {})
  const gone = (at: number): Change => ({ at, kind: 'gone', uid: 'a' })
  assert.deepEqual(recorded(put(1, one), gone(2), gone(3), put(4, one), put(5, one), gone(6)), [1, 2, 4, 6])
})

test('each object is told apart by its uid', () => {
  assert.deepEqual(recorded(put(1, pod('a', {})), put(2, pod('b', {})), put(3, pod('a', {}))), [1, 2])
})

const twice: readonly [string, Change][] = [
  ['an event', { at: 1, kind: 'event', event: event('p', 'Failed', 'x', 1) }],
  ['a log', { at: 1, kind: 'logs', container: 'p/app', lines: ['x'] }],
  ['an end', { at: 1, kind: 'gone', uid: 'p' }],
]

for (const [name, change] of twice) {
  test(`${name} that is told twice is kept once`, () => {
    assert.deepEqual(recorded(change, { ...change, at: 2 }), [1])
  })
}

test('events are told apart by uid or name, logs by container, ends by uid', () => {
  const told = event('p', 'Failed', 'x', 1)
  const byUid = (uid: string) => ({ ...told, metadata: { ...told.metadata, uid } })
  const changes: Change[] = [
    { at: 1, kind: 'event', event: byUid('u') },
    { at: 2, kind: 'event', event: byUid('v') },
    { at: 3, kind: 'event', event: { ...told, metadata: { name: 'other' } } },
    { at: 4, kind: 'logs', container: 'p/app', lines: ['x'] },
    { at: 5, kind: 'logs', container: 'p/proxy', lines: ['x'] },
    { at: 6, kind: 'gone', uid: 'p' },
    { at: 7, kind: 'gone', uid: 'q' },
    { at: 8, kind: 'event', event: byUid('u') },
    { at: 9, kind: 'logs', container: 'p/app', lines: ['x'] },
    { at: 10, kind: 'gone', uid: 'p' },
  ]
  assert.deepEqual(recorded(...changes), [1, 2, 3, 4, 5, 6, 7])
})

test('what counts each time is kept each time', () => {
  const repeated: Change[] = [
    { at: 1, kind: 'begin' },
    { at: 2, kind: 'begin' },
    { at: 3, kind: 'appeared', what: 'Secret/shop/db' },
    { at: 4, kind: 'appeared', what: 'Secret/shop/db' },
    { at: 5, kind: 'release', objects: [] },
    { at: 6, kind: 'release', objects: [] },
  ]
  assert.deepEqual(recorded(...repeated), [1, 2, 3, 4, 5, 6])
})

test('what does not fit in is counted, and nothing after it is kept', () => {
  const lines = ['x'.repeat(400)]
  const log = (at: number): Change => ({ at, kind: 'logs', container: `p${at}/app`, lines })
  const recorder = createRecorder(1000)
  for (const at of [1, 2, 3, 4]) recorder.add(log(at))
  recorder.add({ at: 5, kind: 'gone', uid: 'a' })
  assert.deepEqual([times(recorder.changes), recorder.dropped], [[1, 2], 3])
})

test('what fits in exactly is kept', () => {
  const change: Change = { at: 1, kind: 'gone', uid: 'a' }
  const size = JSON.stringify({ kind: 'gone', uid: 'a' }).length
  for (const [most, kept] of [
    [size, 1],
    [size - 1, 0],
  ] as const) {
    const recorder = createRecorder(most)
    recorder.add(change)
    assert.deepEqual([recorder.changes.length, recorder.dropped], [kept, 1 - kept])
  }
})

test('a deploy of a thousand pods fits in, one without end does not', () => {
  const recorder = createRecorder()
  for (let index = 0; index < 1000; index++) recorder.add(put(index, pod(`pod-${index}`, crashed(3))))
  assert.equal(recorder.dropped, 0)
  const lines = ['x'.repeat(1024 * 1024)]
  for (let index = 0; index < 5; index++) recorder.add({ at: index, kind: 'logs', container: `${index}`, lines })
  assert.ok(recorder.dropped > 0)
  assert.ok(JSON.stringify(recorder.changes).length <= 4 * 1024 * 1024 + 1000 * 100)
})

test('of a log only the newest lines stay, so that a chatty container leaves room', () => {
  const log = (at: number, text: string): Change => ({
    at,
    kind: 'logs',
    container: 'p/app',
    lines: [text.repeat(200)],
  })
  const recorder = createRecorder(1000)
  for (const [index, text] of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].entries()) recorder.add(log(index, text))
  recorder.add({ at: 9, kind: 'gone', uid: 'a' })
  assert.deepEqual([times(recorder.changes), recorder.dropped], [[7, 9], 0])
  recorder.add(log(10, 'x'.repeat(10)))
  assert.deepEqual(
    [times(recorder.changes), recorder.dropped],
    [[7, 9], 1],
    'one that does not fit in leaves the older',
  )
})
