import { buildReport } from './build-report.ts'
import type { RunContext } from './context/context.ts'
import type { TellRemoved } from './preview/sweep-away.ts'
import type { Prepared } from './prepare.ts'
import { findPlace, tellPull } from './publish.ts'
import { redactReport } from './report/redact-report.ts'
import { describeError } from './platform/errors.ts'
import { retireDeployments } from './tell-deployment.ts'
import type { World } from './world.ts'

/** Tells the pull request of each preview that a sweep removes, as its own removal would have; what cannot be told is a warning. */
export function removalTeller(world: World, prepared: Prepared, run: RunContext): TellRemoved {
  return async ({ preview, namespace, release, environment, startedAtMs }, result) => {
    const inputs = { ...prepared.inputs, release, namespace, environment, prNumber: preview.pull }
    // The commit of the sweep's own run has nothing to do with it.
    const context = { ...run, pullRequest: preview.pull, sha: null }
    const facts = { context, prepared: { ...prepared, inputs, namespace }, phases: [], startedAtMs }
    const report = redactReport(buildReport({ ...facts, endedAtMs: world.clock.now() }, result), world.secrets.redact)
    try {
      await tellPull(world, report, inputs, context, await findPlace(inputs, namespace, context), null)
      await retireDeployments(world, inputs, context)
    } catch (error) {
      world.log.warning(`pull request ${preview.pull} could not be told: ${describeError(error)}`)
    }
  }
}
