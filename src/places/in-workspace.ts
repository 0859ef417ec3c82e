import { realpathSync } from 'node:fs'
import path from 'node:path'
import { pathFrom } from '../platform/system.ts'

/** The file's path from the workspace, with slashes; null when it is not in it, not there, or reached by a link that leads out of it. */
export function pathInWorkspace(file: string, workspace: string): string | null {
  try {
    return pathFrom(realpathSync(workspace), realpathSync(file), { path }) || null
  } catch {
    return null
  }
}
