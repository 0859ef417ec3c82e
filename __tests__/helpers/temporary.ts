import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Where all of a test run's directories go, so that those of a killed test file are removed with it. */
export const temporaryVariable = 'ATOMIC_TEMP'
const made: string[] = []

/** A fresh directory outside the tree, removed when the test process ends. */
export function temporaryDirectory(name: string): string {
  if (made.length === 0)
    process.once('exit', () => made.forEach((path) => rmSync(path, { recursive: true, force: true })))
  const path = mkdtempSync(join(process.env[temporaryVariable] ?? tmpdir(), `atomic-${name}-`))
  made.push(path)
  return path
}
