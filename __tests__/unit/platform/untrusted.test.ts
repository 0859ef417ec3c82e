import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  cellCode,
  clean,
  codeSpan,
  cut,
  fence,
  forHtml,
  forLog,
  forMarkdown,
  forTableCell,
} from '../../../src/platform/untrusted.ts'

/** As the runner reads a line: `ActionCommand.TryParseV2` and `TryParse`. */
function isCommand(line: string): boolean {
  return line.trimStart().startsWith('::') || line.includes('##[')
}

test('no line of the log is a workflow command', () => {
  const nasty = [
    '::set-output name=status::deployed',
    '  \t::save-state name=x::y',
    '\u001B[31m::error::x\u001B[0m',
    '\u200B::error::x',
    '\uFEFF::error::x',
    'ok\r::warning::x',
    'ok\n::warning::x',
    'ok\u2028::warning::x',
    '\u0000::add-mask::a',
    ':\u0000:add-mask::a',
    ':\u001B[0m:stop-commands::a',
    'text ##[set-output name=a]b',
    '#\u0000#[error]x',
    '###[error]x',
    '\u00A0::debug::x',
    '\u3000::debug::x',
  ]
  for (const text of nasty) {
    const lines = forLog(text).split(/\r\n|\r|\n/)
    assert.deepEqual(lines.filter(isCommand), [], JSON.stringify(text))
  }
})

test('text that only looks like a command stays as it is', () => {
  assert.equal(
    forLog('terminate called after throwing std::bad_alloc'),
    'terminate called after throwing std::bad_alloc',
  )
  assert.equal(forLog('10:42:17 ## title [x]'), '10:42:17 ## title [x]')
})

test('a line of the log is capped without splitting a character', () => {
  const line = forLog('😀'.repeat(2000), 101)
  assert.ok(line.length <= 101)
  assert.ok(line.isWellFormed())
})

test('clean keeps line breaks and tabs, and nothing that moves or hides', () => {
  assert.equal(clean('a\u001B]8;;http://x\u0007b\u001B]8;;\u0007\r\nc\td\u202Ee\u0000\uD800'), 'ab\nc\tde\uFFFD')
})

test('cut keeps what fits and marks what it cut', () => {
  assert.equal(cut('abc', 3), 'abc')
  assert.equal(cut('abcd', 3), 'ab…')
  assert.equal(cut('a😀b', 3), 'a…')
})

test('prose has no mention, reference, link, image or HTML', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['ask @admin now', 'ask `@admin` now'],
    ['see #12, GH-3 and acme/shop#4', 'see `#12`, `GH-3` and `acme/shop#4`'],
    ['go to https://evil.example/?a=b.', 'go to `https://evil.example/?a=b`.'],
    ['www.evil.example', '`www.evil.example`'],
    ['![x](y)', '!\\[x\\](y)'],
    ['</details><script>', '&lt;/details&gt;&lt;script&gt;'],
    ['<!-- atomic-helm-action: 1 -->', '&lt;!-- atomic-helm-action: 1 --&gt;'],
    ['&lt;b&gt;', '&amp;lt;b&amp;gt;'],
    ['**a** _b_ ~~c~~ |d|', '\\*\\*a\\*\\* \\_b\\_ \\~\\~c\\~\\~ \\|d\\|'],
    ['$x$ :tada:', '`$x$` `:tada`:'],
    ['commit b81e77d here', 'commit `b81e77d` here'],
    ['key `smtp` is missing', 'key `smtp` is missing'],
    ['`@all` and `', '`@all` and `` ` ``'],
    ['- a', '\\- a'],
    ['1. a', '1\\. a'],
    ['a\n# b', 'a `#` b'],
    ['line\nbreak', 'line break'],
  ]
  for (const [text, expected] of cases) assert.equal(forMarkdown(text), expected)
})

test('plain sentences stay readable', () => {
  const text = 'FATAL: password authentication failed for user "shop" (exit code 1), 3 of 4 replicas'
  assert.equal(forMarkdown(text), text)
})

test('code cannot be ended from inside', () => {
  assert.equal(codeSpan('a`b'), '``a`b``')
  assert.equal(codeSpan('`'), '`` ` ``')
  assert.equal(codeSpan('a\n\nb'), '`a b`')
  assert.equal(codeSpan(' \u0000 '), '(empty)')
  assert.equal(forHtml('</summary>@all'), '<code>&lt;/summary&gt;@all</code>')
})

test('a cell of a table has no pipe that ends it', () => {
  for (const text of ['a|b', '`a|b`', 'a\\|b', '@x|y', '\\|', '`\\|`']) {
    for (const cell of [forTableCell(text), cellCode(text)]) {
      assert.doesNotMatch(cell, /(?<!\\)(?:\\\\)*\|/, `${text} → ${cell}`)
    }
  }
})

test('no run of backticks is longer than GitHub can count', () => {
  const many = '`'.repeat(300)
  for (const text of [fence([many]), codeSpan(many), forMarkdown(`a ${many} b`)]) assert.doesNotMatch(text, /`{30}/)
})

test('a fence is longer than any run of backticks inside', () => {
  for (let run = 0; run < 40; run += 1) {
    const inside = `${'`'.repeat(run)}\n</details>`
    const lines = fence([inside, '~~~']).split('\n')
    const ticks = lines[0] ?? ''
    assert.match(ticks, /^`{3,}$/)
    assert.equal(lines.at(-1), ticks)
    assert.deepEqual(
      lines.slice(1, -1).filter((line) => line.trim().startsWith(ticks)),
      [],
    )
  }
})
