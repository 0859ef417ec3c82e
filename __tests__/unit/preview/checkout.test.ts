import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { checkedOutCommit } from '../../../src/preview/checkout.ts'

const workspace = mkdtempSync(join(tmpdir(), 'checkout-'))
after(() => rmSync(workspace, { recursive: true }))

function git(folder: string, ...args: string[]): string {
  const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.org', '-c', 'commit.gpgsign=false']
  return execFileSync('git', ['-C', folder, ...identity, ...args], { encoding: 'utf8' }).trim()
}

function repository(name: string): string {
  const folder = join(workspace, name)
  mkdirSync(join(folder, 'chart'), { recursive: true })
  git(folder, 'init', '-q', '-b', 'main')
  git(folder, 'commit', '-q', '--allow-empty', '-m', name)
  return git(folder, 'rev-parse', 'HEAD')
}

test('a branch, a packed branch and a commit are all read as Git reads them', () => {
  const sha = repository('one')
  const commit = () => checkedOutCommit('one/chart', workspace)
  assert.equal(commit(), sha)
  git(join(workspace, 'one'), 'pack-refs', '--all')
  assert.equal(commit(), sha)
  git(join(workspace, 'one'), 'checkout', '-q', '--detach')
  assert.equal(commit(), sha)
})

test('the nearest checkout counts', () => {
  const outer = repository('two')
  const inner = repository('two/fork')
  assert.notEqual(outer, inner)
  assert.equal(checkedOutCommit('two/fork/chart', workspace), inner)
  assert.equal(checkedOutCommit('two/chart', workspace), outer)
  assert.equal(checkedOutCommit(join(workspace, 'two/chart/no/such/file'), workspace), outer)
})

test('what cannot be known is not known', () => {
  assert.equal(checkedOutCommit('plain/chart', workspace), null)
  assert.equal(checkedOutCommit('/etc', workspace), null)
  for (const head of ['ref: refs/../../one/.git/HEAD', 'ref: refs/heads/none', 'c0ffee', '', 'ref: HEAD']) {
    mkdirSync(join(workspace, 'odd/.git'), { recursive: true })
    writeFileSync(join(workspace, 'odd/.git/HEAD'), `${head}\n`)
    assert.equal(checkedOutCommit('odd', workspace), null)
  }
  mkdirSync(join(workspace, 'tree'))
  writeFileSync(join(workspace, 'tree/.git'), 'gitdir: ../one/.git\n')
  assert.equal(checkedOutCommit('tree', workspace), null)
})
