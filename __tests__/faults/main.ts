// `npm run test:faults`: every fault at every phase on a real cluster, with each Helm; ends with one line of totals.
import { parseArgs } from 'node:util'
import { helmMajors } from '../helpers/testbed.ts'
import type { HelmMajor } from '../helpers/testbed.ts'
import { temporaryDirectory, temporaryVariable } from '../helpers/temporary.ts'
import { onInterrupt } from '../testbed/interrupt.ts'
import { ensureTestbed, stopTestbed } from '../testbed/testbed.ts'
import { cellName } from './cell.ts'
import type { Cell } from './cell.ts'
import { cells } from './cells/index.ts'
import { races } from './cells/race.ts'
import { play } from './play.ts'
import type { Result } from './play.ts'
import { playRandom } from './random.ts'
import { openResults } from './results.ts'
import { seedFor } from './seed.ts'
import { renderTable, writeDocs } from './table.ts'

const usage = `npm run test:faults -- [--only PATTERN] [--helm 3|4] [--baseline] [--resume] [--seed N] [--jobs N] [--list] [--write-docs]
                           [--random SEQUENCES] [--rounds N]

  Plays every fault at every phase with both Helms, or those whose name matches PATTERN (a regular expression).
  --baseline   plays those that mean something for it against a plain "helm upgrade --install --atomic"; they should fail
  --resume     skips what has passed already with the same bundle
  --seed N     of what is random; a new one each time when left out, and told
  --jobs N     how many cells are played side by side (3)
  --random N   plays N random sequences of 30 steps with each Helm instead of the cells
  --rounds N   plays N rounds of two to eight runs at once with each Helm instead of the cells
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
      random: { type: 'string' },
      rounds: { type: 'string' },
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
  const tell = (result: Result): void => {
    results.add(result)
    totals[result.passed ? 'passed' : 'failed'] += 1
    console.log(lineOf(result, results.logOf(result.name)))
  }
  const testbed = await ensureTestbed(own)
  const down = async (): Promise<void> => {
    if (own !== undefined) await stopTestbed(own)
  }
  onInterrupt(down)
  try {
    const majors = helmMajors(testbed)
    if (values.random !== undefined) {
      const seeds = Array.from({ length: Number(values.random) }, (_, index) => seedFor(`sequence ${index}`) >>> 0)
      const chosen = majors.filter(({ major }) => (values.helm ?? String(major)) === String(major))
      const sequences = seeds.flatMap((seed) => chosen.map((helm) => ({ seed, helm })))
      await sideBySide(sequences, Number(values.jobs), async ({ seed, helm }) =>
        tell(await playRandom(seed, 30, helm, testbed)),
      )
      return end(totals)
    }
    const turns = (values.rounds === undefined ? cells : races(Number(values.rounds)))
      .flatMap((cell) =>
        majors
          .filter(({ major }) => majorsOf(cell, values.helm).includes(major))
          .map((helm): Turn => ({ cell, helm, name: cellName(cell, helm.major) })),
      )
      .filter(isChosen)
    const isDone = ({ name }: Turn): boolean => values.resume && results.kept.get(name)?.passed === true
    totals.skipped = turns.filter(isDone).length
    console.log(`${turns.length - totals.skipped} cells to play, seed ${process.env['ATOMIC_SEED']}`)
    const left = turns.filter((turn) => !isDone(turn))
    const playOne = async ({ cell, helm }: Turn): Promise<void> =>
      tell(await play(cell, helm, testbed, values.baseline))
    await sideBySide(
      left.filter(({ cell }) => !cell.alone),
      Number(values.jobs),
      playOne,
    )
    await sideBySide(
      left.filter(({ cell }) => cell.alone),
      1,
      playOne,
    )
    if (values['write-docs']) writeDocs(renderTable(cells, results))
  } finally {
    await down()
  }
  return end(totals)
}

function end({ passed, failed, skipped }: { passed: number; failed: number; skipped: number }): number {
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`)
  return failed === 0 ? 0 : 1
}

function majorsOf({ only }: Cell, wanted: string | undefined): (3 | 4)[] {
  return ([3, 4] as const).filter((major) => (only ?? major) === major && (wanted ?? String(major)) === String(major))
}

async function sideBySide<Item>(
  items: readonly Item[],
  jobs: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = [...items]
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: jobs }, worker))
}

function lineOf({ name, passed, wasPlayed, ending, problems, ms }: Result, log: string): string {
  const seconds = `(${(ms / 1000).toFixed(1)} s)`
  if (passed) return `✓ ${name}: ${ending} ${seconds}`
  return [
    `${wasPlayed ? '✗' : '?'} ${name} ${seconds}`,
    ...problems.slice(0, 8).map((problem) => `    ${problem}`),
    `    log: ${log}`,
  ].join('\n')
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  console.error(error)
  process.exitCode = 2
}
