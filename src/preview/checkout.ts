import { readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { shaOf } from '../context/pull-event.ts'

/**
 * The commit that the checkout around a path is at, from the files of Git: Git itself would read the configuration of a repository that
 * may be hostile. Null when there is none up to the workspace, or it cannot be read.
 */
export function checkedOutCommit(path: string, workspace: string): string | null {
  const git = gitFolder(resolve(workspace, path), resolve(workspace))
  const head = git && read(git, 'HEAD')
  if (!git || !head) return null
  const [, ref] = /^ref: (refs\/[\w./-]+)$/.exec(head) ?? []
  if (ref === undefined) return shaOf(head)
  if (ref.split('/').includes('..')) return null
  return shaOf(read(git, ref)) ?? packed(git, ref)
}

/** The nearest `.git`, as Git looks for it. A file instead of a folder is a worktree or a submodule, whose commit is told elsewhere. */
function gitFolder(start: string, workspace: string): string | null {
  for (let at = start; at === workspace || at.startsWith(`${workspace}/`); at = dirname(at)) {
    const found = statSync(join(at, '.git'), { throwIfNoEntry: false })
    if (found) return found.isDirectory() ? join(at, '.git') : null
  }
  return null
}

function packed(git: string, ref: string): string | null {
  const line = read(git, 'packed-refs')
    ?.split('\n')
    .find((one) => one.endsWith(` ${ref}`))
  return shaOf(line?.slice(0, -ref.length - 1))
}

function read(git: string, name: string): string | null {
  try {
    return readFileSync(join(git, name), 'utf8').trim()
  } catch {
    return null
  }
}
