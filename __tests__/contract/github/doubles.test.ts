// Runs that look for the comment before any of them has made one end with one comment, which tells of all.
import assert from 'node:assert/strict'
import { sideBySide, staged } from '../../helpers/majors.ts'
import type { Stage } from '../../helpers/stage.ts'

const broken = { set: 'broken=template' }
const create = { method: 'POST', path: /issues\/7\/comments$/ }

/** So many runs, none of which makes a comment before all have looked for one. */
async function atOnce({ deploy, github }: Stage, runs: number): Promise<(string | undefined)[]> {
  github.fail({ as: 'barrier', on: create, times: runs })
  const ids = Array.from({ length: runs }, (_, index) => index + 1)
  const all = await Promise.all(ids.map((runId) => deploy(broken, { runId })))
  for (const run of all) assert.equal(run.status, 'rejected', run.log)
  return all.map(({ outputs }) => outputs['comment-url'])
}

const runsIn = (body = ''): string[] =>
  Array.from(new Set(Array.from(body.matchAll(/actions\/runs\/(\d+)/g), ([, id]) => id ?? ''))).sort()

sideBySide('first comments in the same instant', () => {
  for (const [runs, only] of [
    [2, 3],
    [4, 4],
  ] as const) {
    staged(`of ${runs} runs end as one`, { only }, async (stage) => {
      const urls = await atOnce(stage, runs)
      const comments = stage.github.comments(7)
      assert.equal(comments.length, 1)
      assert.deepEqual(
        runsIn(comments[0]?.body),
        Array.from({ length: runs }, (_, index) => String(index + 1)),
      )
      assert.deepEqual(
        new Set(urls),
        new Set([`https://github.com/org/shop/pull/7#issuecomment-${comments[0]?.id}`]),
        'every run names the one that stays',
      )
      await stage.deploy(broken, { runId: 9 })
      assert.equal(stage.github.comments(7).length, 1)
    })
  }

  staged('end as one that is ours, when the other may not be deleted', { only: 4 }, async (stage) => {
    stage.github.fail({ as: 'forbidden', on: { method: 'DELETE' } })
    await atOnce(stage, 2)
    const [first, second] = stage.github.comments(7)
    assert.deepEqual(runsIn(first?.body), ['1', '2'])
    assert.match(second?.body ?? '', /^Moved to https:\/\/github\.com\/org\/shop\/pull\/7#issuecomment-\d+\.$/)
    await stage.deploy(broken, { runId: 9 })
    assert.deepEqual(runsIn(stage.github.comments(7)[0]?.body), ['1', '2', '9'])
    assert.equal(stage.github.comments(7).length, 2)
  })
})
