import { dirname } from 'node:path'
import type { Inputs } from './inputs/inputs.ts'
import { describeError, type Problem } from './platform/errors.ts'
import { createHttp, decoded, withoutCredentials } from './platform/http.ts'
import { variableName, type System } from './platform/system.ts'
import { setupHelm, type HelmSetup } from './setup/setup.ts'
import { settleWish } from './setup/wish.ts'
import type { World } from './world.ts'

/**
 * The Helm that the inputs ask for, on PATH for the later steps of the job; every problem with it otherwise. Nothing is downloaded for
 * a run that cannot begin anyway (`isDoomed`): it then tells no problem, and gives none.
 */
export async function prepareHelm(
  world: World,
  inputs: Inputs,
  isDoomed: boolean,
): Promise<HelmSetup | readonly Problem[]> {
  const { clock, log, system } = world
  const env = helmEnvironment(world.env, system)
  const wish = settleWish(inputs, workspaceOf(world.env))
  if (!('kind' in wish)) return wish
  if (isDoomed && wish.kind !== 'installed') return []
  const bases = inputs.helmDownloadUrls
  world.secrets.learn(bases.flatMap(credentialsOf))
  const http = createHttp()
  try {
    const setup = await setupHelm(
      { wish, sha256: inputs.helmSha256, bases },
      { env, system, clock, log, get: http.get },
    )
    if ('problem' in setup) return [setup]
    if (setup.helm.origin !== 'installed') exportPath(world, dirname(setup.helm.path))
    return setup
  } finally {
    http.close()
  }
}

/** Helm's environment: ours, without saved state of other steps; with `first`, that folder is searched for programs before all others. */
export function helmEnvironment(env: World['env'], system: System, first?: string): Record<string, string> {
  const kept = Object.entries(env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !entry[0].startsWith('STATE_'),
  )
  const name = variableName(env, 'PATH', system)
  const path = first ? { [name]: [first, env[name]].filter(Boolean).join(system.path.delimiter) } : {}
  return { ...Object.fromEntries(kept), ...path }
}

/** Where the repository is checked out. */
export function workspaceOf(env: World['env']): string {
  return env['GITHUB_WORKSPACE'] || process.cwd()
}

function exportPath({ exportPath: tell, log }: World, folder: string): void {
  try {
    tell(folder)
  } catch (error) {
    log.warning(`Helm is not on PATH for later steps: ${describeError(error)}`)
  }
}

/** What a URL holds that opens the server to anybody: its password, as it is written and as it is meant, and the header of it. */
function credentialsOf(url: string): string[] {
  const { password } = new URL(url)
  const { authorization } = withoutCredentials(url)
  return [password, decoded(password), authorization?.replace(/^Basic /, '') ?? ''].filter(Boolean)
}
