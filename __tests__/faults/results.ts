// What has been played, kept outside of the tree, so that a suite of an hour can be taken up where it was left.
import { createHash } from 'node:crypto'
import { appendFileSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cacheDir } from '../testbed/paths.ts'
import type { Result } from './play.ts'

export type Kept = Omit<Result, 'log'>
export type Results = {
  /** The last result of each cell, by name. */
  kept: Map<string, Kept>
  add: (result: Result) => void
  /** Where the log of a cell that failed is. */
  logOf: (name: string) => string
}

/** Opens the results for what is tested: this bundle, or the baseline. */
export function openResults(isBaseline: boolean): Results {
  const folder = join(cacheDir(), 'faults', isBaseline ? 'baseline' : bundleHash())
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'results.jsonl')
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : []
  const kept = new Map(lines.map((line) => JSON.parse(line) as Kept).map((one) => [one.name, one]))
  const logOf = (name: string): string => join(folder, `${name.replaceAll(/[^\w]+/g, '-')}.log`)
  return {
    kept,
    logOf,
    add({ log, ...result }) {
      kept.set(result.name, result)
      appendFileSync(file, `${JSON.stringify(result)}\n`)
      writeFileSync(logOf(result.name), [...result.problems, '', log, ''].join('\n'))
    },
  }
}

function bundleHash(): string {
  const dist = fileURLToPath(new URL('../../dist', import.meta.url))
  const hash = createHash('sha256')
  for (const name of readdirSync(dist).sort()) hash.update(name).update(readFileSync(join(dist, name)))
  return hash.digest('hex').slice(0, 16)
}
