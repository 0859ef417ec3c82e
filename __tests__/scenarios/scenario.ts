// A scenario is data: what is deployed, what happens beside it, and what must come of it. Here it becomes tests, for each Helm, as an
// upgrade of a release that works and as a first install.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { TestContext } from 'node:test'
import { chartOf } from '../helpers/chart.ts'
import type { Templates } from '../helpers/chart.ts'
import { assertRestored, setStage } from '../helpers/stage.ts'
import type { Deployed, Stage } from '../helpers/stage.ts'
import { helmMajors, unlessNotThere, useTestbed } from '../helpers/testbed.ts'
import { noteVerdict } from '../helpers/verdicts.ts'
import { web } from './objects.ts'
import { sampleVariable } from './sample.ts'

/** As they are, or made of what only the stage knows. */
type Told = Templates | ((stage: Stage) => Promise<Templates> | Templates)
export type Failure = {
  class: string
  /** `Kind/name` of the first finding. */
  resource: string
  cause: RegExp
  /** Somewhere in the finding: a line of log, a status field, an event, a message. */
  evidence: RegExp
  /** More findings, as `class Kind/name`, in any order. */
  besides?: string[]
  /** Helm recorded no revision. */
  isRejected?: true
  warning?: RegExp
}
export type Success = { warning?: RegExp }
export type Scenario = {
  name: string
  /** What is there before an upgrade; a Deployment that works when left out. */
  good?: Told
  bad: Told
  /** Both when left out. */
  as?: 'upgrade' | 'install'
  inputs?: Record<string, string>
  /** Before the first deploy; what it gives back is done at the end. */
  prepare?: (stage: Stage, context: TestContext) => Promise<unknown>
  /** What happens to the cluster right before the deploy, in an upgrade after the first one. */
  change?: (stage: Stage, context: TestContext) => Promise<unknown>
  /** Beside the deploy. */
  during?: (stage: Stage) => Promise<unknown>
  /** The action's own credentials, when not the administrator's. */
  kubeconfig?: (stage: Stage) => Promise<string>
  expect: { fails: Failure } | { succeeds: Success }
  /** Seconds that the deploy may take until the verdict. */
  within?: number
  /** Part of what CI looks at. */
  isSample?: true
}

const majors = helmMajors(await useTestbed())

/** Declares the tests of scenarios; with `sampleVariable` only of those that stand for all. */
export function tellScenarios(subject: string, scenarios: readonly Scenario[]): void {
  const isSampled = process.env[sampleVariable] === 'sample'
  describe(subject, { concurrency: 5 }, () => {
    for (const scenario of scenarios.filter(({ isSample }) => !isSampled || isSample)) {
      for (const as of ['upgrade', 'install'] as const) {
        if (scenario.as && scenario.as !== as) continue
        for (const helm of majors) {
          test(`${subject}: ${scenario.name}, ${as}, Helm ${helm.major}`, (context) =>
            unlessNotThere(context, async () => {
              const stage = await setStage(context, { helm })
              await scenario.prepare?.(stage, context)
              await play(stage, scenario, as, context)
            }))
        }
      }
    }
  })
}

async function play(stage: Stage, scenario: Scenario, as: 'upgrade' | 'install', context: TestContext): Promise<void> {
  if (as === 'upgrade') await stage.install(chartOf(await templatesOf(scenario.good ?? { web: web() }, stage)))
  await scenario.change?.(stage, context)
  const kubeconfig = await scenario.kubeconfig?.(stage)
  const before = await stage.picture()
  const chart = chartOf(await templatesOf(scenario.bad, stage))
  const [run] = await Promise.all([
    stage.deploy({ chart, ...scenario.inputs }, { timeoutMs: 400_000, ...(kubeconfig ? { kubeconfig } : {}) }),
    scenario.during?.(stage),
  ])
  noteVerdict(run.report.timeline)
  if ('succeeds' in scenario.expect) return assertSucceeds(run, scenario.expect.succeeds)
  assertFails(run, scenario, scenario.expect.fails, as)
  if (as === 'upgrade' && !scenario.expect.fails.isRejected) assertRestored(await stage.picture(), before)
}

/** The templates, told to a stage. */
export async function templatesOf(told: Told, stage: Stage): Promise<Templates> {
  return typeof told === 'function' ? told(stage) : told
}

function assertSucceeds(run: Deployed, { warning }: Success): void {
  assert.equal(run.status, 'deployed', run.log)
  if (warning) assert.match(run.report.warnings.join('\n'), warning)
}

function assertFails(run: Deployed, { within }: Scenario, expected: Failure, as: 'upgrade' | 'install'): void {
  const status = expected.isRejected ? 'rejected' : as === 'upgrade' ? 'rolled-back' : 'uninstalled'
  const [first, ...more] = run.report.findings
  const name = (finding: typeof first): string =>
    `${finding?.class} ${finding?.resource.kind}/${finding?.resource.name}`
  assert.equal(`${run.status}: ${name(first)}`, `${status}: ${expected.class} ${expected.resource}`, run.log)
  assert.match(first?.cause ?? '', expected.cause)
  assert.match(JSON.stringify(first), expected.evidence)
  if (expected.warning) assert.match(run.report.warnings.join('\n'), expected.warning)
  if (expected.besides) assert.deepEqual(more.map(name).sort(), [...expected.besides].sort())
  const deploy = run.report.phases.find((phase) => phase.name === 'deploy')?.durationMs ?? 0
  if (within !== undefined) assert.ok(deploy < within * 1000, `the verdict took ${deploy} ms:\n${run.log}`)
}
