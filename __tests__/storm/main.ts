// `npm run storm`: twenty pull requests at once on a cluster of its own, for five minutes; then one sweep, and exactly the open ones are left.
import { parseArgs } from 'node:util'
import { helmMajors } from '../helpers/testbed.ts'
import { temporaryDirectory, temporaryVariable } from '../helpers/temporary.ts'
import { onInterrupt } from '../testbed/interrupt.ts'
import { ensureTestbed, stopTestbed } from '../testbed/testbed.ts'
import { playStorm } from './play.ts'

const usage = `npm run storm -- [--seed N] [--pulls N] [--seconds N] [--at-once N] [--helm 3|4]

  Lets a storm of pull requests go over previews: opened, pushed to, closed and reopened by chance; one run in ten loses its
  runner, one in ten is cancelled, three closings in ten are never heard of. Then one sweep. Ends with 1 when more or fewer
  previews are left than there are open pull requests. The same seed has the same events, though not at the same moments.`

async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      seed: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000)) },
      pulls: { type: 'string', default: '20' },
      seconds: { type: 'string', default: '300' },
      'at-once': { type: 'string', default: '6' },
      helm: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  const [seed = 0, pulls = 0, seconds = 0, atOnce = 0] = [
    values.seed,
    values.pulls,
    values.seconds,
    values['at-once'],
  ].map(Number)
  if (values.help || [seed, pulls, seconds, atOnce].some((number) => !Number.isInteger(number))) {
    console.log(usage)
    return values.help ? 0 : 2
  }
  process.env[temporaryVariable] = temporaryDirectory('storm')
  const name = process.env['ATOMIC_TESTBED'] ?? `storm-${process.pid}`
  const isOwn = process.env['ATOMIC_TESTBED'] === undefined
  const testbed = await ensureTestbed(name)
  const down = async (): Promise<void> => {
    if (isOwn) await stopTestbed(name)
  }
  onInterrupt(down)
  let failed = 0
  try {
    for (const helm of helmMajors(testbed).filter(({ major }) => [undefined, String(major)].includes(values.helm))) {
      console.log(`Helm ${helm.major}: ${pulls} pull requests for ${seconds} s, --seed ${seed}`)
      const { problems, told, open, lost, swept, log } = await playStorm(
        { seed, pulls, seconds, atOnce },
        helm,
        testbed,
      )
      const ends = Object.entries(told).map(([end, times]) => `${times} ${end}`)
      console.log(`  runs: ${ends.join(', ')}; ${lost} closings that nobody heard of; ${open} are open at the end`)
      console.log(`  the sweep: ${swept}`)
      if (problems.length > 0) console.log(`${log}\n`)
      for (const problem of problems) console.log(`  ✗ ${problem}`)
      if (problems.length === 0) console.log('  ✓ exactly their previews are left')
      failed += problems.length
    }
  } finally {
    await down()
  }
  return failed === 0 ? 0 : 1
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  console.error(error)
  process.exitCode = 2
}
