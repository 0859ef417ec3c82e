import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from 'yaml'
import { fillValues } from '../../../src/preview/values.ts'

const placed = { pr: '7', sha: 'abc', branch: 'x' }
const textOf = (text: string, words: Readonly<Record<string, string>> = placed): string => {
  const filled = fillValues(text, words)
  assert.ok('text' in filled, JSON.stringify(filled))
  return filled.text
}

const texts = [
  ['nothing to put in', 'a: 1\n# {{ pr }}\nb: [yes, 0644, ~]\n', 'a: 1\n# {{ pr }}\nb: [yes, 0644, ~]\n'],
  ['plain', 'host: pr-{{ pr }}.example.com # why\n', 'host: "pr-7.example.com" # why\n'],
  ['single quotes', "a: '{{pr}}''s'\nb: 1\n", 'a: "7\'s"\nb: 1\n'],
  ['double quotes', 'a: "\\t{{  pr  }}"\n', 'a: "\\t7"\n'],
  ['a string stays a string', 'tag: "{{ pr }}"\n', 'tag: "7"\n'],
  ['keys', '"{{ pr }}-a": 1\nb{{ pr }}: 2\n', '"7-a": 1\n"b7": 2\n'],
  ['flow', 'a: {b: "{{ pr }}", c: ["{{ sha }}"]}\n', 'a: {b: "7", c: ["abc"]}\n'],
  ['a literal block', 'a: |\n  x {{ pr }}\n  {{ .Values.y }}\nb: 1\n', 'a: "x 7\\n{{ .Values.y }}\\n"\nb: 1\n'],
  ['a folded block', 'a: >-\n  x\n  {{ pr }}\nb: 1\n', 'a: "x 7"\nb: 1\n'],
  ['a block in a list', 'l:\n  - |\n    {{ pr }}\n  - b\n', 'l:\n  - "7\\n"\n  - b\n'],
  ['anchors', 'a: &x "{{ pr }}"\nb: *x\n', 'a: &x "7"\nb: *x\n'],
  ["a chart's own text beside it", 'a: "{{ pr }} {{ tpl .x . }} {{- sha }}"\n', 'a: "7 {{ tpl .x . }} {{- sha }}"\n'],
  ['not yet known', 'a: "{{ release }}"\n', 'a: "{{ release }}"\n'],
  ['no YAML', 'a: [1\n{{ pr }}', 'a: [1\n{{ pr }}'],
  ['nothing', '', ''],
] as const
for (const [name, text, wanted] of texts) test(name, () => assert.equal(textOf(text), wanted))

test('whatever is put in, nothing around it changes', () => {
  const hostile = [
    '"',
    "'",
    '\\',
    '\n- x',
    ': ',
    ' #',
    '{}',
    '*a',
    '&a',
    '!!int 1',
    '\u2028',
    '\u0085',
    '😀',
    '\u0007',
    '%',
  ]
  for (const pr of hostile) {
    const text = 'a: "{{ pr }}"\nb-{{ pr }}: |\n  {{ pr }}\nc: ["x{{ pr }}", 2]\nd: {e: "{{ pr }}"}\n'
    const read = parse(textOf(text, { pr })) as Record<string, unknown>
    assert.deepEqual(read, { a: pr, [`b-${pr}`]: `${pr}\n`, c: [`x${pr}`, 2], d: { e: pr } }, JSON.stringify(pr))
  }
})

test('without quotes it is a map for YAML, which is told with its line', () => {
  assert.deepEqual(fillValues('a: 1\nimage:\n  tag: {{ sha }}\n', placed), { unquotedLine: 3, word: 'sha' })
  assert.deepEqual(fillValues('a: {{ other }}\n', placed), { text: 'a: {{ other }}\n' })
  assert.deepEqual(fillValues('a: {pr: {sha: 1}}\n', placed), { text: 'a: {pr: {sha: 1}}\n' })
})
