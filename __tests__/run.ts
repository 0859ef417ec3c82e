// `npm test`: all suites, or those named (`npm test -- unit`), or single files. Ends with one line of totals.
import { globSync, writeFileSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { availableParallelism } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { run } from 'node:test'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { testbedVariable, useTestbed, type Testbed } from './helpers/testbed.ts'
import { verdictLines, verdictsVariable } from './helpers/verdicts.ts'
import { sampleVariable } from './scenarios/sample.ts'
import { temporaryDirectory, temporaryVariable } from './helpers/temporary.ts'
import { report } from './reporter.ts'
import type { Totals } from './reporter.ts'
import { whyNotThere } from './testbed/external.ts'
import { cacheDir } from './testbed/paths.ts'
import { canRunNode } from './testbed/host.ts'
import { ensureBuilt, ensureTestbed, stopTestbed } from './testbed/testbed.ts'
import { isCore } from './core.ts'

type Suite = {
  name: string
  files: string[]
  concurrency: number
  minutes: number
  /** What has to be there before: the programs of a node are built, or one runs. */
  needs: 'nothing' | 'programs' | 'testbed'
  tests: boolean
  alone?: true
}

const usage = `npm test -- [core] [unit] [testbed] [contract] [e2e] [examples] [scenarios] [FILE…] [--name PATTERN] [--times N]

  Runs all suites when none is named, of the scenarios a sample. core is the part of unit that tells in two seconds whether what
  decides still decides so. All but unit and testbed get a testbed of their own, which is gone afterwards; with
  ATOMIC_TESTBED=NAME they use the one of that name and leave it running.`

const root = fileURLToPath(new URL('..', import.meta.url))
const suites: Suite[] = (
  [
    { name: 'unit', files: ['unit'], concurrency: availableParallelism(), minutes: 1, needs: 'nothing', tests: false },
    { name: 'testbed', files: ['testbed'], concurrency: 1, minutes: 5, needs: 'programs', tests: true },
    { name: 'contract', files: ['contract', 'helpers'], concurrency: 2, minutes: 10, needs: 'testbed', tests: true },
    { name: 'e2e', files: ['e2e'], concurrency: 2, minutes: 30, needs: 'testbed', tests: true },
    // The workflows of examples/ as they are, in the namespaces that they name: one after the other.
    { name: 'examples', files: ['examples'], concurrency: 1, minutes: 30, needs: 'testbed', tests: true },
    // All of them take half an hour: `npm run scenarios`. What runs with everything else is a sample (`sampleVariable`).
    { name: 'scenarios', files: ['scenarios'], concurrency: 1, minutes: 60, needs: 'testbed', tests: true },
  ] satisfies Suite[]
).map((suite): Suite => ({
  ...suite,
  files: suite.files.flatMap((folder) => globSync(join(root, '__tests__', folder, '**/*.test.ts'))).sort(),
}))

/** The pure part of unit, in one process: starting one for each file takes longer than all of its tests. */
const core: Suite = {
  name: 'core',
  files: (suites[0]?.files ?? []).filter((file) => isCore(relative(root, file))),
  concurrency: 1,
  minutes: 1,
  needs: 'nothing',
  tests: false,
  alone: true,
}

/** Runs what the command line names; the exit code is 1 unless something ran and nothing failed. */
async function main(args: string[]): Promise<number> {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: { name: { type: 'string' }, times: { type: 'string', default: '1' }, help: { type: 'boolean' } },
  })
  if (values.help === true) {
    console.log(usage)
    return 0
  }
  // Nearly half of what core takes is to read TypeScript that has not changed.
  enableCompileCache(join(cacheDir(), 'compiled'))
  process.env[temporaryVariable] = temporaryDirectory('tests')
  const verdicts = join(temporaryDirectory('verdicts'), 'verdicts')
  process.env[verdictsVariable] = verdicts
  const times = Number(values.times)
  const runs: Totals[] = []
  const failed: string[] = []
  let isBroken = false
  const interrupted = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort())
  const chosen = choose(positionals)
  if (positionals.length === 0) process.env[sampleVariable] = 'sample'
  const stop = { testbed: async (): Promise<void> => {} }
  try {
    for (const { suite, turn } of turnsOf(chosen, times)) {
      if (interrupted.signal.aborted) break
      if (times > 1 && suite === chosen[0]) console.log(`\nrun ${turn} of ${times}`)
      if (chosen.length > 1) console.log(`\n${suite.name}`)
      if (suite.files.length === 0) {
        console.log('no tests')
        continue
      }
      const told = (runs[turn - 1] ??= { passed: 0, failed: 0, skipped: 0 })
      // Not within the time that a test may take.
      if (suite.needs === 'programs' && canRunNode()) await ensureBuilt()
      const isOnTestbed = suite.needs === 'testbed'
      if (isOnTestbed && process.env[testbedVariable] === undefined) stop.testbed = await startTestbed()
      const files = isOnTestbed ? filesFor(await useTestbed(), suite.files, told) : filesHere(suite.files, told)
      const stream = run({
        files,
        ...(suite.alone ? { isolation: 'none' } : { concurrency: suite.concurrency }),
        timeout: suite.minutes * 60_000,
        signal: interrupted.signal,
        ...(values.name === undefined ? {} : { testNamePatterns: [values.name] }),
      })
      const { totals, failures } = await report(stream, { root, tests: suite.tests })
      runs[turn - 1] = added(told, totals)
      failed.push(...failures)
    }
  } catch (error) {
    isBroken = true
    console.error(error)
  } finally {
    await stop.testbed()
  }
  if (failed.length > 0) console.log('\nwhat failed, once more')
  for (const line of failed) console.log(line)
  for (const line of verdictLines(verdicts)) console.log(line)
  if (interrupted.signal.aborted) console.error('interrupted')
  if (times > 1)
    for (const [index, run] of runs.entries()) console.log(`run ${index + 1} of ${times}: ${totalsText(run)}`)
  const totals = runs.reduce(added, { passed: 0, failed: isBroken ? 1 : 0, skipped: 0 })
  console.log(totalsText(totals))
  if (interrupted.signal.aborted) return 130
  return totals.failed === 0 && totals.passed > 0 ? 0 : 1
}

