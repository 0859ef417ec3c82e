import { readFileSync, statSync } from 'node:fs'
import path, { join, resolve } from 'node:path'
import { shaOf } from '../context/pull-event.ts'
import { pathFrom, type System } from '../platform/system.ts'

/**
 * The commit that the checkout around a path is at, from the files of Git: Git itself would read the configuration of a repository that
 * may be hostile. Null when there is none up to the workspace, or it cannot be read.
 */
export function checkedOutCommit(place: string, workspace: string): string | null {
  const git = gitFolder(resolve(workspace, place), resolve(workspace))
  const head = git && read(git, 'HEAD')
  if (!git || !head) return null
  const [, ref] = /^ref: (refs\/[\w./-]+)$/.exec(head) ?? []
  if (ref === undefined) return shaOf(head)
  if (ref.split('/').includes('..')) return null
  return shaOf(read(git, ref)) ?? packed(git, ref)
}

/** The nearest `.git`, as Git looks for it. A file instead of a folder is a worktree or a submodule, whose commit is told elsewhere. */
function gitFolder(start: string, workspace: string): string | null {
  for (const at of foldersUpTo(start, workspace, { path })) {
    const found = statSync(join(at, '.git'), { throwIfNoEntry: false })
    if (found) return found.isDirectory() ? join(at, '.git') : null
  }
  return null
}

/** A folder and those that it is in, up to the workspace; none when it is not in it. */
export function foldersUpTo(start: string, workspace: string, system: Pick<System, 'path'>): string[] {
  const inside = pathFrom(workspace, start, system)
  if (inside === null) return []
  return inside === '' ? [start] : [start, ...foldersUpTo(system.path.dirname(start), workspace, system)]
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
