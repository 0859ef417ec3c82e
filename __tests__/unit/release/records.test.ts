import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiError } from '../../../src/cluster/client.ts'
import { UnreadableRecord, toEntry, type ReleaseRecord, type RevisionEntry } from '../../../src/release/record.ts'
import { readGood, readRecord } from '../../../src/release/records.ts'
import { entry, record } from './facts.ts'

/** A storage that holds these records, by revision; an error is what reading one ends with. */
const storage = (held: Readonly<Record<number, ReleaseRecord | Error>>) => ({
  read: async ({ revision }: RevisionEntry): Promise<ReleaseRecord> => {
    const found = held[revision]
    if (!found || found instanceof Error) throw found ?? new Error('nobody asked for it')
    return found
  },
})
const unreadable = new UnreadableRecord('v2 cannot be read as a Helm release')
const entries = [entry(1, 'superseded'), entry(2, 'superseded'), entry(3, 'deployed'), entry(4, 'failed')]

test('what cannot be read is told, what may not be read is thrown', async () => {
  const held = storage({
    1: record(1, 'superseded'),
    2: unreadable,
    3: new ApiError(403, '', 'no', '/'),
    4: record(0, 'unknown'),
  })
  const read = (index: number) => readRecord(held, entries[index] as RevisionEntry)
  assert.equal(((await read(0)) as ReleaseRecord).revision, 1)
  assert.deepEqual(await read(1), { unreadable: unreadable.message })
  await assert.rejects(read(2), ApiError)
  assert.deepEqual(await read(3), { unreadable: 'sh.helm.release.v1.shop.v4 says that it is revision 0, not 4' })
})

test('the last good revision is the newest that can be read; the others are named', async () => {
  const good = async (held: Parameters<typeof storage>[0]) => {
    const { good: found, skipped } = await readGood(storage(held), entries)
    return [found?.revision ?? null, skipped.map(({ revision }) => revision)]
  }
  const [first, second] = [record(1, 'superseded'), record(2, 'superseded')]
  const bad = record(2, 'superseded', { description: 'Rollback "shop" failed: no' })
  assert.deepEqual(await good({ 3: record(3, 'deployed') }), [3, []])
  assert.deepEqual(await good({ 1: first, 2: second, 3: unreadable }), [2, [3]])
  assert.deepEqual(await good({ 1: first, 2: bad, 3: unreadable }), [1, [3]])
  assert.deepEqual(await good({ 1: unreadable, 2: bad, 3: unreadable }), [null, [3, 1]])
})

test('an entry tells its times by both clocks, and whose it is', () => {
  const labels = {
    owner: 'helm',
    version: '2',
    status: 'pending-upgrade',
    createdAt: '1795341600',
    modifiedAt: '1795341660',
    'atomic-helm.dev/run': '7',
    'atomic-helm.dev/attempt': '2',
    'atomic-helm.dev/timeout': '900',
  }
  const metadata = {
    name: 'v2',
    labels,
    creationTimestamp: '2026-11-22T10:00:05Z',
    managedFields: [{ time: '2026-11-22T10:01:05Z' }, {}, { time: '2026-11-22T10:00:05Z' }],
  }
  assert.deepEqual(toEntry({ metadata }), {
    name: 'v2',
    revision: 2,
    status: 'pending-upgrade',
    createdAt: Date.parse('2026-11-22T10:00:05Z'),
    writtenAt: Date.parse('2026-11-22T10:01:05Z'),
    labelledAt: 1_795_341_660_000,
    run: '7',
    attempt: '2',
    timeoutMs: 900_000,
  })
  const odd = {
    owner: 'helm',
    version: '2',
    status: 'failed',
    createdAt: 'x',
    'atomic-helm.dev/run': '',
    'atomic-helm.dev/timeout': '-1',
  }
  assert.deepEqual(toEntry({ metadata: { name: 'v2', labels: odd, creationTimestamp: 'never' } }), {
    name: 'v2',
    revision: 2,
    status: 'failed',
  })
})
