// Failing deploys: until Helm's own atomic upgrade gives up, and until the action has diagnosed, undone, checked and reported.
import type { HelmMajor, Testbed } from '../helpers/testbed.ts'
import { say, withProgress } from '../testbed/progress.ts'
import type { Figure } from './figure.ts'
import { deployGood } from './sides.ts'
import type { Deploy, Sides } from './sides.ts'

type FailureClass = { name: string; values: Record<string, string>; atMost: number }

/** Seconds that `--timeout 5m` allows. */
const fullTimeout = 300
const quickTimeout = 60

/** Measures every class with every Helm. All raw sides run beside each other, since each waits for minutes and does nothing. */
export async function benchFailures(
  testbed: Testbed,
  majors: readonly HelmMajor[],
  sides: Sides,
  isQuick: boolean,
): Promise<Figure[]> {
  const cases = majors.flatMap((helm) => classesOf(testbed).map((failure) => ({ helm, failure })))
  const deployOf = (side: string, { helm, failure }: (typeof cases)[number]): Deploy => ({
    chart: 'shop',
    namespace: `${side}-${failure.name.replaceAll(' ', '-')}-${helm.major}`,
    helm,
    values: {},
  })
  const timeout = isQuick ? quickTimeout : fullTimeout
  const about = isQuick ? 'about 4 min' : 'about 6 min'
  const label = `${cases.length} failing upgrades with raw Helm (--timeout ${timeout}s) beside those with the action, ${about}`
  return withProgress(label, async () => {
    // One after the other, so that the good revisions do not compete for two processors.
    for (const one of cases) {
      await deployGood(sides, deployOf('raw', one))
      await deployGood(sides, deployOf('act', one))
    }
    const raws = Promise.all(
      cases.map(async (one) => {
        const flag = one.helm.major === 3 ? '--atomic' : '--rollback-on-failure'
        const deploy = { ...deployOf('raw', one), values: one.failure.values }
        const { exitCode, wallMs } = await sides.raw(deploy, flag, '--timeout', `${timeout}s`)
        if (exitCode === 0) throw new Error(`${deploy.namespace}: raw Helm deployed what should fail`)
        // What a shorter timeout saves is known exactly: raw Helm notices nothing before it.
        return wallMs / 1000 + (fullTimeout - timeout)
      }),
    )
    const actions = runActions(cases, (one) => ({ ...deployOf('act', one), values: one.failure.values }), sides)
    const [rawSeconds, actionSeconds] = await Promise.all([raws, actions])
    return cases.map(({ helm, failure }, index) => {
      const [raw = Number.NaN, action = Number.NaN] = [rawSeconds[index], actionSeconds[index]]
      return {
        what: `${failure.name}, Helm ${helm.major}`,
        raw,
        action,
        unit: 's' as const,
        value: action / raw,
        isRatio: true,
        atMost: failure.atMost,
        ...(isQuick
          ? { note: `raw Helm ran with --timeout ${timeout}s; ${fullTimeout - timeout} s are added for 5m` }
          : {}),
      }
    })
  })
}

async function runActions<Case extends { helm: HelmMajor; failure: FailureClass }>(
  cases: readonly Case[],
  deployOf: (one: Case) => Deploy,
  sides: Sides,
): Promise<number[]> {
  const seconds: number[] = []
  for (const one of cases) {
    const { main } = await sides.action(deployOf(one), { isFailure: true })
    say(`  the action, ${one.failure.name}, Helm ${one.helm.major}: ${(main.wallMs / 1000).toFixed(1)} s`)
    seconds.push(main.wallMs / 1000)
  }
  return seconds
}

function classesOf({ images }: Testbed): FailureClass[] {
  const colon = images.missing.lastIndexOf(':')
  return [
    {
      name: 'missing image',
      values: {
        'image.repository': images.missing.slice(0, colon),
        'image.tag': images.missing.slice(colon + 1),
      },
      atMost: 0.1,
    },
    { name: 'crash loop', values: { crash: 'true' }, atMost: 0.25 },
    { name: 'missing key', values: { configKey: 'farewell' }, atMost: 0.25 },
  ]
}
