// Whatever a deploy throws at them, comment and summary fit, are whole Markdown, and tell the cause: hundreds of reports by chance.
// `ATOMIC_SEED=7 npm test -- __tests__/unit/report/budgets.test.ts` tries others; what fails names its seed.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorAnnotations } from '../../../src/report/annotation.ts'
import { commentBudget, renderComment } from '../../../src/report/comment.ts'
import type { EvidencePolicy } from '../../../src/inputs/inputs.ts'
import { renderConsole } from '../../../src/report/console.ts'
import { applyEvidence } from '../../../src/report/evidence.ts'
import { earlierDeploys, withOlderRun } from '../../../src/report/history.ts'
import { renderJson } from '../../../src/report/json.ts'
import { commentMarker, deployOf, readState, type CommentState } from '../../../src/report/marker.ts'
import type { Report } from '../../../src/report/model.ts'
import { outputs } from '../../../src/report/outputs.ts'
import { renderRecovered } from '../../../src/report/recovered.ts'
import { succeeded } from '../../../src/report/status.ts'
import { renderSummary } from '../../../src/report/summary.ts'
import { randomOf, seedFor } from '../../faults/seed.ts'
import { report, states } from './fixtures.ts'
import { activeText } from './markdown-reader.ts'
import { bases, failuresOf, pieces, randomReport, randomState } from './random-report.ts'

/**
 * GitHub's error speaks of 65,536 characters; of comments 262,144 bytes were measured, and of bodies of pull requests code points. As
 * many bytes are below all of them (research: reliability.md, measured 2026-09).
 */
const mostOfComment = 65_536
/** `AttachmentSizeLimit` of the runner's FileCommandManager. */
const mostOfSummary = 1024 * 1024

const policies: readonly EvidencePolicy[] = ['full', 'full', 'no-logs', 'none']
const sign = 'zebra'

/** A page that is whole: no half character, no open fence, every part that folds is closed, in order. */
function assertWhole(view: string): void {
  assert.ok(view.isWellFormed(), 'no half of a surrogate pair')
  let depth = 0
  for (const [tag] of activeText(view).matchAll(/<\/?details>/g)) {
    depth += tag === '<details>' ? 1 : -1
    assert.ok(depth >= 0, 'nothing is closed that is not open')
  }
  assert.equal(depth, 0, 'nothing is left open')
}

function assertComment(body: string, told: Report, earlier: CommentState['earlier']): void {
  assert.ok(Buffer.byteLength(body) <= mostOfComment, `${String(Buffer.byteLength(body))} bytes`)
  const [marker, , empty] = body.split('\n')
  assert.deepEqual([marker, empty], [commentMarker(told.release, told.namespace), ''])
  const state = readState(body)
  assert.deepEqual({ ...state, earlier: state?.earlier.length }, { ...deployOf(told), earlier: earlier.length })
  assertWhole(body)
}

/** All texts of some data. */
function textsOf(data: unknown): string[] {
  if (typeof data === 'string') return [data]
  return typeof data === 'object' && data !== null ? Object.values(data).flatMap(textsOf) : []
}

/** Runs the check so many times, each with chance of its own, and says which one failed. */
function forMany(purpose: string, rounds: number, check: (random: () => number, round: number) => void): void {
  for (let round = 0; round < rounds; round += 1) {
    try {
      check(randomOf(seedFor(`${purpose} ${String(round)}`)), round)
    } catch (error) {
      const seed = process.env['ATOMIC_SEED'] ?? '1'
      throw new Error(`with ATOMIC_SEED=${seed}, round ${String(round)} of ${purpose}`, { cause: error })
    }
  }
}

test('every report fits a comment and a summary, whole, with verdict, cause and state', () => {
  forMany('report', 400, (random, round) => {
    const any = randomReport(bases[round % bases.length] ?? report(), sign, random)
    const previous = round % 2 === 0 ? null : randomState(sign, random)
    const evidence = policies[round % policies.length] ?? 'full'
    const comment = renderComment(any, { evidence }, previous)
    assertComment(comment, applyEvidence(any, evidence), earlierDeploys(any, previous))
    const summary = renderSummary(any, { evidence })
    assert.ok(Buffer.byteLength(summary) <= mostOfSummary)
    assertWhole(summary)
    for (const view of [comment, summary]) {
      assert.match(view, /^### .*$/m)
      if (!succeeded(any) && any.status !== 'cancelled')
        assert.match(/^### .*$/m.exec(view)?.[0] ?? '', new RegExp(sign), 'the cause stands in the headline')
    }
    const annotations = errorAnnotations(any)
    assert.ok(annotations.length <= 10 && annotations.every(({ message }) => message.length <= 4096))
    assert.ok(Buffer.byteLength(outputs(any)['failing-resources'] ?? '') < 1_000_000)
    const others = { outputs: outputs(any), annotations, log: renderConsole(any), report: renderJson(any) }
    for (const [sink, said] of Object.entries(others))
      for (const text of textsOf(said)) assert.ok(text.isWellFormed(), `half of a character in ${sink}: ${text}`)
  })
})

test('every recovery fits, with what stood there before', () => {
  forMany('recovery', 100, (random) => {
    const any = randomReport(states['deployed'] ?? report(), sign, random)
    const previous = randomState(sign, random)
    const body = renderRecovered(any, previous, { evidence: 'full' })
    assertComment(body, any, earlierDeploys(any, previous))
    assert.match(/^Before: .*$/m.exec(body)?.[0] ?? '', new RegExp(sign))
  })
})

test('runs that end late, one after the other, leave a comment that fits and keeps its verdict', () => {
  forMany('late', pieces.length * 2, (random, round) => {
    const any = randomReport(bases[round % bases.length] ?? report(), sign, random, 'middle')
    let body = renderComment(any, { evidence: 'full' }, round < pieces.length ? null : randomState(sign, random))
    const before = Buffer.byteLength(body)
    for (const late of failuresOf(pieces[round % pieces.length] ?? '', 7)) {
      const state = readState(body)
      assert.ok(state !== null)
      body = withOlderRun(body, state, { ...late, release: any.release, namespace: any.namespace })
      assertComment(body, any, readState(body)?.earlier ?? [])
    }
    const room = mostOfComment - commentBudget.bytes
    assert.ok(Buffer.byteLength(body) - before <= room, 'a comment that is full has room for them')
  })
})
