import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ganttChart, inertLabel } from '../../../src/report/mermaid.ts'
import { type Bar, timelineOf } from '../../../src/report/timeline.ts'
import { report, states } from './fixtures.ts'

/** Every line that a chart may have: what is not one of these could mean something else to mermaid. */
const line =
  /^(?:gantt|dateFormat YYYY-MM-DD HH:mm:ss\.SSS|axisFormat (?:%H:)?%M:%S|tickInterval [1-9]\d*(?:second|minute|hour)|todayMarker off|section (?:Phases|Rollout|Signs|Undo)|[A-Za-z_][A-Za-z0-9 ._/()-]*(?:, [a-z0-9. ]+)? :(?:(?:milestone|done|crit|active), )*\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}, \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3})$/

const keyword =
  /^(?:gantt|title|section|click|call|href|dateFormat|axisFormat|tickInterval|todayMarker|includes|excludes|inclusiveEndDates|topAxis|weekday|weekend|accTitle|accDescr|accDescription)\b/i

function bar(changes: Partial<Bar> = {}): Bar {
  const times = { startMs: 0, endMs: 1000 }
  return { section: 'Phases', label: 'deploy', remark: '1 s', tone: 'plain', isMoment: false, ...times, ...changes }
}

function linesOf(chart: string): string[] {
  const lines = chart.split('\n')
  assert.deepEqual([lines[0], lines.at(-1)], ['```mermaid', '```'])
  return lines.slice(1, -1)
}

const hostile = [
  'section x',
  'SECTION\tx',
  'title: x',
  'dateFormat x',
  'axisFormat %Y',
  'excludes weekends',
  'todayMarker on',
  'click a href "javascript:alert(1)"',
  'click a call b()',
  'accTitle',
  'accDescr {',
  'gantt',
  'topAxis',
  'inclusiveEndDates',
  'weekday monday',
  '2026-01-01',
  '%% comment',
  '%%{init: {"theme":"forest"}}%%',
  '---\ntitle: x\n---',
  'a :crit, 1d',
  'a; b # c',
  'a\nb :x, 1d',
  '``` \n``````` `',
  '<img src=x onerror=alert(1)>',
  '&lt;b&gt; #35; #quot;',
  '"quoted" \'single\'',
  'a] b} {c [d',
  'https://evil.example @admin #1',
  '\u202E\u0000\u001B[31m\uD800',
  'a\u2028b',
  '漢字 😀',
  '$$x$$ $y$',
  '__proto__',
  '- x',
  '(x',
  '',
  'x'.repeat(9999),
  '😀'.repeat(9999),
]

for (const text of hostile) {
  test(`a label does nothing: ${JSON.stringify(text.slice(0, 60))}`, () => {
    for (const one of [text, `${text} ${text}`, ` ${text}`]) {
      const label = inertLabel(one)
      assert.ok(label.length > 0 && label.length <= 40)
      assert.doesNotMatch(label, keyword)
      for (const each of linesOf(ganttChart([bar({ label: one }), bar({ label: one, section: 'Rollout' })])))
        assert.match(each, line)
    }
  })
}

test('what is harmless stays as it is, and what is long is cut', () => {
  for (const label of ['Deployment shop', 'look at the release', 'StatefulSet shop-cache.v2'])
    assert.equal(inertLabel(label), label)
  assert.equal(inertLabel(`Deployment ${'x'.repeat(63)}`), `Deployment ${'x'.repeat(27)}..`)
  assert.equal(inertLabel('sectional plan'), 'sectional plan')
})

test('the axis has at most ten marks and shows hours when there are some', () => {
  const axis = (endMs: number): string =>
    linesOf(ganttChart([bar({ endMs })]))
      .slice(2, 4)
      .join(', ')
  assert.equal(axis(0), 'axisFormat %M:%S, tickInterval 1second')
  assert.equal(axis(48_000), 'axisFormat %M:%S, tickInterval 5second')
  assert.equal(axis(600_000), 'axisFormat %M:%S, tickInterval 1minute')
  assert.equal(axis(3_600_000), 'axisFormat %H:%M:%S, tickInterval 10minute')
  assert.equal(axis(100 * 3_600_000), 'axisFormat %H:%M:%S, tickInterval 10hour')
})

test('a bar of no length is seen, and a moment has none', () => {
  const [, , , , , , short, long, moment] = linesOf(
    ganttChart([bar({ endMs: 0 }), bar({ endMs: 30_000 }), bar({ startMs: 5, endMs: 5, isMoment: true, tone: 'bad' })]),
  )
  assert.equal(short, 'deploy, 1 s :2000-01-01 00:00:00.000, 2000-01-01 00:00:00.100')
  assert.match(long ?? '', /00:00:00\.000, 2000-01-01 00:00:30\.000$/)
  assert.match(moment ?? '', / :milestone, crit, 2000-01-01 00:00:00\.005, 2000-01-01 00:00:00\.005$/)
})

test('no bars make no chart, and every state makes one of known lines', () => {
  assert.equal(ganttChart([]), '')
  for (const state of Object.values(states)) {
    const chart = ganttChart(timelineOf(state))
    if (chart !== '') for (const each of linesOf(chart)) assert.match(each, line)
  }
  assert.ok(ganttChart(timelineOf(report())) !== '')
})
