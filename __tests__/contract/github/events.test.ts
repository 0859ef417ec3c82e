// Whatever event started the workflow, the pull request that it is about gets the comment, with the commit that people know.
import assert from 'node:assert/strict'
import {
  issueCommentEvent,
  mergeGroupEvent,
  pullRequestEvent,
  pushEvent,
  workflowRunEvent,
} from '../../helpers/event.ts'
import { sideBySide, staged } from '../../helpers/majors.ts'

const repo = 'org/shop'
const broken = { set: 'broken=template' }
const [pushed, tip, forked] = ['c'.repeat(40), 'd'.repeat(40), 'f'.repeat(40)]
const { headSha: sha, headRef: branch, payload } = pullRequestEvent(repo, { private: true })
const pulls = [
  { number: 7, head: { ref: branch, sha }, commits: [pushed] },
  { number: 8, head: { ref: 'topic', sha: forked, repo: 'eve/shop' } },
  // Somebody else has the same commit on a branch of the same name.
  { number: 9, head: { ref: 'topic', sha: forked, repo: 'mallory/shop' } },
]

type Case = {
  event: string
  payload: Record<string, unknown>
  /** What the runner says; of most events it is the tip of the default branch. */
  sha: string
  ref: string
  pull: number
  commit: string
  /** What is asked of GitHub beside comments. */
  asks?: RegExp
}

const main = 'refs/heads/main'
const cases: Record<string, Case> = {
  'a pull request': { event: 'pull_request', payload, sha: tip, ref: 'refs/pull/7/merge', pull: 7, commit: sha },
  'a pull request, as the target sees it': {
    event: 'pull_request_target',
    payload,
    sha: tip,
    ref: main,
    pull: 7,
    commit: sha,
  },
  'a push': {
    event: 'push',
    payload: pushEvent(repo, pushed),
    sha: pushed,
    ref: main,
    pull: 7,
    commit: pushed,
    asks: /commits\/c+\/pulls$/,
  },
  'a dispatch': {
    event: 'workflow_dispatch',
    payload: { inputs: {}, ref: 'refs/heads/faster-checkout' },
    sha,
    ref: 'refs/heads/faster-checkout',
    pull: 7,
    commit: sha,
    asks: /commits\/b81e\w+\/pulls$/,
  },
  'a run for a pull request': {
    event: 'workflow_run',
    payload: workflowRunEvent(repo, { branch, sha, pull: 7 }),
    sha: tip,
    ref: main,
    pull: 7,
    commit: sha,
  },
  'a run for the pull request of a fork': {
    event: 'workflow_run',
    payload: workflowRunEvent(repo, { repo: 'eve/shop', branch: 'topic', sha: forked }),
    sha: tip,
    ref: main,
    pull: 8,
    commit: forked,
    asks: /\/shop\/pulls$/,
  },
  'a run for a push': {
    event: 'workflow_run',
    payload: workflowRunEvent(repo, { branch: 'main', sha: pushed }),
    sha: tip,
    ref: main,
    pull: 7,
    commit: pushed,
    asks: /commits\/c+\/pulls$/,
  },
  'a comment': {
    event: 'issue_comment',
    payload: issueCommentEvent(repo, 7),
    sha: tip,
    ref: main,
    pull: 7,
    commit: sha,
    asks: /\/pulls\/7$/,
  },
  'a merge queue': {
    event: 'merge_group',
    payload: mergeGroupEvent(repo, 7, tip),
    sha: tip,
    ref: `refs/heads/gh-readonly-queue/main/pr-7-${'9'.repeat(40)}`,
    pull: 7,
    commit: tip,
  },
}

sideBySide('the comment for', () => {
  for (const [name, { event, pull, commit, asks, ...rest }] of Object.entries(cases)) {
    staged(`${name} is on its pull request`, { only: 4, pulls, commits: [tip] }, async ({ deploy, github }) => {
      const run = await deploy(broken, { event: { name: event, payload: rest.payload }, sha: rest.sha, ref: rest.ref })
      assert.equal(run.status, 'rejected', run.log)
      assert.deepEqual(run.warnings, [], run.log)
      assert.deepEqual(
        github.comments().map(({ issue }) => issue),
        [pull],
      )
      assert.match(github.comments()[0]?.body ?? '', new RegExp(`commit \`${commit.slice(0, 7)}\``))
      const others = github.requests().filter(({ path }) => !/\/comments|^\/user$|^\/graphql$|\/runs\//.test(path))
      assert.deepEqual(
        others.map(({ path }) => (asks?.test(path) ? 'asked' : path)),
        asks ? ['asked'] : [],
      )
    })
  }

  staged('a comment whose commit GitHub does not tell comes without one', { only: 3 }, async ({ deploy, github }) => {
    github.fail({ as: 502, on: { path: /\/pulls\/7$/ }, times: 9 })
    const event = { name: 'issue_comment', payload: issueCommentEvent(repo, 7) }
    const run = await deploy(broken, { event, sha: tip, ref: main })
    assert.equal(run.status, 'rejected', run.log)
    assert.match(run.comment, /### ⛔/)
    assert.doesNotMatch(run.comment, /commit /)
  })
})
