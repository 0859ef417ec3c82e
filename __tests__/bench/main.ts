// `npm run bench`: the action beside raw Helm on a cluster of its own, each figure with its target.
import { readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, styleText } from 'node:util'
import { openCluster } from '../helpers/cluster.ts'
import { helmMajors } from '../helpers/testbed.ts'
import { onInterrupt } from '../testbed/interrupt.ts'
import { ensureTestbed, stopTestbed } from '../testbed/testbed.ts'
import type { Testbed } from '../testbed/testbed.ts'
import { benchFailures } from './failures.ts'
import { benchJudging } from './judging.ts'
import { benchPreviews } from './previews.ts'
import { holds, table } from './figure.ts'
import type { Figure } from './figure.ts'
import { benchGitHub, openSides } from './sides.ts'
import { benchSetup } from './setup.ts'
import { benchRollout, benchStart, benchWork } from './successes.ts'
import { benchVerdicts } from './verdicts.ts'

const parts = ['failures', 'verdicts', 'rollouts', 'previews', 'work', 'setup', 'judging', 'size'] as const
const usage = `npm run bench -- [${parts.join('] [')}] [--quick] [--helm 3|4] [--pairs N] [--json FILE]

  Measures all, or what is named. Prints a table, then JSON; ends with 1 when a target is missed. About 30 min; with
  --quick about 12, since raw Helm then gets a timeout of one minute, and the four minutes that it would have waited
  longer are added, and a verdict has 4 samples a class instead of 20.
  --pairs is how many times each comparison of successful deploys is made (7, or 3 with --quick).`

type Options = { parts: readonly string[]; isQuick: boolean; majors: string[]; pairs: number }

async function main(args: string[]): Promise<number> {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      helm: { type: 'string' },
      pairs: { type: 'string' },
      json: { type: 'string' },
      help: { type: 'boolean' },
    },
  })
  const pairs = Number(values.pairs ?? (values.quick ? 3 : 7))
  const isKnown = positionals.every((name) => parts.some((part) => part === name))
  if (values.help === true || !isKnown || !Number.isInteger(pairs) || pairs < 1) {
    console.log(usage)
    return values.help === true ? 0 : 2
  }
  const majors = values.helm === undefined ? ['3', '4'] : [values.helm]
  const name = `bench-${process.pid}`
  const testbed = await ensureTestbed(name)
  if (testbed.external) throw new Error('The bench needs a node of its own, for which it needs Linux and root.')
  onInterrupt(() => stopTestbed(name))
  try {
    const chosen = positionals.length > 0 ? positionals : parts
    const figures = await measure(testbed, { parts: chosen, isQuick: values.quick, majors, pairs })
    return publish(figures, values.json)
  } finally {
    await stopTestbed(name)
  }
}

async function measure(testbed: Testbed, { parts, isQuick, majors, pairs }: Options): Promise<Figure[]> {
  const github = await benchGitHub()
  const sides = openSides(testbed, github)
  const cluster = openCluster(testbed.kubeconfig)
  const helms = helmMajors(testbed).filter(({ major }) => majors.includes(String(major)))
  const figures: Figure[] = []
  try {
    if (parts.includes('failures')) figures.push(...(await benchFailures(testbed, helms, sides, isQuick)))
    if (parts.includes('verdicts')) figures.push(...(await benchVerdicts(testbed, helms, github.url, isQuick)))
    for (const helm of helms) {
      for (const hasHistory of [false, true])
        if (parts.includes('rollouts'))
          figures.push(...(await benchRollout(cluster, helm, sides, { pairs, hasHistory })))
      if (parts.includes('previews')) figures.push(...(await benchPreviews(testbed, helm, github, pairs)))
      if (parts.includes('setup')) figures.push(...(await benchSetup(helm, pairs)))
      if (!parts.includes('work')) continue
      figures.push(...(await benchWork(helm, sides, pairs)))
      figures.push(await benchStart(helm, sides, pairs))
    }
    if (parts.includes('judging')) figures.push(benchJudging())
    if (parts.includes('size')) figures.push(distSize())
    return figures
  } finally {
    await github.close()
  }
}

/** Tells what was measured; the exit code is 1 when a target is missed. */
function publish(figures: Figure[], file: string | undefined): number {
  const notes = [...new Set(figures.map(({ note }) => note).filter((note) => note !== undefined))]
  console.log(`\n${table(figures)}\n`)
  for (const note of notes) console.log(styleText('dim', `  ${note}`))
  const missed = figures.filter((figure) => !holds(figure))
  console.log(missed.length === 0 ? 'Every target is met.' : `${missed.length} of the targets missed.`)
  const rounded = figures.map((figure) => ({ ...figure, what: figure.what.trim(), holds: holds(figure) }))
  const json = JSON.stringify({ figures: rounded }, (_, value) => (typeof value === 'number' ? round(value) : value), 2)
  console.log(`\n${json}`)
  if (file !== undefined) writeFileSync(file, `${json}\n`)
  return missed.length === 0 ? 0 : 1
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000
}

function distSize(): Figure {
  const dist = fileURLToPath(new URL('../../dist', import.meta.url))
  const bytes = readdirSync(dist).reduce((sum, name) => sum + statSync(join(dist, name)).size, 0)
  return { what: 'dist/', raw: null, action: bytes / 1e6, unit: 'MB', value: bytes / 1e6, isRatio: false, atMost: 4.5 }
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 2
}
