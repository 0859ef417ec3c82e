import assert from 'node:assert/strict'
import { test } from 'node:test'
import { diagnose, toFinding } from '../../../src/health/diagnose.ts'
import { judge, options, readFixtures, toObserved } from './fixture.ts'

for (const [name, fixture] of readFixtures()) {
  test(`${name}: ${fixture.about}`, () => {
    const observed = toObserved(fixture)
    assert.deepEqual(judge(observed), fixture.expect)
    for (const fault of diagnose(observed, options)) {
      const { evidence, cause } = toFinding(fault, observed)
      assert.ok(evidence.events.length <= 5 && evidence.logs.length <= 25)
      assert.doesNotMatch(cause, /[\r\n]|undefined|\.$/)
      const named = observed.pods.filter(({ metadata }) => metadata.name === evidence.object?.name)
      const isOld = named.length > 0 && named.every(({ metadata }) => observed.podsBefore.has(metadata.uid ?? ''))
      assert.ok(!isOld, 'a pod of before is never blamed')
    }
  })
}
