// `npm run mutation`: changes the diagnosis in one place at a time, and counts how many of the changes a unit test notices.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { ensurePackages } from '../helpers/packages.ts'
import { temporaryDirectory } from '../helpers/temporary.ts'
import { reportFile, strykerOptions } from './options.ts'
import { percent, reportLines, scoreOf, type MutationReport } from './score.ts'

const atLeast = 85
const usage = `npm run mutation -- [FILE…] [--concurrency N] [--json FILE]

  Mutates all of src/health, or only the files named, and runs the unit tests of src/health on each mutant. Lists what no
  test noticed. Ends with 1 when less than ${atLeast} % were noticed.`

const root = fileURLToPath(new URL('../..', import.meta.url))
const here = join(root, '__tests__/mutation')

async function main(args: string[]): Promise<number> {
  const { positionals: files, values } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      concurrency: { type: 'string', default: '1' },
      json: { type: 'string' },
      help: { type: 'boolean' },
    },
  })
  const concurrency = Number(values.concurrency)
  if (values.help === true || !Number.isInteger(concurrency) || concurrency < 1) {
    console.log(usage)
    return values.help === true ? 0 : 2
  }
  ensurePackages(here, 'Stryker')
  const temporary = temporaryDirectory('mutation')
  await stryker(strykerOptions({ root, temporary, files, concurrency }), temporary)
  const json = readFileSync(reportFile({ temporary }), 'utf8')
  if (values.json !== undefined) writeFileSync(values.json, json)
  return tell(JSON.parse(json) as MutationReport)
}

async function stryker(options: object, temporary: string): Promise<void> {
  console.log('About 7 min for all of src/health with one process, far longer on a busy machine.')
  const file = join(temporary, 'options.json')
  writeFileSync(file, JSON.stringify(options))
  const program = join(here, 'node_modules/@stryker-mutator/core/bin/stryker.js')
  const child = spawn(process.execPath, [program, 'run', file], { cwd: root, stdio: 'inherit' })
  // A terminal tells Stryker too, which ends then; so do we, after it.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => child.kill(signal))
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) throw new Error('Stryker failed')
}

/** Tells what was found, the score last; the exit code is 1 when it is too low. */
function tell(report: MutationReport): number {
  for (const line of reportLines(report)) console.log(line)
  const score = scoreOf(Object.values(report.files).flatMap(({ mutants }) => mutants))
  const isGood = percent(score) >= atLeast
  const verdict = isGood ? 'at least' : 'which is less than'
  console.log(`${percent(score).toFixed(1)} % of ${score.of} mutants noticed, ${verdict} ${atLeast} %`)
  return isGood ? 0 : 1
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 2
}
