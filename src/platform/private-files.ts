import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const prefix = 'atomic-helm-'

type Env = Readonly<Record<string, string | undefined>>

/**
 * A folder of mode 0700 for this run's credentials, values, journal and Helm output; main or the post step removes it. Windows has no
 * modes: there whoever may read RUNNER_TEMP may read it.
 */
export interface PrivateFiles {
  readonly folder: string
  /** Writes a file of mode 0600 and gives its path. */
  readonly write: (name: string, content: string) => string
}

/** Makes the folder under RUNNER_TEMP. */
export function createPrivateFiles(env: Env): PrivateFiles {
  return filesIn(mkdtempSync(join(temporaryRoot(env), `${prefix}${stepName(env)}-`)))
}

/** The private files of a folder that is there. */
export function filesIn(folder: string): PrivateFiles {
  return {
    folder,
    write: (name, content) => {
      const path = join(folder, name)
      writeFileSync(path, content, { mode: 0o600 })
      return path
    },
  }
}

/**
 * The folders that main of this very step has left. They are found by what the runner says of the step, not by saved state, which
 * everything that prints to the log could set (`::save-state`, actions/runner ActionCommandManager.cs).
 */
export function leftFolders(env: Env): string[] {
  const root = temporaryRoot(env)
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name.startsWith(`${prefix}${stepName(env)}-`))
    .map(({ name }) => join(root, name))
}

/** Removes a private folder with all that is in it. */
export function removeFolder(folder: string): void {
  // Windows does not let go of a file that a process which ends right now, or a virus scanner, still has open.
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
}

/** Puts a file in the place of another, which readers see whole before and after. Tries again while Windows says that somebody has it open. */
export function replaceFile(from: string, to: string, rename: (from: string, to: string) => void = renameSync): void {
  for (let tries = 1; ; tries++) {
    try {
      return rename(from, to)
    } catch (error) {
      const isShared = /^(?:EPERM|EACCES|EBUSY)$/.test((error as { readonly code?: string }).code ?? '')
      if (!isShared || tries === 10) throw error
      // What is written down has to be on disk when the caller goes on.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20)
    }
  }
}

/** A name that a step's main and post have in common and no other step of a runner has. */
function stepName(env: Env): string {
  const facts = ['GITHUB_RUN_ID', 'GITHUB_RUN_ATTEMPT', 'GITHUB_JOB', 'GITHUB_ACTION'].map((name) => env[name] ?? '')
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 12)
}

function temporaryRoot(env: Env): string {
  return env['RUNNER_TEMP'] || tmpdir()
}
