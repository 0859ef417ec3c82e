import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { diagnose, toFinding } from '../../../src/health/diagnose.ts'
import { objectRowGroups } from '../../../src/health/object-faults.ts'
import { containerRows, podRowGroups } from '../../../src/health/signals.ts'
import { judge, options, readFixtures, toObserved } from './fixture.ts'

const fixtures = readFixtures()

for (const [name, fixture] of fixtures) {
  test(`${name}: ${fixture.about}`, () => {
    const observed = toObserved(fixture)
    assert.deepEqual(judge(observed), fixture.expect)
    for (const fault of diagnose(observed, options)) {
      const { evidence, cause } = toFinding(fault, observed)
      assert.ok(evidence.events.length <= 5 && evidence.logs.length <= 25)
      assert.doesNotMatch(cause, /[\r\n]|undefined|\.$/)
      const named = observed.pods.filter(({ metadata }) => metadata.name === evidence.object?.name)
      const isOld = named.length > 0 && named.every(({ metadata }) => observed.podsBefore.has(metadata.uid ?? ''))
      // One that should be gone by now is what a rollout waits for, not what it is judged by.
      assert.ok(!isOld || named.some(({ metadata }) => metadata.deletionTimestamp), 'a pod of before is never blamed')
    }
  })
}

test('each row of the table is seen in a fixture', () => {
  const rows = [...containerRows, ...Object.values(podRowGroups).flat(), ...objectRowGroups.flat()]
  const watched = rows.map((row) => ({ row, calls: mock.method(row, 'see').mock }))
  const unseen = new Set(rows)
  for (const fixture of fixtures.values()) {
    for (const { calls } of watched) calls.resetCalls()
    const faults = diagnose(toObserved(fixture), options)
    // A fault has the id of its row, which a few rows of one class share: so the row itself has to have seen something.
    for (const { row, calls } of watched)
      if (
        faults.some((fault) => fault.id === row.id && fault.class === row.class) &&
        calls.calls.some(({ result }) => result !== null)
      )
        unseen.delete(row)
  }
  mock.restoreAll()
  assert.deepEqual(
    [...unseen].map(({ id, sign }) => `${id} ${sign}`),
    [],
  )
})
