import assert from 'node:assert/strict'
import { test } from 'node:test'
import { renderComment } from '../../src/report/comment.ts'
import type { Report } from '../../src/report/model.ts'
import { renderRecovered } from '../../src/report/recovered.ts'
import { renderSummary } from '../../src/report/summary.ts'
import { hostileStrings } from '../fixtures/hostile-strings.ts'
import { poisoned, toldBy } from '../unit/report/poisoned.ts'
import { allNodes, type HtmlNode, referencesIn, renderLikeGitHub } from './github.ts'
import { sharedReader } from './page.ts'

const url = 'https://github.example/acme/shop/actions/runs/9001/attempts/2'
const full = { evidence: 'full' } as const

/** So wide that the comment is cut to fit, and says so with a link. */
const wide = '\u6F22'.repeat(600)

/** Every view of a report, with that text in every field of it. */
const views: Readonly<Record<string, (text: string) => string>> = {
  'comment of a failed rollback': (text) => renderComment(poisoned(text, url), full),
  'summary of a failed rollback': (text) => renderSummary(poisoned(text, url), full),
  'comment of a drifted rollback': (text) =>
    renderComment(changed(text, { status: 'rolled-back', rollback: 'drifted' }), full),
  'comment of a failed deploy that was kept': (text) =>
    renderComment(changed(text, { status: 'kept', undo: null }), full),
  'comment of a rejected deploy': (text) => renderComment(rejected(text), full),
  'comment of a recovery': (text) =>
    renderRecovered(changed(text, { status: 'deployed', rollback: 'none', undo: null }), toldBy(text), full),
  'comment of a plan': (text) => renderComment(changed(text, { mode: 'plan', status: 'planned', undo: null }), full),
}

/** All that we write ourselves. */
const ownElements = new Set('h3 p strong code pre table thead tbody tr th td ul li details summary sub a br'.split(' '))

const reader = sharedReader()

for (const [name, view] of Object.entries(views)) {
  const place = name.startsWith('summary') ? 'summary' : 'comment'

  test(`no text does anything in the ${name}`, async () => {
    const seen = await look(['harmless', wide, ...hostileStrings].map(view), place)
    const [harmless, cut, ...others] = seen
    for (const [index, text] of hostileStrings.entries()) {
      const one = others[index]
      const what = `${JSON.stringify(text).slice(0, 200)} in the ${name}`
      assert.ok(one !== undefined && harmless !== undefined && cut !== undefined)
      const like = one.prose.some((words) => words.startsWith('Cut to fit')) ? cut : harmless
      assert.deepEqual(one.written, [], what)
      assert.deepEqual(referencesIn(one.prose), [], what)
      assert.deepEqual(one.active, like.active, what)
      assert.equal(one.structure, like.structure, what)
      assert.deepEqual(one.titles, like.titles, what)
    }
    assert.deepEqual(reader.trouble(), [])
  })
}

interface Seen {
  /** What the Markdown wrote that is not ours, before GitHub would take it away. */
  readonly written: readonly string[]
  /** What the browser has, see `in-page.js`. */
  readonly prose: readonly string[]
  readonly active: readonly string[]
  readonly structure: string
  readonly titles: readonly string[]
}

/** Shows all texts on one page, each apart, and tells what the browser makes of each. */
async function look(markdowns: readonly string[], place: 'comment' | 'summary'): Promise<Seen[]> {
  const rendered = markdowns.map((markdown) => renderLikeGitHub(markdown, place))
  await reader.show(rendered.map(({ html }) => `<div class="report">${html}</div>`).join(''), place)
  const inBrowser = await reader.ask<Omit<Seen, 'written'>[]>('reports()')
  assert.equal(inBrowser.length, markdowns.length)
  const comments = place === 'comment' ? 2 : 0
  return inBrowser.map((one, index) => ({ ...one, written: foreign(rendered[index]?.raw, comments) }))
}

/** Elements, attributes and comments that are not ours. */
function foreign(raw: HtmlNode | undefined, comments: number): string[] {
  const nodes = raw === undefined ? [] : allNodes(raw)
  const hidden = nodes.filter(({ type }) => type === 'comment')
  return [
    ...nodes.flatMap(({ tagName }) => (tagName === undefined || ownElements.has(tagName) ? [] : [tagName])),
    ...nodes.flatMap(({ properties, tagName = '' }) =>
      Object.entries(properties ?? {})
        .map(([name, value]) => `${tagName} ${name}=${String(value)}`)
        .filter(
          (one) => !/^a href=https:\/\/github\.example\/acme\/|^code className=language-(?:sh|diff|mermaid)$/.test(one),
        ),
    ),
    ...(hidden.length === comments ? [] : hidden.map(({ value }) => `<!--${value ?? ''}-->`)),
  ]
}

function changed(text: string, changes: Partial<Report>): Report {
  return { ...poisoned(text, url), ...changes }
}

function rejected(text: string): Report {
  const problem = { problem: text, remedy: text, command: text }
  return changed(text, { status: 'rejected', rollback: 'none', undo: null, findings: [], problems: [problem, problem] })
}
