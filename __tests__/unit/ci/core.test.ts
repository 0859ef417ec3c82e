import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { isCore, notCore } from '../../core.ts'
import { repository } from '../../helpers/documents.ts'

test('the core is what decides, without what takes long', () => {
  assert.ok(isCore('__tests__/unit/health/judge.test.ts'))
  assert.ok(isCore('__tests__\\unit\\health\\table\\rollouts.test.ts'))
  for (const path of ['github/publish', 'testbed/core', 'report/hostile'])
    assert.ok(!isCore(`__tests__/unit/${path}.test.ts`), path)
  for (const path of notCore) assert.ok(existsSync(join(repository, path)), path)
})
