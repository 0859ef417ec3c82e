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
      const pod = observed.pods.find(({ metadata }) => metadata.name === evidence.object?.name)
      assert.ok(!observed.podsBefore.has(pod?.metadata.uid ?? ''), 'a pod of before is never blamed')
    }
  })
}
