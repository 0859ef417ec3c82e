import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Inputs } from './inputs/inputs.ts'
import { workspaceOf } from './prepare-helm.ts'
import { secretsOfInputs, secretsOfProxies } from './report/secrets.ts'
import type { World } from './world.ts'

/** Learns what the inputs, the value files that they name, and the runner's proxies keep secret; what cannot be read is no secret. */
export function learnInputs({ secrets, env }: World, inputs: Inputs, valueFiles: readonly string[] = []): void {
  const read = (path: string): string | null => {
    try {
      return readFileSync(resolve(workspaceOf(env), path), 'utf8')
    } catch {
      // It is told as a problem, here or by Helm.
      return null
    }
  }
  secrets.learn(
    [...secretsOfInputs(inputs, read, valueFiles), ...secretsOfProxies(env)],
    [inputs.release, inputs.namespace],
  )
}
