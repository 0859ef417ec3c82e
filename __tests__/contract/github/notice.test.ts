// A failure is told at its verdict, beside the undo, and the end of it within a second: whatever GitHub does meanwhile.
import assert from 'node:assert/strict'
import type { GitHub, Seen } from '../../helpers/github/server.ts'
import { sideBySide, staged } from '../../helpers/majors.ts'
import type { Deployed } from '../../helpers/stage.ts'

const failing = { set: 'migrate.run=fail' }
const create = { method: 'POST', path: /issues\/7\/comments$/ }
const secondMs = 1000
/** What GitHub may cost a run altogether, and what a busy machine may add. */
const [patienceMs, noiseMs] = [30_000, 5000]

type Undo = { startedAt: number; verdictAt: number; endedAt: number; tookMs: number }

/** When the undo began and when it was verified, by the clock that the stand-in has too. */
function undoOf({ report, log }: Deployed): Undo {
  const phase = report.phases.find(({ name }) => name === 'roll back' || name === 'uninstall')
  assert.ok(phase && report.undo, log)
  const startedAt = Date.parse((report as unknown as { startedAt: string }).startedAt)
  const verdictAt = startedAt + phase.startMs
  return { startedAt, verdictAt, endedAt: verdictAt + report.undo.durationMs, tookMs: report.undo.durationMs }
}

const writes = (github: GitHub): Seen[] =>
  github.requests().filter(({ method, path }) => method !== 'GET' && path !== '/graphql')

const bodyOf = ({ body }: Seen): string => (body as { body: string }).body

sideBySide('the first notice', () => {
  staged('comes with the verdict, and the comment of the end within a second of it', {}, async (stage) => {
    const { install, deploy, github } = stage
    await install('shop')
    const delays: { notice: number; end: number }[] = []
    for (const runId of [1, 2, 3]) {
      const before = writes(github).length
      const run = await deploy(failing, { runId })
      assert.equal(run.status, 'rolled-back', run.log)
      const { verdictAt, endedAt } = undoOf(run)
      const [notice, end, ...more] = writes(github).slice(before) as [Seen, Seen]
      assert.deepEqual([notice.method, end.method, more], [runId === 1 ? 'POST' : 'PATCH', 'PATCH', []])
      assert.match(bodyOf(notice), /### ⏳ .*is being rolled back: [^]*starting up, step 1 of 3/)
      assert.match(bodyOf(end), /### ❌/)
      const earlier = Array.from({ length: runId - 1 }, (_, index) => `❌ ${2 * (runId - 1 - index)}`).join(' · ')
      for (const body of [bodyOf(notice), bodyOf(end)])
        assert.equal(/Earlier deploys: (.*?)</.exec(body)?.[1] ?? '', earlier, 'the notice is no deploy of its own')
      delays.push({ notice: notice.at - verdictAt, end: end.at - endedAt })
      assert.equal(github.comments(7).length, 1)
    }
    // What else the machine has to do is none of ours: the best of the three tells.
    const told = JSON.stringify(delays)
    assert.ok(Math.min(...delays.map(({ notice }) => notice)) < secondMs, `after the verdict: ${told}`)
    assert.ok(Math.min(...delays.map(({ end }) => end)) < secondMs, `after the verified undo: ${told}`)
  })

  staged('of a first install says that it is removed', { only: 4 }, async ({ deploy, github }) => {
    const run = await deploy({ set: 'migrate.run=fail\nmigrate.hook=pre-install' })
    assert.equal(run.status, 'uninstalled', run.log)
    const [notice, end] = writes(github) as [Seen, Seen]
    assert.match(bodyOf(notice), /### ⏳ .*is being removed again/)
    assert.match(bodyOf(end), /### ❌/)
    // Nothing was installed: the undo may be over in a moment.
    const { verdictAt, endedAt } = undoOf(run)
    assert.ok(
      notice.at < Math.max(endedAt, verdictAt + secondMs),
      `${String(notice.at - verdictAt)} ms after the verdict`,
    )
  })

  staged('is left out where nothing is undone, or nothing is to be told', { only: 3 }, async (stage) => {
    const { install, deploy, github } = stage
    await install('shop')
    const silent = await deploy({ ...failing, comment: 'never' })
    assert.deepEqual([silent.status, writes(github)], ['rolled-back', []])
    const kept = await deploy({ ...failing, 'on-failure': 'keep' })
    assert.equal(kept.status, 'kept', kept.log)
    assert.deepEqual(
      writes(github).map(({ method }) => method),
      ['POST'],
    )
  })

  for (const [name, times, afterEffect, comments] of [
    ['is not answered', 1, false, 1],
    ['is not answered, though it took effect', 1, true, 1],
    ['is not answered, nor anything after it', 9, false, 0],
  ] as const) {
    staged(`that ${name} holds up neither verdict nor undo`, { only: times === 1 ? 4 : 3 }, async (stage) => {
      const { install, deploy, github } = stage
      await install('shop')
      const quiet = await deploy({ ...failing, comment: 'never' })
      github.fail({ as: 'stall', on: create, times, afterEffect })
      const run = await deploy(failing)
      assert.deepEqual([quiet.status, run.status], ['rolled-back', 'rolled-back'], run.log)
      const [usual, held] = [undoOf(quiet), undoOf(run)]
      assert.ok(held.tookMs < 2 * usual.tookMs + noiseMs, `the undo took ${held.tookMs} instead of ${usual.tookMs} ms`)
      const after = held.startedAt + run.main.wallMs - held.endedAt
      assert.ok(after < patienceMs + noiseMs, `GitHub held up the end for ${after} ms`)
      assert.equal(github.comments(7).length, comments)
      if (comments === 1) assert.match(run.comment, /### ❌/)
      assert.equal(run.log.split('warning: the pull request could not be told').length, 2, run.log)
    })
  }

  staged('does not hold up a run that is cancelled', { only: 4 }, async ({ install, deploy, github }) => {
    await install('shop')
    github.fail({ as: 'stall', on: create })
    const isAsked = (): boolean => writes(github).length > 0
    const run = await deploy(failing, { cancelWhen: { outside: isAsked } })
    assert.equal(run.conclusion, 'cancelled', run.log)
    assert.ok((run.afterCancelMs ?? Infinity) < 3000, `it lived on for ${run.afterCancelMs} ms`)
    // The undo may have been over by then.
    assert.match(run.comment, /### [✋❌]/u)
    assert.equal(github.comments(7).length, 1)
  })
})
