import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Inputs } from '../inputs/inputs.ts'
import { describeError, type Problem } from '../platform/errors.ts'
import { defaultVersion, parseVersionWish, versionInFile, type VersionWish } from './version.ts'

type WishInputs = Pick<Inputs, 'helmVersion' | 'helmVersionFile' | 'helmSha256'>

/** Which Helm the inputs ask for, the version file read; every problem with it otherwise. */
export function settleWish(inputs: WishInputs, workspace: string): VersionWish | readonly Problem[] {
  const { helmVersion, helmVersionFile, helmSha256 } = inputs
  if (helmVersion && helmVersionFile)
    return [{ problem: '`helm-version` and `helm-version-file` are both given', remedy: 'Give one of them' }]
  const wish = helmVersionFile
    ? readVersionFile(helmVersionFile, workspace)
    : parseVersionWish(helmVersion || defaultVersion, '`helm-version`')
  if ('problem' in wish) return [wish]
  if (helmSha256 && wish.kind !== 'exact')
    return [
      {
        problem: '`helm-sha256` is the hash of one archive, but the version is not an exact one',
        remedy: 'Give an exact `helm-version`',
      },
    ]
  return wish
}

function readVersionFile(path: string, workspace: string): VersionWish | Problem {
  try {
    return versionInFile(readFileSync(resolve(workspace, path), 'utf8'), path)
  } catch (error) {
    return {
      problem: `\`helm-version-file\` ${path} cannot be read: ${describeError(error)}`,
      remedy: 'Check the path; it is relative to the workspace',
    }
  }
}
