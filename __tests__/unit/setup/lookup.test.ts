import assert from 'node:assert/strict'
import { test } from 'node:test'
import { resolveLocally } from '../../../src/setup/lookup.ts'

const known = ['3.14.0', '3.18.2', '3.18.10', '3.18.6', '4.0.4', '4.1.3', '4.2.1']

const cases: [string, string, string | null, string[], string | null][] = [
  ['the installed one wins', '>=3.14 <5', '3.16.0', ['3.18.6'], '3.16.0'],
  ['one in the cache wins over one that is only known', '3', null, ['3.15.1', '3.15.2'], '3.15.2'],
  ['one that is known', '3.18', null, [], '3.18.10'],
  ['numbers are no texts', '~3.18.2', null, ['3.18.2', '3.18.9'], '3.18.9'],
  ['an installed one that does not fit is not taken', '^4.0', '3.18.6', [], '4.2.1'],
  ['a faulty installed one gives way', '^4.1', '4.1.0', [], '4.2.1'],
  ['a faulty cached one gives way to one that is known', '4', null, ['4.1.3'], '4.2.1'],
  ['a faulty one is taken when there is no other', '~4.1.0', null, [], '4.1.3'],
  ['the installed faulty one first', '4.1.x', '4.1.0', ['4.1.2'], '4.1.0'],
  ['either side of an or', '3.14 || 4.0.x', null, [], '4.0.4'],
  ['pre-releases only when named', '^4.3', null, ['4.3.0-rc.1'], null],
  ['a pre-release that is named', '>=4.3.0-0 <4.4', null, ['4.3.0-rc.1'], '4.3.0-rc.1'],
  ['another major is never taken', '>=4.3', '5.0.0', ['5.1.0'], null],
  ['nothing fits', '^4.9', '4.3.1', ['4.2.0'], null],
  ['what is no version is passed over', '4', null, ['4.2.0', 'nonsense'], '4.2.0'],
]

for (const [name, range, installed, cached, expected] of cases)
  test(`a range without asking: ${name}`, () => {
    assert.equal(resolveLocally(range, { installed, cached, known }), expected)
  })
