import { realpathSync } from 'node:fs'
import { relative, sep } from 'node:path'

/** The file's path from the workspace, with slashes; null when it is not in it, not there, or reached by a link that leads out of it. */
export function pathInWorkspace(path: string, workspace: string): string | null {
  try {
    const inside = relative(realpathSync(workspace), realpathSync(path))
    return isInside(inside) ? inside.split(sep).join('/') : null
  } catch {
    return null
  }
}

function isInside(path: string): boolean {
  return path !== '' && path !== '..' && !path.startsWith(`..${sep}`) && !/^(?:\/|[a-z]:)/i.test(path)
}
