// With `environment`, a deploy is a GitHub Deployment: one, that tells the truth at every end, and that no verdict hangs on.
import assert from 'node:assert/strict'
import { pullRequestEvent } from '../../helpers/event.ts'
import type { GitHub } from '../../helpers/github/server.ts'
import { installation } from '../../helpers/github/world.ts'
import type { DeploymentSeed } from '../../helpers/github/world.ts'
import { fixtureChart } from '../../helpers/helm.ts'
import { sideBySide, staged } from '../../helpers/majors.ts'

const { headSha } = pullRequestEvent('org/shop')
const mergeSha = 'c'.repeat(40)
const runUrl = 'https://github.com/org/shop/actions/runs/1234'
const environmentUrl = 'https://staging.shop.example.com/?theme=(dark)'
const staging = { environment: 'staging', 'environment-url': environmentUrl }
const good = { chart: fixtureChart('settings'), ...staging, comment: 'always' }
const missingImage = { set: 'image.tag=does-not-exist', ...staging, environment: 'production' }
const older: DeploymentSeed = { sha: 'a'.repeat(40), environment: 'staging', states: ['in_progress', 'success'] }
const ofJob: DeploymentSeed = {
  sha: mergeSha,
  environment: 'staging',
  states: ['in_progress'],
  logUrl: `${runUrl}/job/77`,
}

/** The states of each deployment, oldest first. */
const told = (github: GitHub): string[] =>
  github.deployments().map(({ statuses }) => statuses.map(({ state }) => state).join(' '))

const asked = (github: GitHub, method?: string): number =>
  github.requests().filter((one) => one.path.includes('/deployments') && (method ?? one.method) === one.method).length

