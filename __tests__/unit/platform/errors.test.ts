import assert from 'node:assert/strict'
import { test } from 'node:test'
import { diskProblem } from '../../../src/platform/errors.ts'

test('an error of the disk says what it means, and what to do', () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
  const { problem, remedy } = diskProblem(full) ?? assert.fail()
  assert.equal(problem, "The runner's disk is full: ENOSPC: no space left on device, write")
  assert.match(remedy, /RUNNER_TEMP/)
  assert.match(diskProblem(Object.assign(new Error('x'), { code: 'EROFS' }))?.problem ?? '', /read-only/)
  for (const other of [new Error('x'), Object.assign(new Error('x'), { code: 'ECONNRESET' }), 'text', null, undefined])
    assert.equal(diskProblem(other), null)
})
