import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

import { debianPackages } from '../../testbed/apt.ts'

test('the README names every Debian package that may be installed, and no other', () => {
  const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8')
  const [sentence = ''] = /Debian's packages [^.]*that\s+are missing/.exec(readme) ?? []
  const named = Array.from(sentence.matchAll(/`([^`]+)`/g), ([, name]) => name)
  assert.deepEqual(new Set(named), new Set(debianPackages))
})