sideBySide('the GitHub Deployment', () => {
  const before = [
    older,
    { ...older, transient: true },
    { ...older, production: true },
    { ...older, states: ['in_progress', 'failure'] },
    { ...older, environment: 'qa' },
  ] satisfies DeploymentSeed[]
  staged('ends with success, and only it is active', { deployments: before }, async ({ deploy, github }) => {
    const run = await deploy(good)
    assert.equal(run.status, 'deployed', run.log)
    assert.deepEqual(told(github), [
      'in_progress success inactive',
      'in_progress success inactive',
      'in_progress success inactive',
      'in_progress failure',
      'in_progress success',
      'in_progress success',
    ])
    const made = github.deployments().at(-1)
    assert.deepEqual([made?.sha, made?.environment, made?.production], [headSha, 'staging', false])
    const end = made?.statuses.at(-1)
    assert.deepEqual(
      [end?.logUrl, end?.environmentUrl, end?.description],
      [`${runUrl}/attempts/1`, environmentUrl, 'Deployed as revision 1'],
    )
    // The comment waits for none of it: not even for the one second that writes of one client keep apart.
    const posts = github.requests().filter(({ method }) => method === 'POST')
    const isInactive = (body: unknown): boolean => (body as { state?: string } | undefined)?.state === 'inactive'
    const comment = posts.findIndex(({ path }) => path.endsWith('/comments'))
    const retired = posts.findIndex(({ body }) => isInactive(body))
    assert.ok(comment >= 0 && comment < retired, posts.map(({ path }) => path).join('\n'))
    assert.equal(run.outputs['environment-url'], environmentUrl)
    assert.match(run.comment, /is deployed to \*\*staging\*\*/)
    assert.match(run.comment, /\[open the environment\]\(https:\/\/staging\.shop\.example\.com\/\?theme=%28dark%29\)/)
  })

  const live = { deployments: [{ ...older, environment: 'production', production: true }] }
  staged('ends with failure when it was rolled back', { only: 4, ...live }, async ({ install, deploy, github }) => {
    await install('shop')
    const run = await deploy(missingImage)
    assert.equal(run.status, 'rolled-back', run.log)
    assert.deepEqual(told(github), ['in_progress success', 'in_progress failure'])
    const made = github.deployments().at(-1)
    assert.deepEqual([made?.production, made?.statuses.at(-1)?.environmentUrl], [true, ''])
    assert.equal(run.outputs['environment-url'], '')
    assert.match(run.comment, /was not deployed to \*\*production\*\*/)
    assert.doesNotMatch(run.comment, /open the environment/)
  })

  staged('ends with failure when nothing was begun', { only: 3 }, async ({ deploy, github }) => {
    const run = await deploy({ ...staging, set: 'broken=template' })
    assert.deepEqual([run.status, told(github)], ['rejected', ['failure']], run.log)
  })

  const jobs = { commits: [mergeSha], deployments: [older, ofJob] }
  staged('is that of the job, when GitHub has made one', { only: 4, ...jobs }, async ({ deploy, github }) => {
    const run = await deploy(good, { sha: mergeSha })
    assert.equal(run.status, 'deployed', run.log)
    // Its end, and what that makes inactive, is GitHub's to tell.
    assert.deepEqual(told(github), ['in_progress success', 'in_progress in_progress'])
    const last = github.deployments().at(-1)?.statuses.at(-1)
    assert.deepEqual([last?.environmentUrl, last?.logUrl], [environmentUrl, `${runUrl}/job/77`])
    const failed = await deploy({ ...staging, set: 'broken=template' }, { sha: mergeSha })
    assert.equal(failed.status, 'rejected')
    assert.deepEqual(told(github), ['in_progress success', 'in_progress in_progress'])
  })

  const others: DeploymentSeed[] = [
    { ...ofJob, logUrl: 'https://github.com/org/shop/actions/runs/12345/job/77' },
    { ...ofJob, states: ['in_progress', 'failure'] },
    { ...ofJob, environment: 'qa' },
    { ...ofJob, login: 'eve' },
  ]
  staged(
    'is not that of another run, attempt, environment or author',
    { only: 3, commits: [mergeSha], deployments: others },
    async ({ deploy, github }) => {
      await deploy(good, { sha: mergeSha })
      assert.deepEqual(told(github).at(-1), 'in_progress success')
      assert.equal(github.deployments().length, 5)
    },
  )

  const unpermitted = { tokens: { bot: { ...installation(), deployments: 'none' as const } } }
  staged('is left out without the permission, which is named', { only: 4, ...unpermitted }, async (stage) => {
    const run = await stage.deploy(good)
    assert.deepEqual([run.status, asked(stage.github)], ['deployed', 1], run.log)
    assert.equal(run.log.split('the token lacks `deployments: write`').length, 2, run.log)
    assert.match(run.comment, /is deployed to \*\*staging\*\*/)
  })

  const reader = { tokens: { bot: { ...installation(), deployments: 'read' as const } } }
  staged('is left out by a token that may only read', { only: 3, ...reader }, async ({ deploy, github }) => {
    const run = await deploy(good)
    assert.deepEqual([run.status, asked(github, 'POST')], ['deployed', 1], run.log)
    assert.equal(run.log.split('the token lacks `deployments: write`').length, 2, run.log)
  })

  staged('is left out where there are none', { only: 3, hasNoDeployments: true }, async ({ deploy, github }) => {
    const run = await deploy(good)
    assert.deepEqual([run.status, asked(github)], ['deployed', 1], run.log)
    assert.equal(run.log.split('the GitHub Deployment could not be told').length, 2, run.log)
    assert.deepEqual(run.warnings, [])
  })

  staged('ends with error when the job was cancelled', {}, async ({ install, deploy, github }) => {
    await install('shop')
    const run = await deploy(
      { set: 'neverReady=true', ...staging },
      { cancelWhen: (line) => /1 of 2 new pods started/.test(line) },
    )
    assert.deepEqual([run.status, run.report.rollback], ['cancelled', 'restored'], run.log)
    assert.match(told(github).join(), /^(in_progress )?error$/)
    assert.equal(github.deployments()[0]?.statuses.at(-1)?.description, 'Cancelled')
  })

  staged('ends with error when main was killed', { only: 4 }, async ({ install, deploy, github }) => {
    await install('shop')
    const when = (line: string): boolean => /1 of 2 new pods started/.test(line)
    // A main that was killed has no outputs, which every other run has.
    await assert.rejects(deploy({ set: 'neverReady=true', ...staging }, { killWhen: { when, who: 'node' } }))
    assert.match(told(github).join(), /^(in_progress )?error$/)
  })

  staged('ends as main wanted when it was killed on the way', { only: 3 }, async ({ deploy, github }) => {
    const statuses = { method: 'POST', path: /\/statuses$/ }
    github.fail({ as: 'stall', on: statuses, ms: 1 })
    github.fail({ as: 'stall', on: statuses })
    const outside = (): boolean =>
      github.requests().filter(({ method, path }) => method === 'POST' && statuses.path.test(path)).length === 2
    await assert.rejects(deploy(good, { killWhen: { when: { outside }, who: 'node' } }))
    assert.deepEqual(told(github), ['in_progress success'])
  })

  staged('ends with error when main was killed before it heard of it', { only: 4 }, async ({ deploy, github }) => {
    const creates = { method: 'POST', path: /\/deployments$/ }
    github.fail({ as: 'stall', on: creates, afterEffect: true })
    const outside = (): boolean => github.deployments().length === 1
    await assert.rejects(deploy(good, { killWhen: { when: { outside }, who: 'node' } }))
    assert.deepEqual(told(github), ['error'])
  })

  staged('is not made twice when the answer was lost', { only: 3 }, async ({ deploy, github }) => {
    github.fail({ as: 502, on: { method: 'POST', path: /\/deployments$/ }, afterEffect: true })
    const run = await deploy(good)
    assert.deepEqual([run.status, told(github)], ['deployed', ['in_progress success']], run.log)
  })

  staged('hears its end although GitHub fails once', { only: 4 }, async ({ deploy, github }) => {
    github.fail({ as: 503, on: { method: 'POST', path: /\/statuses$/ } })
    const run = await deploy(good)
    assert.deepEqual([run.status, told(github)], ['deployed', ['in_progress success']], run.log)
    assert.doesNotMatch(run.log, /could not be told/)
  })

  for (const as of ['stall', 503, 'reset'] as const)
    staged(`costs its patience at most (${as})`, { only: as === 503 ? 3 : 4 }, async ({ deploy, github }) => {
      github.fail({ as, on: { path: /\/deployments/ }, times: 99 })
      const run = await deploy(good)
      assert.equal(run.status, 'deployed', run.log)
      assert.ok(run.wallMs < 40_000, `${run.wallMs} ms`)
      assert.equal(run.log.split('warning: the GitHub Deployment could not be told').length, 2, run.log)
      assert.match(run.comment, /is deployed/)
    })

  staged('is none of a rollback, whose report names the environment', { only: 4 }, async (stage) => {
    await stage.install('settings')
    await stage.install('settings', 'data.level=debug')
    const run = await stage.deploy({ mode: 'rollback', chart: '', ...staging, comment: 'always' })
    assert.deepEqual([run.status, asked(stage.github)], ['rolled-back', 0], run.log)
    assert.match(run.comment, /\*\*staging\*\*/)
  })
})
