// The pull request's comment: when it is written, which one is ours, and that the verdict never hangs on it.
import assert from 'node:assert/strict'
import { until } from '../../helpers/cluster.ts'
import { pushEvent } from '../../helpers/event.ts'
import type { GitHub } from '../../helpers/github/server.ts'
import { installation, person, type Identity } from '../../helpers/github/world.ts'
import { fixtureChart } from '../../helpers/helm.ts'
import { sideBySide, staged } from '../../helpers/majors.ts'
import type { Stage } from '../../helpers/stage.ts'

const settings = fixtureChart('settings')
const broken = { set: 'broken=template' }
const good = { chart: settings }
const chatter = Array.from({ length: 130 }, (_, i) => ({ issue: 7, body: `comment ${i}` }))
const crowded = { only: 4, comments: chatter, tokens: { bot: installation(), eve: person('eve') } } as const
const app = (name: string): Identity => ({ ...installation(), login: `${name}[bot]` })
const bots = { only: 3, tokens: { bot: installation(), eve: app('echo'), acme: app('acme') } } as const

async function call(github: GitHub, method: string, path: string, body?: object): Promise<void> {
  const headers = { authorization: 'Bearer eve', 'content-type': 'application/json' }
  const url = `${github.url}/repos/org/shop/issues/${path}`
  const answer = await fetch(url, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
  assert.ok(answer.ok, await answer.text())
}

const writes = ({ github }: Stage): string[] =>
  github
    .requests()
    .filter(({ method, path }) => method !== 'GET' && path !== '/graphql')
    .map(({ method }) => method)

sideBySide('the comment', () => {
  staged('comes with a failure and turns green with the next success', { only: 4 }, async (stage) => {
    const { deploy, github } = stage
    await deploy(good)
    assert.deepEqual(github.comments(), [])
    const failed = await deploy(broken)
    assert.match(failed.comment, /was not deployed/)
    assert.equal(
      failed.outputs['comment-url'],
      `https://github.com/org/shop/pull/7#issuecomment-${github.comments()[0]?.id}`,
    )
    await deploy(broken)
    const recovered = await deploy(good)
    assert.match(recovered.comment, /✅/)
    assert.match(recovered.comment, /again/)
    await deploy(good)
    assert.equal(github.comments().length, 1)
    assert.equal(writes(stage)[0], 'POST')
    assert.ok(
      writes(stage)
        .slice(1)
        .every((method) => method === 'PATCH'),
    )
  })

  staged('tells the deploys before: good, bad, bad, good', { only: 4 }, async ({ deploy, github }) => {
    const always = { comment: 'always' }
    await deploy({ ...good, ...always }, { runId: 1 })
    await deploy({ ...broken, ...always }, { runId: 2 })
    // A run that is run again stands there once, as its last attempt.
    await deploy({ ...broken, ...always }, { runId: 3 })
    const second = await deploy({ ...broken, ...always }, { runId: 3, runAttempt: 2 })
    assert.match(second.comment, /^### ⛔[^]*Earlier deploys: ⛔ · ✅ 1</mu)
    const { comment } = await deploy({ ...good, ...always }, { runId: 4 })
    assert.match(comment, /^### ✅ .* again$/mu)
    assert.match(comment, /Earlier deploys: ⛔ · ⛔ · ✅ 1<\/summary>/u)
    const rows = comment.split('\n').filter((line) => /^- [⛔✅]/u.test(line))
    assert.match(rows[0] ?? '', /rejected: .*configmap.*\[run 41 attempt 2\]\(.*\/actions\/runs\/3\/attempts\/2\)/)
    assert.match(rows[1] ?? '', /\/actions\/runs\/2\)/)
    assert.match(rows[2] ?? '', /^- ✅ revision 1 deployed · .*\/actions\/runs\/1\)/u)
    assert.equal(github.comments().length, 1)
  })

  staged('of a newer run is not written over by an older one that ends later', { only: 3 }, async (stage) => {
    const { deploy, github, leases } = stage
    const older = deploy({ set: 'slowStart=6s', comment: 'always' }, { runId: 1 })
    await until('the older one works', async () => (await leases()).length > 0)
    const newer = await deploy({ timeout: '10 minutes' }, { runId: 2 })
    const both = await older
    assert.deepEqual([newer.status, both.status], ['rejected', 'deployed'])
    assert.match(newer.comment, /^### ⛔/mu)
    assert.match(both.comment, /^### ⛔[^]*Earlier deploys: ✅ 1</mu)
    assert.equal(github.comments().length, 1)
    assert.equal(both.outputs['comment-url'], newer.outputs['comment-url'])
    assert.match(both.log, /the comment keeps the verdict of a newer run/)
  })

  staged('is there always, or never, as asked', { only: 3 }, async ({ deploy, github }) => {
    const never = await deploy({ ...broken, comment: 'never' })
    assert.deepEqual([github.requests(), never.outputs['comment-url']], [[], ''])
    const always = await deploy({ ...good, comment: 'always' })
    assert.match(always.comment, /is deployed/)
    assert.notEqual(always.outputs['comment-url'], '')
  })

  staged('is found among many, and is not the one that somebody forged', crowded, async ({ deploy, github }) => {
    const first = await deploy(broken)
    const [marker = ''] = first.comment.split('\n')
    assert.match(marker, /^<!-- /)
    await deploy(broken)
    assert.equal(github.comments().length, 131)
    const ours = github.comments().at(-1)
    await call(github, 'DELETE', `comments/${ours?.id}`)
    await call(github, 'POST', '7/comments', { body: `${marker}\nAll is well.` })
    await deploy(broken)
    const [forged, written] = github.comments().slice(-2)
    assert.deepEqual([forged?.login, forged?.body], ['eve', `${marker}\nAll is well.`])
    assert.deepEqual([written?.login, written?.body.startsWith(marker)], ['github-actions[bot]', true])
  })

  staged('is not the one that another bot echoed; an app has its own', bots, async ({ deploy, github }) => {
    const { comment: echoed } = await deploy(broken)
    await call(github, 'DELETE', `comments/${github.comments()[0]?.id}`)
    await call(github, 'POST', '7/comments', { body: echoed })
    for (const token of ['bot', 'acme', 'bot', 'acme']) await deploy(broken, { token })
    const authors = ['echo[bot]', 'github-actions[bot]', 'acme[bot]']
    assert.deepEqual(
      github.comments().map(({ login }) => login),
      authors,
    )
    assert.equal(github.comments()[0]?.body, echoed)
    const urls = github.comments().map(({ id }) => `https://github.com/org/shop/pull/7#issuecomment-${id}`)
    for (const [index, token] of [
      [1, 'bot'],
      [2, 'acme'],
    ] as const)
      assert.equal((await deploy(broken, { token })).outputs['comment-url'], urls[index])
  })

  staged('of another release or namespace is another one', { only: 3 }, async ({ deploy, github }) => {
    await deploy(broken)
    await deploy({ ...broken, release: 'other' })
    assert.equal(github.comments().length, 2)
  })

  staged(
    'that may not be written leaves the verdict, and the permission is named',
    {
      only: 4,
      tokens: { bot: installation('read') },
    },
    async ({ deploy, github }) => {
      const run = await deploy(broken)
      assert.equal(run.status, 'rejected')
      assert.equal(run.outputs['comment-url'], '')
      assert.match(run.log, /warning: .*pull-requests: write/)
      assert.match(run.summary, /configmap\.yaml/)
      assert.deepEqual(github.comments(), [])
      const fine = await deploy(good)
      assert.equal(fine.conclusion, 'success')
    },
  )

  staged(
    'needs a pull request; without one the summary has all',
    { only: 3, commits: ['c'.repeat(40)] },
    async (stage) => {
      const event = { name: 'push', payload: pushEvent('org/shop', 'c'.repeat(40)) }
      const run = await stage.deploy(broken, { event, sha: 'c'.repeat(40), ref: 'refs/heads/main' })
      assert.deepEqual([run.status, run.outputs['comment-url'], run.warnings], ['rejected', '', []])
      assert.match(run.summary, /configmap\.yaml/)
      assert.deepEqual(writes(stage), [])
    },
  )

  staged('survives what GitHub does on a bad day', { only: 4 }, async ({ deploy, github }) => {
    github.fail({ as: 502, on: { method: 'POST' }, afterEffect: true })
    const run = await deploy(broken)
    assert.equal(run.status, 'rejected')
    assert.equal(github.comments().length, 1, 'a retry makes no second comment')
    github.fail({ as: 'reset', times: 50 })
    const cut = await deploy(good)
    assert.deepEqual([cut.status, cut.conclusion], ['deployed', 'success'])
    assert.match(cut.log, /warning: the pull request could not be told/)
  })

  staged('shows no logs where everyone can read it', { only: 3 }, async ({ deploy, install, github }) => {
    await install('shop')
    const event = { name: 'pull_request', payload: JSON.parse(publicEvent) as Record<string, unknown> }
    const run = await deploy({ set: 'migrate.run=fail' }, { event })
    assert.equal(run.status, 'rolled-back', run.log)
    assert.match(run.comment, /shop-migrate/)
    assert.match(run.summary, /```mermaid\ngantt\n[^`]*\nJob shop-migrate, failed :crit, [^`]*\nback to revision 1, /)
    for (const text of [run.comment, run.summary]) assert.doesNotMatch(text, /starting up/)
    const shown = await deploy({ set: 'migrate.run=fail', evidence: 'full' }, { event })
    assert.match(shown.comment, /starting up, step 1 of 3/)
    assert.equal(github.comments().length, 1)
  })
})

const publicEvent = JSON.stringify({
  number: 7,
  pull_request: { number: 7, head: { sha: 'b81e77d5c1f0a3e9d2b4c6a8e0f1234567890abc' } },
  repository: { full_name: 'org/shop', private: false, visibility: 'public' },
})
