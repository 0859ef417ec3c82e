import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A login at a registry, to be taken back by the post step. */
export interface Login {
  /** Path of the Helm that logged in. */
  readonly helm: string
  readonly host: string
  /** Helm's registry configuration. */
  readonly config: string
}

const name = 'login.json'
const limitMs = 20_000

/** Notes a login among the private files of the run, which nothing that is printed can change. */
export function writeLogin(folder: string, login: Login): void {
  writeFileSync(join(folder, name), JSON.stringify(login), { mode: 0o600 })
}

/** Whether the run has logged in and not out. */
export function hasLogin(folder: string): boolean {
  return readLogin(folder) !== null
}

/**
 * Takes the login of a run back, if there was one: the files go anyway, but Helm may have put it into a keychain. Gives the host;
 * null when there was none. Throws when Helm fails.
 */
export function logOut(folder: string, env: Readonly<Record<string, string | undefined>>): string | null {
  const login = readLogin(folder)
  if (!login) return null
  const options = { env: { ...env, HELM_REGISTRY_CONFIG: login.config }, timeout: limitMs, stdio: 'pipe' as const }
  execFileSync(login.helm, ['registry', 'logout', login.host], options)
  return login.host
}

function readLogin(folder: string): Login | null {
  try {
    return JSON.parse(readFileSync(join(folder, name), 'utf8')) as Login
  } catch {
    // No login, or the run ended before it.
    return null
  }
}
