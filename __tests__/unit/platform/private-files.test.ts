import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { createPrivateFiles, leftFolders, removeFolder, replaceFile } from '../../../src/platform/private-files.ts'
import { temporaryDirectory } from '../../helpers/temporary.ts'

const step = { GITHUB_RUN_ID: '1', GITHUB_RUN_ATTEMPT: '1', GITHUB_JOB: 'deploy', GITHUB_ACTION: '__self' }

describe('the private folder', () => {
  // A backslash is a separator on Windows, and a letter like any other elsewhere.
  for (const name of ['plain', 'with blanks in it', "o'brien & sons (x86)", 'back\\slash', 'größe'])
    test(`in a RUNNER_TEMP named "${name}"`, () => {
      const temp = join(temporaryDirectory('temp'), name)
      mkdirSync(temp, { recursive: true })
      const env = { ...step, RUNNER_TEMP: temp }
      const files = createPrivateFiles(env)
      const path = files.write('values.yaml', 'a: 1\r\nb: 2\n')
      assert.equal(readFileSync(path, 'utf8'), 'a: 1\r\nb: 2\n')
      assert.deepEqual(leftFolders(env), [files.folder])
      assert.deepEqual(leftFolders({ ...env, GITHUB_ACTION: '__other' }), [])
      // Windows has no modes: Node tells the same of every file that may be written.
      const expected = process.platform === 'win32' ? [0o666, 0o666] : [0o700, 0o600]
      assert.deepEqual([statSync(files.folder).mode & 0o777, statSync(path).mode & 0o777], expected)
      removeFolder(files.folder)
      assert.equal(existsSync(files.folder), false)
      removeFolder(files.folder)
    })
})

describe('a file in the place of another', () => {
  const failing = (code: string, times: number): { calls: () => number; rename: () => void } => {
    let calls = 0
    const rename = (): void => {
      if (++calls <= times) throw Object.assign(new Error(code), { code })
    }
    return { calls: () => calls, rename }
  }

  for (const code of ['EPERM', 'EACCES', 'EBUSY'])
    test(`is tried again while it is ${code}: on Windows somebody else has it open`, () => {
      const { calls, rename } = failing(code, 3)
      replaceFile('a', 'b', rename)
      assert.equal(calls(), 4)
    })

  test('is given up after a moment, and at once where it cannot be', () => {
    const busy = failing('EBUSY', Infinity)
    assert.throws(() => replaceFile('a', 'b', busy.rename), { code: 'EBUSY' })
    assert.equal(busy.calls(), 10)
    const full = failing('ENOSPC', Infinity)
    assert.throws(() => replaceFile('a', 'b', full.rename), { code: 'ENOSPC' })
    assert.equal(full.calls(), 1)
  })
})
