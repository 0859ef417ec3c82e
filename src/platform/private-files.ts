import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'

const prefix = 'atomic-helm-'

/** A folder of mode 0700 for this run's credentials, values and Helm output; the post step removes it. */
export interface PrivateFiles {
  readonly folder: string
  /** Writes a file of mode 0600 and gives its path. */
  readonly write: (name: string, content: string) => string
}

/** Makes the folder under RUNNER_TEMP. */
export function createPrivateFiles(env: Readonly<Record<string, string | undefined>>): PrivateFiles {
  const folder = mkdtempSync(join(temporaryRoot(env), prefix))
  return {
    folder,
    write: (name, content) => {
      const path = join(folder, name)
      writeFileSync(path, content, { mode: 0o600 })
      return path
    },
  }
}

/** Removes the folder, if it is one of ours: the path comes from saved state, which other programs of the job can write. */
export function removePrivateFiles(folder: string, env: Readonly<Record<string, string | undefined>>): boolean {
  if (!isPrivateFolder(folder, env)) return false
  rmSync(resolve(folder), { recursive: true, force: true })
  return true
}

/** Whether a path is that of a folder as `createPrivateFiles` makes them. */
export function isPrivateFolder(folder: string, env: Readonly<Record<string, string | undefined>>): boolean {
  const path = resolve(folder)
  return dirname(path) === resolve(temporaryRoot(env)) && basename(path).startsWith(prefix)
}

function temporaryRoot(env: Readonly<Record<string, string | undefined>>): string {
  return env['RUNNER_TEMP'] || tmpdir()
}
