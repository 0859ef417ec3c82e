// Helm by itself, to prepare a state or to compare with.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { temporaryDirectory } from './temporary.ts'

export type HelmRun = { exitCode: number; stdout: string; stderr: string; wallMs: number }

/** Runs the helm of a directory in a home of its own. */
export async function runHelm(directory: string, kubeconfig: string, args: string[]): Promise<HelmRun> {
  const start = performance.now()
  const child = spawn(join(directory, 'helm'), args, {
    env: { PATH: '/usr/bin:/bin', HOME: temporaryDirectory('helm'), KUBECONFIG: kubeconfig },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output.stdout += chunk))
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (output.stderr += chunk))
  const [code] = (await once(child, 'close')) as [number | null]
  return { exitCode: code ?? 1, ...output, wallMs: Math.round(performance.now() - start) }
}

/** A chart of `fixtures/charts`. */
export function fixtureChart(name: string): string {
  return fileURLToPath(new URL(`../fixtures/charts/${name}`, import.meta.url))
}
