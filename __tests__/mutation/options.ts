import { join } from 'node:path'

interface Run {
  /** The root of the repository. */
  readonly root: string
  /** A directory for what Stryker needs on the way. */
  readonly temporary: string
  readonly files: readonly string[]
  readonly concurrency: number
}

/** Where Stryker leaves what it found. */
export function reportFile({ temporary }: Pick<Run, 'temporary'>): string {
  return join(temporary, 'report.json')
}

/** How Stryker is to run, in the words of its configuration file. */
export function strykerOptions(run: Run): object {
  const here = join(run.root, '__tests__/mutation')
  return {
    plugins: [join(here, 'runner.ts'), join(here, 'prose.ts')],
    testRunner: 'node-test',
    ignorers: ['prose'],
    coverageAnalysis: 'perTest',
    mutate: run.files.length > 0 ? run.files : ['src/health/**/*.ts'],
    // What the sandbox does without. Stryker would read tsconfig.json with a compiler that has a JavaScript API.
    ignorePatterns: ['/dist', '/lib', '/docs', '/.ci', '/.github', '/tsconfig.json', '/__tests__/fixtures/charts'],
    tempDirName: join(run.temporary, 'sandbox'),
    concurrency: run.concurrency,
    // Long, for a busy machine must not make a mutant look as if it were found.
    timeoutMS: 20_000,
    // Each mutant of what a module computes while it is loaded leaves its modules behind.
    maxTestRunnerReuse: 300,
    reporters: ['progress-append-only', 'json'],
    jsonReporter: { fileName: reportFile(run) },
    logLevel: 'warn',
    warnings: { slow: false },
  }
}
