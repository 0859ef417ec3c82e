import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorAnnotations } from '../../../src/report/annotation.ts'
import { commentBudget, renderComment } from '../../../src/report/comment.ts'
import { renderConsole } from '../../../src/report/console.ts'
import { commentMarker, readState } from '../../../src/report/marker.ts'
import type { Report } from '../../../src/report/model.ts'
import { outputs } from '../../../src/report/outputs.ts'
import { renderRecovered } from '../../../src/report/recovered.ts'
import { renderSummary, summaryBudget } from '../../../src/report/summary.ts'
import { hostileStrings } from '../../fixtures/hostile-strings.ts'
import { evidence, finding, report, states } from './fixtures.ts'
import { activeText } from './markdown-reader.ts'
import { poisoned, toldBy } from './poisoned.ts'

test('the corpus is large, and says nothing twice', () => {
  assert.ok(hostileStrings.length >= 150)
  assert.equal(new Set(hostileStrings).size, hostileStrings.length)
})

/** The address of the run comes from the runner: one that is a plain web address becomes a link. */
function urlOf(text: string): string | null {
  return /^https?:/i.test(text) ? null : text
}

/** The same after a sweep. */
function swept(bad: Report, text: string): Report {
  return { ...bad, sweep: [{ pull: null, namespace: text, release: text, outcome: 'failed', why: text }] }
}

/** Our own HTML, and nothing else. */
const ownTags = /<\/?(?:details|summary|sub|code)>/g

for (const text of hostileStrings) {
  test(`text from a cluster does nothing: ${JSON.stringify(text)}`, () => {
    const bad = poisoned(text, urlOf(text))
    const state = toldBy(text)
    const recovered = renderRecovered(bad, state, { evidence: 'full' })
    for (const view of [
      renderComment(bad, { evidence: 'full' }, state),
      renderSummary(bad, { evidence: 'full' }),
      renderSummary(swept(bad, text), { evidence: 'full' }),
      recovered,
    ]) {
      const active = activeText(view.replace(/^<!-- .* -->\n<!-- .* -->\n/, '')).replaceAll(ownTags, '')
      assert.doesNotMatch(active, /[@<>]|#\d|https?:|www\.|GH-\d|(?<!\\)\]\(|\$x/u)
      assert.ok(view.isWellFormed())
    }
  })

  test(`text from a cluster stays one line where a line is asked for: ${JSON.stringify(text)}`, () => {
    const bad = poisoned(text, urlOf(text))
    assert.doesNotMatch(outputs(bad)['reason'] ?? '', /[\r\n]/)
    assert.doesNotMatch(errorAnnotations(bad)[0]?.title ?? '', /[\r\n]/)
    for (const line of [...renderConsole(bad), ...renderConsole(swept(bad, text))]) assert.doesNotMatch(line, /[\r\n]/)
  })

  test(`the hidden lines are two and ours: ${JSON.stringify(text)}`, () => {
    const bad = poisoned(text, urlOf(text))
    const lines = renderComment(bad, { evidence: 'full' }, toldBy(text)).split('\n')
    assert.equal(lines[0], commentMarker(bad.release, bad.namespace))
    assert.match(lines[1] ?? '', /^<!-- state: \{(?:(?!--|>).)*\} -->$/)
    assert.equal(lines[2], '')
    assert.equal(readState(lines.join('\n'))?.status, 'rollback-failed')
  })
}

const fillers = ['a', '😀', '漢', '`', '<', '@a ', '\\|', '\uD800', '👩‍👩‍👧‍👦 ']
const sizes = [
  { findings: 1, length: 20_000 },
  { findings: 3, length: 700 },
  { findings: 40, length: 300 },
  { findings: 200, length: 10 },
]

/** Everything that can be long is; only the first cause is as it should be. */
function bloated(filler: string, findings: number, length: number): Report {
  const text = filler.repeat(length)
  const base = poisoned(text)
  const logs = Array.from({ length: 25 }, () => text)
  const first = { ...finding(), evidence: evidence({ logs, decisiveLine: text, message: text }) }
  const others = Array.from({ length: findings - 1 }, () => ({
    ...first,
    cause: text,
    resource: { kind: text, namespace: text, name: text },
  }))
  return {
    ...base,
    findings: [first, ...others],
    warnings: logs,
    notUndone: logs.map((why) => ({ object: first.resource, why })),
  }
}

for (const filler of fillers) {
  test(`any report of ${JSON.stringify(filler)} fits, keeps verdict and cause, and is never cut inside a fence or a character`, () => {
    for (const { findings, length } of sizes) {
      const big = bloated(filler, findings, length)
      const views = [
        [renderComment(big, { evidence: 'full' }, toldBy(filler.repeat(length))), commentBudget],
        [renderSummary(big, { evidence: 'full' }), summaryBudget],
      ] as const
      for (const [view, budget] of views) {
        assert.ok(view.length <= budget.chars && Buffer.byteLength(view) <= budget.bytes)
        assert.ok(view.isWellFormed())
        assert.ok(view.includes('container app exited with 1 three times in 34 s'))
        const visible = activeText(view)
        assert.equal(visible.match(/<details>/g)?.length, visible.match(/<\/details>/g)?.length)
      }
      assert.ok((errorAnnotations(big)[0]?.message.length ?? 0) <= 4096)
      assert.ok(Buffer.byteLength(outputs(big)['failing-resources'] ?? '') < 1_000_000)
    }
  })
}

test('what is cut is told, and everything is in the summary', () => {
  const logs = Array.from({ length: 25 }, (_, index) => `${String(index)} ${'x'.repeat(490)}`)
  const findings = Array.from({ length: 9 }, (_, index) => finding({ evidence: evidence({ logs }), count: index + 1 }))
  const big = { ...(states['rolled-back'] ?? report()), findings }
  assert.match(renderComment(big, { evidence: 'full' }), /Cut to fit a comment: the summary of \[run 1234/)
  assert.equal(renderSummary(big, { evidence: 'full' }).match(/Evidence for/g)?.length, 9)
})
