// What GitHub does on a bad day changes neither the verdict nor the time by more than its patience, and makes no second comment.
import assert from 'node:assert/strict'
import type { Fault } from '../../helpers/github/faults.ts'
import { fixtureChart } from '../../helpers/helm.ts'
import { sideBySide, staged } from '../../helpers/majors.ts'

type BadDay = {
  name: string
  faults: Fault[]
  comments: 0 | 1
  /** What the log warns of; nothing when left out. */
  warns?: RegExp
  /** Seconds that the run takes longer at most; as good as none when left out. */
  costs?: number
  /** Seconds between the request that failed and the next like it, at least. */
  pause?: number
  /** How often the request that fails is made; the list is read again before a comment is made, and after it. */
  tries: number
}

const patience = 30
/** What a busy machine may add, in seconds, besides what the run takes there anyway. */
const noise = 5
const list = { method: 'GET', path: /issues\/7\/comments$/ }
const create = { method: 'POST', path: /issues\/7\/comments$/ }
const update = { method: 'PATCH' }
const limited = /rate limit is used up/
const late = /no answer in \d+ s/

const firstDays: BadDay[] = [
  {
    name: '429 for 2 s on the list',
    faults: [{ as: 'rate-limit', on: list, resetIn: 2 }],
    comments: 1,
    pause: 2,
    tries: 4,
  },
  {
    name: '429 with Retry-After and no reset',
    faults: [{ as: 'rate-limit', on: create, resetIn: null, retryAfter: 4 }],
    comments: 1,
    costs: 6,
    pause: 4,
    tries: 2,
  },
  {
    name: '429 for an hour',
    faults: [{ as: 'rate-limit', on: list, resetIn: 3600, times: 9 }],
    comments: 0,
    warns: limited,
    tries: 1,
  },
  {
    name: '429 with a Retry-After of a minute and no reset',
    faults: [{ as: 'rate-limit', on: create, resetIn: null, retryAfter: 60, times: 9 }],
    comments: 0,
    warns: limited,
    tries: 1,
  },
  {
    name: '429 that says nothing',
    faults: [{ as: 'rate-limit', on: create, resetIn: null, times: 9 }],
    comments: 0,
    warns: limited,
    tries: 1,
  },
  {
    name: 'a secondary limit of 3 s',
    faults: [{ as: 'secondary-limit', on: create, retryAfter: 3 }],
    comments: 1,
    costs: 5,
    pause: 3,
    tries: 2,
  },
  {
    name: 'a secondary limit that says nothing',
    faults: [{ as: 'secondary-limit', on: create, times: 9 }],
    comments: 0,
    warns: limited,
    tries: 1,
  },
  { name: '422', faults: [{ as: 422, on: create, times: 9 }], comments: 0, warns: /Validation Failed/, tries: 1 },
  { name: '503 once on the list', faults: [{ as: 503, on: list }], comments: 1, tries: 4 },
  { name: '503 once on the create', faults: [{ as: 503, on: create }], comments: 1, costs: 4, tries: 2 },
  {
    name: '503 all the time',
    faults: [{ as: 503, times: 99 }],
    comments: 0,
    warns: /cannot be reached/,
    costs: 10,
    tries: 3,
  },
  {
    name: 'no answer to the list',
    faults: [{ as: 'stall', on: list, times: 9 }],
    comments: 0,
    warns: late,
    costs: patience,
    tries: 1,
  },
  {
    name: 'no answer to the create, which was lost',
    faults: [{ as: 'stall', on: create, times: 9 }],
    comments: 0,
    warns: late,
    costs: patience,
    tries: 1,
  },
  {
    name: 'no answer to the create, which took effect',
    faults: [{ as: 'stall', on: create, times: 9, afterEffect: true }],
    comments: 1,
    warns: late,
    costs: patience,
    tries: 1,
  },
  {
    name: 'a limit of 20 s after another of 20 s',
    faults: [
      { as: 'rate-limit', on: list, resetIn: 20 },
      { as: 'rate-limit', on: create, resetIn: 20, times: 9 },
    ],
    comments: 0,
    warns: limited,
    costs: patience,
    pause: 20,
    tries: 3,
  },
]

const laterDays: BadDay[] = [
  { name: '503 once', faults: [{ as: 503, on: update }], comments: 1, tries: 2 },
  { name: '422', faults: [{ as: 422, on: update, times: 9 }], comments: 1, warns: /Validation Failed/, tries: 1 },
  {
    name: 'a secondary limit that says nothing',
    faults: [{ as: 'secondary-limit', on: update, times: 9 }],
    comments: 1,
    warns: limited,
    tries: 1,
  },
  {
    name: 'no answer',
    faults: [{ as: 'stall', on: update, times: 9 }],
    comments: 1,
    warns: late,
    costs: patience,
    tries: 1,
  },
]

const broken = { set: 'broken=template' }

function tell(day: BadDay, earlier: 0 | 1, verdict: Verdict, only: 3 | 4): void {
  const { faults, comments, warns, costs = 3, pause = 0, tries } = day
  staged(`${day.name}${earlier ? ', when there is a comment' : ''}`, { only }, async ({ deploy, github }) => {
    const quiet = await deploy({ ...verdict.inputs, comment: earlier ? verdict.inputs.comment : 'never' })
    const before = github.requests().length
    for (const fault of faults) github.fail(fault)
    const run = await deploy(verdict.inputs)
    assert.deepEqual([quiet.status, run.status], [verdict.status, verdict.status], run.log)
    const [usual, taken] = [quiet.wallMs / 1000, run.wallMs / 1000]
    assert.ok(taken < 2 * usual + costs + noise, `${taken} s instead of ${usual} s:\n${run.log}`)
    assert.equal(github.comments(7).length, comments)
    if (warns) assert.match(run.log, warns)
    assert.equal(run.log.split('warning: the pull request could not be told').length, warns ? 2 : 1, run.log)
    const [{ on }] = faults as [Fault]
    const same = github
      .requests()
      .slice(before)
      .filter(({ method, path }) => method === (on?.method ?? 'GET') && (on?.path ?? /comments/).test(path))
    assert.equal(same.length, tries)
    const [first, second] = same.map(({ at }) => at)
    if (pause > 0) assert.ok((second ?? 0) - (first ?? 0) >= pause * 1000, 'it is not asked before it said')
  })
}

type Verdict = { status: string; inputs: Record<string, string> & { comment: string } }
const rejected: Verdict = { status: 'rejected', inputs: { ...broken, comment: 'on-failure' } }
const deployed: Verdict = { status: 'deployed', inputs: { chart: fixtureChart('settings'), comment: 'always' } }

sideBySide('on a bad day of GitHub', () => {
  for (const [index, day] of firstDays.entries()) tell(day, 0, rejected, index % 2 ? 3 : 4)
  for (const day of laterDays) tell(day, 1, deployed, 4)
})
