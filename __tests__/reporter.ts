// Says what the tests did: a line a file (and a test, where tests take their time), details only of what failed.
import { isAbsolute, relative } from 'node:path'
import { inspect, stripVTControlCharacters } from 'node:util'

export type TestEvent = { type: string; data: unknown }
export type Totals = { passed: number; failed: number; skipped: number }
type Details = {
  duration_ms?: number
  type?: string
  error?: Error & { failureType?: string; exitCode?: number; cause?: unknown }
}
type Result = {
  name: string
  nesting: number
  /** Where the test is declared, which may be a helper of the file that was run. */
  file?: string
  line?: number
  entryFile?: string
  skip?: string | boolean
  todo?: string | boolean
  details: Details
}
/** `failures` tells each failed test once more: of a long run, only the end may have been kept. */
export type Report = { totals: Totals; failures: string[] }
type FileReport = {
  name: string
  lines: string[]
  failures: string[]
  totals: Totals
  milliseconds: number
  output: string[]
}
/** `tests` shows every test as it ends, not just every file. */
type Options = { root: string; tests: boolean }

const keptOutput = 60

/** Prints the results of one suite as they come and adds them up. */
export async function report(stream: AsyncIterable<TestEvent>, options: Options): Promise<Report> {
  const totals = { passed: 0, failed: 0, skipped: 0 }
  const files = new Map<string, FileReport>()
  let open: FileReport | undefined
  const fileOf = (path: string): FileReport => {
    const file = files.get(path) ?? openFile(relative(options.root, path))
    files.set(path, file)
    return file
  }
  const close = (): void => {
    if (open !== undefined) closeFile(open, options, totals)
    open = undefined
  }
  for await (const { type, data } of stream) {
    if (type === 'test:stdout' || type === 'test:stderr') {
      const { file, message } = data as { file: string; message: string }
      fileOf(file).output.push(...message.split('\n').filter((line) => line !== ''))
    }
    if (type !== 'test:pass' && type !== 'test:fail') continue
    const result = data as Result
    const file = fileOf(result.entryFile ?? result.file ?? result.name)
    if (open !== file) {
      close()
      if (options.tests) console.log(file.name)
    }
    open = file
    take(file, result, type === 'test:pass', options)
  }
  close()
  return { totals, failures: [...files.values()].flatMap((file) => file.failures) }
}

/** node:test gives the events of one file after the other, so what it said may be printed at once or when it ends. */
function openFile(name: string): FileReport {
  const totals = { passed: 0, failed: 0, skipped: 0 }
  return { name, lines: [], failures: [], totals, milliseconds: 0, output: [] }
}

function take(file: FileReport, result: Result, passed: boolean, options: Options): void {
  const { name, nesting, skip, todo } = result
  const milliseconds = result.details.duration_ms ?? 0
  if (nesting === 0) file.milliseconds += milliseconds
  // A suite, or a file, is no test of its own.
  if (passed && (result.details.type === 'suite' || isAbsolute(name))) return
  // A test that failed only because a part of it did says nothing of its own.
  if (!passed && result.details.error?.failureType === 'subtestsFailed') return
  const skipped = skip !== undefined || todo !== undefined
  if (skipped) file.totals.skipped += 1
  else if (passed) file.totals.passed += 1
  else file.totals.failed += 1
  const say = (line: string): void => {
    const indented = '  '.repeat(nesting + 1) + line
    if (options.tests) console.log(indented)
    else file.lines.push(indented)
  }
  if (skipped) return say(`- ${name}${typeof skip === 'string' ? ` (${skip})` : ''}`)
  if (passed) return options.tests ? say(`✔ ${name}  ${time(milliseconds)}`) : undefined
  // When a file itself fails, outside of its tests, node:test names the failure by the path.
  const title = `${isAbsolute(name) ? 'outside of its tests' : name}  ${time(milliseconds)}`
  const details = describe(result, options.root)
  say(`✖ ${title}`)
  for (const line of details) say(`  ${line}`)
  file.failures.push(`✖ ${file.name}: ${title}`, ...details.map((line) => `  ${line}`))
}

function describe({ name, file, line, entryFile = file, details }: Result, root: string): string[] {
  const { error } = details
  const where =
    file === undefined || file !== entryFile || isAbsolute(name) ? [] : [`at ${relative(root, file)}:${line}`]
  const exit = error?.exitCode == null ? [] : [`exit code ${error.exitCode}`]
  return [...where, ...exit, ...explain(error?.cause ?? error)].slice(0, keptOutput)
}

function explain(error: unknown): string[] {
  if (!(error instanceof Error)) return inspect(error).split('\n')
  const stack = (error.stack ?? error.message).split('\n')
  const own = stack.filter((part) => !/^\s+at .*(node:|node_modules|process\.|async Promise)/.test(part))
  return error.cause === undefined ? own : [...own, 'because of', ...explain(error.cause)]
}

function closeFile(file: FileReport, { tests }: Options, totals: Totals): void {
  const { passed, failed, skipped } = file.totals
  totals.passed += passed
  totals.failed += failed
  totals.skipped += skipped
  const counts = `${passed + failed} test${passed + failed === 1 ? '' : 's'}${skipped > 0 ? `, ${skipped} skipped` : ''}`
  if (!tests) console.log(`${failed > 0 ? '✖' : '✔'} ${file.name}  ${counts}  ${time(file.milliseconds)}`)
  for (const line of file.lines) console.log(line)
  if (failed === 0 || file.output.length === 0) return
  console.log(`    what it printed${file.output.length > keptOutput ? `, the last ${keptOutput} lines` : ''}:`)
  for (const line of file.output.slice(-keptOutput)) console.log(`    | ${stripVTControlCharacters(line)}`)
}

function time(milliseconds: number): string {
  return milliseconds < 10_000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`
}
