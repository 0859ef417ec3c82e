// `npm run rendered`: shows every golden comment and summary, and reports of hostile text, as GitHub shows them in a browser, and
// checks what a person would see.
import { globSync } from 'node:fs'
import { run } from 'node:test'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { ensurePackages } from '../helpers/packages.ts'
import { temporaryDirectory, temporaryVariable } from '../helpers/temporary.ts'
import { report } from '../reporter.ts'
import { ensureChromium } from './chromium.ts'

const usage = `npm run rendered -- [--name PATTERN] [--write] [--all DIRECTORY]

  Tests all, or only what matches. With --write it draws the pictures of docs/images anew instead, with --all those of the
  golden files: light and dark, wide and as on a phone.`

const root = fileURLToPath(new URL('../..', import.meta.url))
const here = join(root, '__tests__/rendered')

async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      name: { type: 'string' },
      write: { type: 'boolean' },
      all: { type: 'string' },
      help: { type: 'boolean' },
    },
  })
  if (values.help === true) {
    console.log(usage)
    return 0
  }
  ensurePackages(here, 'the packages that render')
  await ensureChromium()
  process.env[temporaryVariable] = temporaryDirectory('rendered')
  if (values.write === true || values.all !== undefined) {
    // Loaded only now: its packages have just been installed.
    const { drawAll, drawImages } = await import('./pictures.ts')
    await (values.all === undefined ? drawImages(join(root, 'docs/images')) : drawAll(values.all, values.name ?? ''))
    return 0
  }
  return test(values.name)
}

/** Runs the tests; the exit code is 1 unless something ran and nothing failed. */
async function test(name: string | undefined): Promise<number> {
  const stream = run({
    files: globSync(join(here, '*.test.ts')).sort(),
    concurrency: 2,
    timeout: 10 * 60_000,
    ...(name === undefined ? {} : { testNamePatterns: [name] }),
  })
  const { totals } = await report(stream, { root, tests: false })
  console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`)
  return totals.failed === 0 && totals.passed > 0 ? 0 : 1
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 2
}
