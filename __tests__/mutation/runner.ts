// A plugin of Stryker that runs tests of `node:test` in its own process: a process for each mutant would take hours.
import { globSync } from 'node:fs'
import { mock } from 'node:test'
import { openSandbox, reload, testsOf } from './modules.ts'
import type { NotedTest } from './node-test.ts'
import type { MutantRun, Steering, TestResult, TestRunner } from './stryker.ts'

const steering: Steering = ((globalThis as { __stryker__?: Steering }).__stryker__ ??= {})
const testFiles = '__tests__/unit/health/**/*.test.ts'
/** Hundreds of rollouts by chance take longer than all other tests, and notice what those notice. */
const tooSlow = /(disturbed|old-trouble|bad-node)\.test\.ts$/
/** How long the tests of each file took: the slowest come last, since most mutants fall before. */
const times = new Map<string, number>()

export const strykerPlugins = [{ kind: 'TestRunner', name: 'node-test', factory: createRunner }]

/** A runner of the unit tests of the diagnosis in the working directory. */
export function createRunner(): TestRunner {
  openSandbox(process.cwd())
  for (const file of globSync(testFiles).sort()) if (!tooSlow.test(file)) times.set(file, 0)
  return {
    capabilities: () => ({ reloadEnvironment: true }),
    dryRun: async () => ({ status: 'complete', tests: await runTests(), mutantCoverage: steering.mutantCoverage }),
    mutantRun: async (run) => {
      await activate(run)
      const tests = await runTests({ filter: run.testFilter && new Set(run.testFilter), bail: !run.disableBail })
      const failed = tests.filter((one) => one.status === 'failed')
      const { hitCount = 0, hitLimit = Infinity } = steering
      Object.assign(steering, { activeMutant: undefined, hitCount: undefined, hitLimit: undefined })
      if (hitCount > hitLimit) return { status: 'timeout', reason: `hit limit reached (${hitCount}/${hitLimit})` }
      const nrOfTests = tests.length
      const [first] = failed
      if (!first) return { status: 'survived', nrOfTests }
      const killedBy = failed.map(({ id }) => id)
      return { status: 'killed', nrOfTests, killedBy, failureMessage: first.failureMessage }
    },
  }
}

async function activate(run: MutantRun): Promise<void> {
  if (run.reloadEnvironment) reload()
  if (run.mutantActivation === 'runtime') for (const file of times.keys()) await testsOf(file)
  const { activeMutant, hitLimit } = run
  Object.assign(steering, { activeMutant: activeMutant.id, hitLimit, hitCount: hitLimit === undefined ? undefined : 0 })
}

interface Choice {
  /** The ids of the tests to run; all without. */
  readonly filter?: ReadonlySet<string> | undefined
  /** Whether the first failure is enough. */
  readonly bail: boolean
}

async function runTests({ filter, bail }: Choice = { bail: false }): Promise<TestResult[]> {
  const results: TestResult[] = []
  for (const [file] of [...times].sort(([, a], [, b]) => a - b)) {
    const start = performance.now()
    for (const one of await loadedTests(file)) {
      const id = `${file}: ${one.name}`
      if (filter && !filter.has(id)) continue
      const result = await runTest(id, one)
      results.push(result)
      if (bail && result.status === 'failed') return results
    }
    if (!filter) times.set(file, performance.now() - start)
  }
  return results
}

/** The tests of a file; one that fails when it cannot be loaded. */
async function loadedTests(file: string): Promise<readonly NotedTest[]> {
  try {
    return await testsOf(file)
  } catch (error) {
    const rethrow = (): never => {
      throw error
    }
    return [{ name: 'loads', run: rethrow }]
  }
}

async function runTest(id: string, { name, run }: NotedTest): Promise<TestResult> {
  const start = performance.now()
  steering.currentTestId = id
  try {
    await run()
    return { id, name, timeSpentMs: performance.now() - start, status: 'success' }
  } catch (error) {
    return { id, name, timeSpentMs: performance.now() - start, status: 'failed', failureMessage: String(error) }
  } finally {
    steering.currentTestId = undefined
    // What a test that failed did not come to.
    mock.restoreAll()
  }
}
