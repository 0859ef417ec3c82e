import { readContext, type RunContext } from './context/context.ts'
import { rejectedWith, type TransactionResult } from './deploy/outcome.ts'
import { runTransaction } from './deploy/transaction.ts'
import { formatDuration } from './inputs/duration.ts'
import { describeError } from './platform/errors.ts'
import { prepare, type Prepared } from './prepare.ts'
import { findPlace, publish, type Published } from './publish.ts'
import { buildReport } from './build-report.ts'
import type { Report } from './report/model.ts'
import type { World } from './world.ts'

/** A run's end: what it reports, and where it was published. */
export interface RunResult {
  readonly report: Report
  readonly published: Published
}

/** The whole story, one line a phase: prepare; look at the release; deploy while watching; judge; undo if needed; report. */
export async function run(world: World): Promise<RunResult> {
  const startedAtMs = world.clock.now()
  const phases = phaseKeeper(world, startedAtMs)
  const context = readContext(world.env, world.event)

  phases.begin('prepare')
  const prepared = await prepare(world, context)
  announce(world, prepared, context)
  const place = findPlace(prepared.inputs, prepared.namespace, context)
  const transaction = await transact(prepared, phases.begin)

  const facts = {
    context,
    prepared,
    phases: phases.end(),
    startedAtMs,
    endedAtMs: world.clock.now(),
    environment: null,
  }
  const report = buildReport(facts, transaction)
  const published = await publish(world, report, prepared.inputs, context, place)
  return { report: published.report, published }
}

async function transact({ ready }: Prepared, onPhase: (name: string) => void): Promise<TransactionResult | null> {
  if (!ready) return null
  try {
    return await runTransaction(ready.session, ready.request, onPhase)
  } catch (error) {
    // The transaction turns every failure after Helm's start into a result; what is thrown came before, so nothing was touched.
    return rejectedWith({
      problem: `The release cannot be looked at: ${describeError(error)}`,
      remedy: 'Check the cluster, and the permissions of the credentials',
    })
  } finally {
    ready.session.observer.stop()
    ready.session.client.close()
  }
}

/** Before anything is touched the log names the cluster, who we are there, and what will run. */
function announce({ log }: World, { inputs, namespace, helm, cluster, ready }: Prepared, { runUrl }: RunContext): void {
  if (!ready || !cluster || !helm) return
  log.line(`cluster ${cluster.name} at ${cluster.server}, Kubernetes ${cluster.version}, as ${cluster.user}`)
  log.line(
    `release ${inputs.release} in namespace ${namespace}, chart ${inputs.chart}${inputs.chartVersion ? ` ${inputs.chartVersion}` : ''}`,
  )
  log.line(
    `helm upgrade --install with Helm ${helm.version} (${helm.path}), at most ${formatDuration(inputs.timeoutMs)}; a failure is undone within ${formatDuration(inputs.rollbackTimeoutMs)}`,
  )
  if (runUrl) log.line(`run ${runUrl}`)
}

interface PhaseKeeper {
  readonly begin: (name: string) => void
  readonly end: () => Report['phases']
}

function phaseKeeper({ log, clock }: World, startedAtMs: number): PhaseKeeper {
  const done: { name: string; startMs: number; durationMs: number }[] = []
  let open: { name: string; startMs: number } | null = null
  function close(): void {
    if (open) done.push({ ...open, durationMs: clock.now() - startedAtMs - open.startMs })
    open = null
  }
  return {
    begin: (name) => {
      close()
      open = { name, startMs: clock.now() - startedAtMs }
      log.group(name)
    },
    end: () => {
      close()
      log.endGroup()
      return done
    },
  }
}
