import { accessSync, constants, statSync } from 'node:fs'
import { getExecOutput } from '@actions/exec'
import type { Problem } from '../platform/errors.ts'
import { findProgram, type System } from '../platform/system.ts'
import { isMajor } from '../setup/version.ts'
import type { HelmMajor } from './argv.ts'

/** A Helm that can be run. */
export interface HelmBinary {
  readonly path: string
  /** As Helm says it, `v4.3.1`. */
  readonly version: string
  readonly major: HelmMajor
  /** Where it was found; one that was installed before us is on PATH already. */
  readonly origin: 'installed' | 'cache' | 'download'
}

/** Finds Helm on PATH and asks for its version; tells what is wrong when there is none, or one of a major that is not known. */
export async function findHelm(env: Readonly<Record<string, string>>, system: System): Promise<HelmBinary | Problem> {
  const found = findProgram('helm', env, system, isExecutable)
  const remedy = 'Install it in an earlier step, or let `helm-version` name the version to install'
  if (!found) return { problem: 'Helm is not on PATH', remedy }
  if ('script' in found)
    return { problem: `Helm is on PATH only as a script, ${found.script}, which is not run`, remedy }
  const { path } = found
  const version = await askHelmVersion(path, env)
  const major = Number(/^v(\d+)\.\d+\./.exec(version ?? '')?.[1])
  if (!version || Number.isNaN(major))
    return {
      problem: `\`${path} version\` does not answer with a version`,
      remedy: 'Check the Helm that is first on PATH',
    }
  if (!isMajor(major))
    return { problem: `Helm ${version} (${path}) is not supported`, remedy: 'Use Helm 3.14 or later, or Helm 4' }
  return { path, version, major, origin: 'installed' }
}

/** The version that a program says it is, as Helm writes it; null when it cannot be run or fails. */
export async function askHelmVersion(path: string, env: Readonly<Record<string, string>>): Promise<string | null> {
  try {
    const options = { silent: true, ignoreReturnCode: true, env: { ...env } }
    const asked = await getExecOutput(`"${path}"`, ['version', '--template={{.Version}}'], options)
    return asked.exitCode === 0 ? asked.stdout.trim() : null
  } catch {
    return null
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}
