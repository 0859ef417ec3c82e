// `npm run test:faults`: every fault at every phase on a real cluster, with each Helm; ends with one line of totals.
import { parseArgs } from 'node:util'
import { helmMajors } from '../helpers/testbed.ts'
import type { HelmMajor, Testbed } from '../helpers/testbed.ts'
import { temporaryDirectory, temporaryVariable } from '../helpers/temporary.ts'
import { ensureTestbed, stopTestbed } from '../testbed/testbed.ts'
import { cellName } from './cell.ts'
import type { Cell } from './cell.ts'
import { cells } from './cells/index.ts'
import { play } from './play.ts'
import type { Result } from './play.ts'
import { openResults } from './results.ts'
import { renderTable, writeDocs } from './table.ts'

const usage = `npm run test:faults -- [--only PATTERN] [--helm 3|4] [--baseline] [--resume] [--seed N] [--jobs N] [--list] [--write-docs]

  Plays every fault at every phase with both Helms, or those whose name matches PATTERN (a regular expression).
  --baseline   plays those that mean something for it against a plain "helm upgrade --install --atomic"; they should fail
  --resume     skips what has passed already with the same bundle
  --seed N     of what is random; a new one each time when left out, and told
  --jobs N     how many cells are played side by side (3)
  --write-docs writes the table of docs/guarantees.md from what is known of this bundle, after what is played`

type Turn = { cell: Cell; helm: HelmMajor; name: string }

async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: 'string' },
      helm: { type: 'string' },
      baseline: { type: 'boolean', default: false },
      resume: { type: 'boolean', default: false },
      seed: { type: 'string' },
      jobs: { type: 'string', default: '3' },
      list: { type: 'boolean', default: false },
      'write-docs': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    console.log(usage)
    return 0
  }
  process.env[temporaryVariable] = temporaryDirectory('faults')
  process.env['ATOMIC_SEED'] = values.seed ?? String(Math.floor(Math.random() * 1_000_000))
  const results = openResults(values.baseline)
  const own = process.env['ATOMIC_TESTBED'] === undefined ? `faults-${process.pid}` : undefined
  const pattern = new RegExp(values.only ?? '')
  const isChosen = ({ name, cell }: Turn): boolean => pattern.test(name) && (!values.baseline || cell.baseline === true)
  if (values.list) {
    const chosen = cells.filter(({ baseline }) => !values.baseline || baseline === true)
    const all = chosen.flatMap((cell) => majorsOf(cell, values.helm).map((major) => cellName(cell, major)))
    console.log(all.filter((name) => pattern.test(name)).join('\n'))
    return 0
  }
  const totals = { passed: 0, failed: 0, skipped: 0 }
  const testbed = await ensureTestbed(own)
  try {
    const majors = helmMajors(testbed)
    const turns = cells
      .flatMap((cell) =>
        majors
          .filter(({ major }) => majorsOf(cell, values.helm).includes(major))
          .map((helm): Turn => ({ cell, helm, name: cellName(cell, helm.major) })),
      )
      .filter(isChosen)
    const isDone = ({ name }: Turn): boolean => values.resume && results.kept.get(name)?.passed === true
    totals.skipped = turns.filter(isDone).length
    console.log(`${turns.length - totals.skipped} cells to play, seed ${process.env['ATOMIC_SEED']}`)
    const tell = (result: Result): void => {
      results.add(result)
      totals[result.passed ? 'passed' : 'failed'] += 1
      console.log(lineOf(result, results.logOf(result.name)))
    }
    const left = turns.filter((turn) => !isDone(turn))
    await playAll(
      left.filter(({ cell }) => !cell.alone),
      Number(values.jobs),
      testbed,
      values.baseline,
      tell,
    )
    await playAll(
      left.filter(({ cell }) => cell.alone),
      1,
      testbed,
      values.baseline,
      tell,
    )
    if (values['write-docs']) writeDocs(renderTable(cells, results))
  } finally {
    if (own !== undefined) await stopTestbed(own)
  }
  console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`)
  return totals.failed === 0 ? 0 : 1
}

function majorsOf({ only }: Cell, wanted: string | undefined): (3 | 4)[] {
  return ([3, 4] as const).filter((major) => (only ?? major) === major && (wanted ?? String(major)) === String(major))
}

async function playAll(
  turns: readonly Turn[],
  jobs: number,
  testbed: Testbed,
  isBaseline: boolean,
  tell: (result: Result) => void,
): Promise<void> {
  const queue = [...turns]
  const work = async (): Promise<void> => {
    for (let turn = queue.shift(); turn !== undefined; turn = queue.shift())
      tell(await play(turn.cell, turn.helm, testbed, isBaseline))
  }
  await Promise.all(Array.from({ length: jobs }, work))
}

function lineOf({ name, passed, ending, problems, ms }: Result, log: string): string {
  const seconds = `(${(ms / 1000).toFixed(1)} s)`
  if (passed) return `✓ ${name}: ${ending} ${seconds}`
  return [`✗ ${name} ${seconds}`, ...problems.slice(0, 8).map((problem) => `    ${problem}`), `    log: ${log}`].join(
    '\n',
  )
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  console.error(error)
  process.exitCode = 2
}
