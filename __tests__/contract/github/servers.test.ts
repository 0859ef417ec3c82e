// GitHub Enterprise Server has its API below a path; Gitea and Forgejo have another one, which lacks parts of GitHub's.
import assert from 'node:assert/strict'
import { pushEvent } from '../../helpers/event.ts'
import type { GitHub } from '../../helpers/github/server.ts'
import { installation, person, type Identity } from '../../helpers/github/world.ts'
import { sideBySide, staged } from '../../helpers/majors.ts'

const failing = { set: 'migrate.run=fail' }
const broken = { set: 'broken=template' }
const chatter = (count: number): { issue: number; body: string }[] =>
  Array.from({ length: count }, (_, index) => ({ issue: 7, body: `comment ${index}` }))
const actionsOf = (login: string): Identity => ({ login, type: 'Bot', rights: 'write' })

const paths = (github: GitHub): string[] => github.requests().map(({ method, path }) => `${method} ${path}`)
const ours = (github: GitHub): string[] =>
  github
    .comments(7)
    .filter(({ body }) => body.startsWith('<!-- atomic-helm-action'))
    .map(({ login }) => login)

sideBySide('on GitHub Enterprise Server', () => {
  const world = { base: '/api/v3', only: 4, tokens: { bot: installation(), eve: person('eve') } } as const
  staged('the comment is made, found by whom GraphQL says, and updated', world, async (stage) => {
    const { install, deploy, github } = stage
    await install('shop')
    for (const runId of [1, 2]) {
      const run = await deploy(failing, { runId })
      assert.deepEqual([run.status, run.warnings], ['rolled-back', []], run.log)
    }
    assert.deepEqual(ours(github), ['github-actions[bot]'])
    assert.match(github.comments(7)[0]?.body ?? '', /### ❌[^]*Earlier deploys: ❌/)
    assert.ok(paths(github).includes('POST /graphql'))
    assert.ok(!paths(github).some((path) => path.includes('/not-below')), 'all requests go to the API')
  })
})

sideBySide('on Gitea and Forgejo', () => {
  for (const [name, login, only] of [
    ['Gitea', 'gitea-actions', 3],
    ['Forgejo', 'forgejo-actions', 4],
  ] as const) {
    const world = { base: '/api/v1', only, comments: chatter(250), tokens: { bot: actionsOf(login) } } as const
    staged(`a failure is told in one comment among 250 (${name})`, world, async (stage) => {
      const { install, deploy, github } = stage
      await install('shop')
      for (const runId of [1, 2]) {
        const run = await deploy({ ...failing, environment: 'production' }, { runId })
        assert.deepEqual([run.status, run.warnings], ['rolled-back', []], run.log)
        assert.match(run.outputs['comment-url'] ?? '', /\/org\/shop\/pulls\/7#issuecomment-\d+$/)
        assert.equal(run.log.split('the GitHub Deployment could not be told').length, 2, 'told once')
      }
      assert.deepEqual(ours(github), [login])
      assert.match(github.comments(7).at(-1)?.body ?? '', /### ❌[^]*Earlier deploys: ❌/)
      const lists = paths(github).filter((path) => path.endsWith('/issues/7/comments') && path.startsWith('GET'))
      assert.ok(lists.length < 12, `the pages end: ${lists.length} lists in two runs`)
    })
  }

  const people = { base: '/api/v1', only: 4, tokens: { bot: person('deployer'), eve: person('eve') } } as const
  staged("is by the token's user, whoever else has copied it", people, async ({ deploy, github }) => {
    await deploy(broken, { token: 'eve' })
    await deploy(broken)
    const second = await deploy(broken)
    assert.deepEqual(ours(github), ['eve', 'deployer'])
    assert.equal(second.status, 'rejected')
  })

  const merged = 'c'.repeat(40)
  const pulls = [
    { number: 7, state: 'closed' as const, merged: true, head: { ref: 'x', sha: 'e'.repeat(40) }, commits: [merged] },
  ]
  const pushed = { base: '/api/v1', only: 3, pulls, tokens: { bot: actionsOf('gitea-actions') } } as const
  staged('a push is told to the pull request that it merged, and to none otherwise', pushed, async (stage) => {
    const { deploy, github } = stage
    for (const [sha, comments] of [
      ['d'.repeat(40), []],
      [merged, ['gitea-actions']],
    ] as const) {
      const event = { name: 'push', payload: pushEvent('org/shop', sha) }
      const run = await deploy(broken, { event, sha, ref: 'refs/heads/main' })
      assert.deepEqual([run.status, run.warnings], ['rejected', []], run.log)
      assert.deepEqual(ours(github), comments)
    }
  })

  const reader: Identity = { ...actionsOf('gitea-actions'), rights: 'read' }
  staged(
    'that may not be commented leaves the verdict',
    { base: '/api/v1', only: 4, tokens: { bot: reader } },
    async (stage) => {
      const run = await stage.deploy(broken)
      assert.equal(run.status, 'rejected')
      assert.match(run.log, /warning: the pull request could not be told: .*pull-requests: write/)
    },
  )
})