/** The suites so many times over, one run after the other. */
function turnsOf(chosen: readonly Suite[], times: number): { suite: Suite; turn: number }[] {
  return Array.from({ length: times }, (_, index) => chosen.map((suite) => ({ suite, turn: index + 1 }))).flat()
}

function added(one: Totals, other: Totals): Totals {
  return {
    passed: one.passed + other.passed,
    failed: one.failed + other.failed,
    skipped: one.skipped + other.skipped,
  }
}

function totalsText({ passed, failed, skipped }: Totals): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`
}

/** The suites named, with all their files or only those that are named themselves. */
function choose(names: string[]): Suite[] {
  if (names.length === 0) return suites
  if (names.includes(core.name))
    return [core, ...(names.length > 1 ? choose(names.filter((name) => name !== core.name)) : [])]
  const paths = names.filter((name) => !suites.some((suite) => suite.name === name)).map((name) => resolve(name))
  const unknown = paths.filter((path) => !suites.some(({ files }) => files.includes(path)))
  if (unknown.length > 0) throw new Error(`neither a suite nor a test file: ${unknown.join(', ')}\n\n${usage}`)
  return suites
    .map((suite) => ({ ...suite, named: suite.files.filter((file) => paths.includes(file)) }))
    .filter(({ name, named }) => names.includes(name) || named.length > 0)
    .map((suite) => (names.includes(suite.name) ? suite : { ...suite, files: suite.named }))
}

/** The files that can run with this testbed; the others are told with the reason, and counted. */
function filesFor(testbed: Testbed, files: string[], totals: Totals): string[] {
  return files.filter((file) => {
    const path = relative(join(root, '__tests__'), file)
    const reason = whyNotThere(testbed, path)
    if (reason === undefined) return true
    totals.skipped += 1
    console.log(`- ${path}  skipped (${reason})`)
    return false
  })
}

/** The unit tests of the testbed are about a machine that can have one; elsewhere they are told and counted. */
function filesHere(files: string[], totals: Totals): string[] {
  const isOfTestbed = (file: string): boolean => relative(join(root, '__tests__', 'unit'), file).startsWith('testbed')
  const left = process.platform === 'linux' ? [] : files.filter(isOfTestbed)
  for (const file of left) console.log(`- ${relative(root, file)}  skipped (the testbed needs Linux)`)
  totals.skipped += left.length
  return files.filter((file) => !left.includes(file))
}

/** Brings up a testbed and hands it to the test files through the environment. Gives what takes it down again. */
async function startTestbed(): Promise<() => Promise<void>> {
  const own = process.env['ATOMIC_TESTBED'] === undefined ? `test-${process.pid}` : undefined
  const testbed = await ensureTestbed(own)
  const file = join(temporaryDirectory('testbed'), 'testbed.json')
  writeFileSync(file, JSON.stringify(testbed), { mode: 0o600 })
  Object.assign(process.env, {
    [testbedVariable]: file,
    KUBECONFIG: testbed.kubeconfig,
    ATOMIC_HELM3: testbed.helm3Dir,
    ATOMIC_HELM4: testbed.helm4Dir,
    ATOMIC_TOOLS: testbed.toolsDir,
    ATOMIC_REGISTRY: testbed.registry,
  })
  return own === undefined ? async () => {} : () => stopTestbed(own)
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 2
}
