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

type Undo = { verdictAt: number; endedAt: number; tookMs: number }

/** When the undo began and when it was verified, by the clock that the stand-in has too. */
function undoOf({ report, log }: Deployed): Undo {
  const phase = report.phases.find(({ name }) => name === 'roll back' || name === 'uninstall')
  assert.ok(phase && report.undo, log)
  const verdictAt = Date.parse((report as unknown as { startedAt: string }).startedAt) + phase.startMs
  return { verdictAt, endedAt: verdictAt + report.undo.durationMs, tookMs: report.undo.durationMs }
}

const writes = (github: GitHub): Seen[] =>
  github.requests().filter(({ method, path }) => method !== 'GET' && path !== '/graphql')

const bodyOf = ({ body }: Seen): string => (body as { body: string }).body

sideBySide('the first notice', () => {
  staged('comes with the verdict, and the comment of the end within a second of it', {}, async (stage) => {
    const { install, deploy, github } = stage
    await install('shop')
    const run = await deploy(failing)
    assert.equal(run.status, 'rolled-back', run.log)
    const { verdictAt, endedAt } = undoOf(run)
    const [notice, end, ...more] = writes(github) as [Seen, Seen]
    assert.deepEqual([notice.method, end.method, more], ['POST', 'PATCH', []])
    assert.match(bodyOf(notice), /### ⏳ .*is being rolled back: [^]*starting up, step 1 of 3/)
    assert.match(bodyOf(end), /### ❌/)
    assert.doesNotMatch(bodyOf(end), /Earlier deploys/)
    assert.ok(notice.at - verdictAt < secondMs, `told ${notice.at - verdictAt} ms after the verdict`)
    assert.ok(end.at - endedAt < secondMs, `the end is there ${end.at - endedAt} ms after the verified undo`)
    assert.equal(github.comments(7).length, 1)

    const again = await deploy(failing, { runId: 1235 })
    const [second, last] = writes(github).slice(2) as [Seen, Seen]
    assert.deepEqual([second.method, last.method], ['PATCH', 'PATCH'])
    assert.match(bodyOf(second), /### ⏳[^]*Earlier deploys: ❌ 2</)
    assert.match(again.comment, /### ❌[^]*Earlier deploys: ❌ 2</)
    assert.ok(last.at - undoOf(again).endedAt < secondMs)
  })

  staged('of a first install says that it is removed', { only: 4 }, async ({ deploy, github }) => {
    const run = await deploy({ set: 'migrate.run=fail\nmigrate.hook=pre-install' })
    assert.equal(run.status, 'uninstalled', run.log)
    const [notice, end] = writes(github) as [Seen, Seen]
    assert.match(bodyOf(notice), /### ⏳ .*is being removed again/)
    assert.match(bodyOf(end), /### ❌/)
    assert.ok(notice.at < undoOf(run).endedAt)
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
      const costs = run.wallMs - quiet.wallMs
      assert.ok(costs < patienceMs + noiseMs, `GitHub cost ${costs} ms`)
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
    assert.match(run.comment, /### ✋/)
    assert.equal(github.comments(7).length, 1)
  })
})
