import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { getExecOutput } from '@actions/exec'
import type { Problem } from '../platform/errors.ts'
import type { HelmMajor } from './argv.ts'

/** A Helm that can be run. */
export interface HelmBinary {
  readonly path: string
  /** As Helm says it, `v4.3.1`. */
  readonly version: string
  readonly major: HelmMajor
}

/** Finds Helm on PATH and asks for its version; tells what is wrong when there is none, or one that is not supported. */
export async function findHelm(env: Readonly<Record<string, string>>): Promise<HelmBinary | Problem> {
  const path = onPath('helm', env['PATH'] ?? env['Path'] ?? '')
  if (!path)
    return { problem: 'Helm is not on PATH', remedy: 'Install Helm 3.14 or later, or Helm 4, in an earlier step' }
  const asked = await getExecOutput(path, ['version', '--template={{.Version}}'], {
    silent: true,
    ignoreReturnCode: true,
    env: { ...env },
  })
  const version = asked.stdout.trim()
  const match = /^v(\d+)\.(\d+)\./.exec(version)
  if (asked.exitCode !== 0 || !match)
    return {
      problem: `\`${path} version\` does not answer with a version`,
      remedy: 'Check the Helm that is first on PATH',
    }
  const major = Number(match[1])
  if (major !== 4 && !(major === 3 && Number(match[2]) >= 14))
    return { problem: `Helm ${version} (${path}) is not supported`, remedy: 'Use Helm 3.14 or later, or Helm 4' }
  return { path, version, major }
}

function onPath(name: string, path: string): string | null {
  const names = process.platform === 'win32' ? [`${name}.exe`] : [name]
  for (const folder of path.split(delimiter).filter(Boolean)) {
    for (const file of names.map((one) => join(folder, one))) if (isExecutable(file)) return file
  }
  return null
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}
