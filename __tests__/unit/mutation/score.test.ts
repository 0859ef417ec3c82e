import assert from 'node:assert/strict'
import { test } from 'node:test'
import { percent, reportLines, scoreOf } from '../../mutation/score.ts'

const mutant = (status: string, line = 1, column = 1, end = { line, column: column + 4 }) => ({
  mutatorName: 'BooleanLiteral',
  status,
  replacement: 'false',
  location: { start: { line, column }, end },
})

test('what was ignored or could not be tried counts for nothing', () => {
  const all = ['Killed', 'Timeout', 'Survived', 'NoCoverage', 'Ignored', 'RuntimeError'].map((one) => mutant(one))
  assert.deepEqual(scoreOf(all), { found: 2, of: 4 })
  assert.equal(percent({ found: 2, of: 4 }), 50)
  assert.equal(percent(scoreOf([])), 100)
})

test('what no test noticed is listed by its place, cut to one line', () => {
  const mutants = [mutant('NoCoverage', 2, 1, { line: 3, column: 1 }), mutant('Survived', 1, 5), mutant('Killed')]
  assert.deepEqual(reportLines({ files: { 'a.ts': { source: 'a = true\nb = [\n]', mutants } } }), [
    ' 33.3 %  a.ts (1 of 3)',
    '         1:5 true → false',
    '         2:1 b = [ … → false (no test comes here)',
  ])
})
