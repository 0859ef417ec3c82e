import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readContext } from '../../../src/context/context.ts'
import { decideFork, refuseForkByNumber } from '../../../src/preview/fork.ts'
import { pullRequestEvent } from '../../helpers/event.ts'

const sha = 'c'.repeat(40)

interface Event {
  readonly name: string
  readonly action: string
  readonly fork?: string | null
  readonly label?: string
  readonly wish?: 'deploy' | 'remove'
  readonly sender?: null
}

function decide({ name, action, fork = 'mallory/shop', label, wish = 'deploy', sender }: Event) {
  const { payload } = pullRequestEvent('acme/shop', { action, headSha: sha, fork: fork ?? 'gone/shop' })
  const pull = payload['pull_request'] as { head: { repo: unknown } }
  if (fork === null) pull.head.repo = null
  const given = { ...payload, ...(label === undefined ? {} : { label: { name: label } }) }
  const event = sender === null ? { ...given, sender: undefined } : given
  const context = readContext({ GITHUB_EVENT_NAME: name, GITHUB_REPOSITORY: 'Acme/Shop' }, event)
  const decision = decideFork(context, wish)
  return decision.kind === 'refused' ? decision.problem.problem : decision.kind
}

for (const name of ['pull_request', 'pull_request_target'])
  for (const action of ['opened', 'synchronize', 'reopened', 'labeled', 'closed'])
    test(`${name} ${action} of the repository itself is nobody else's code`, () => {
      assert.equal(decide({ name, action, fork: 'acme/shop', label: 'anything' }), 'own')
    })

for (const action of ['opened', 'synchronize', 'labeled', 'closed'])
  test(`pull_request ${action} from a fork has no secrets, whatever the runner has`, () => {
    const wish = action === 'closed' ? 'remove' : 'deploy'
    assert.match(decide({ name: 'pull_request', action, label: 'preview', wish }), /no secrets for forks/)
  })

for (const action of ['opened', 'synchronize', 'reopened', 'edited', 'unlabeled', 'ready_for_review', 'assigned'])
  test(`pull_request_target ${action} from a fork is refused, also while the label is there`, () => {
    assert.match(decide({ name: 'pull_request_target', action, label: 'preview' }), /not deployed on/)
  })

test('a label is asked about at the commit that the payload tells', () => {
  const { payload } = pullRequestEvent('acme/shop', { action: 'labeled', headSha: sha, fork: 'mallory/shop' })
  const env = { GITHUB_EVENT_NAME: 'pull_request_target', GITHUB_REPOSITORY: 'acme/shop' }
  const context = readContext(env, { ...payload, label: { name: 'preview' } })
  assert.deepEqual(decideFork(context, 'deploy'), { kind: 'labeled', sender: 'dev', sha })
})

for (const [label, expected] of [
  ['preview', 'labeled'],
  ['Preview', 'labeled'],
  ['bug', /on "labeled" with "bug"/],
  ['preview-not', /not deployed/],
  [undefined, /not deployed/],
] as const)
  test(`label ${label}`, () => {
    const found = decide({ name: 'pull_request_target', action: 'labeled', ...(label && { label }) })
    if (typeof expected === 'string') assert.equal(found, expected)
    else assert.match(found, expected)
  })

test('a label that nobody has given counts for nothing', () => {
  const event = { name: 'pull_request_target', action: 'labeled', label: 'preview', sender: null }
  assert.match(decide(event), /does not tell who/)
})

test("the code of a fork that was deleted is still a fork's", () => {
  assert.match(decide({ name: 'pull_request_target', action: 'opened', fork: null }), /a fork that was deleted/)
})

test('a removal runs no code of the fork', () => {
  assert.equal(decide({ name: 'pull_request_target', action: 'closed', wish: 'remove' }), 'own')
  assert.equal(decide({ name: 'pull_request_target', action: 'closed', wish: 'remove', fork: null }), 'own')
})

test('a number given by hand names no commit of a fork', () => {
  const own = { owner: 'acme', name: 'shop' }
  assert.equal(refuseForkByNumber({ headRepository: 'ACME/shop' }, 7, own), null)
  for (const headRepository of ['mallory/shop', 'acme/shop2', null])
    assert.match(refuseForkByNumber({ headRepository }, 7, own)?.problem ?? '', /names no commit/)
})
