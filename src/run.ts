import { readContext, type RunContext } from './context/context.ts'
import { planDeploy } from './deploy/dry-run.ts'
import { goBack } from './deploy/go-back.ts'
import { withRelease } from './deploy/open-release.ts'
import { nothing, rejectedWith, stopped, type OnVerdict, type TransactionResult } from './deploy/outcome.ts'
import { recoverRelease } from './deploy/recover.ts'
import type { OnPhase } from './deploy/session.ts'
import { isSettled } from './deploy/journal.ts'
import { runTransaction } from './deploy/transaction.ts'
import { noDeployment, type DeploymentFollower } from './github/follow-deployment.ts'
import { formatDuration } from './inputs/duration.ts'
import type { Inputs } from './inputs/inputs.ts'
import type { ParsedInputs } from './inputs/parse.ts'
import { learnCommit } from './learn-commit.ts'
import { describeError, diskProblem } from './platform/errors.ts'
import { phaseKeeper } from './phases.ts'
import { runPreview } from './preview/run.ts'
import type { PreviewTask } from './preview/start.ts'
import type { TellRemoved } from './preview/sweep-away.ts'
import { unlessStopped } from './platform/stop.ts'
import { prepare, type Prepared } from './prepare.ts'
import { findPlace, publish, type Published } from './publish.ts'
import { readStart } from './read-start.ts'
import { removalTeller } from './tell-removed.ts'
import { retireDeployments, tellDeployment } from './tell-deployment.ts'
import { tellVerdict } from './tell-verdict.ts'
import { buildReport, type RunFacts } from './build-report.ts'
import type { Report } from './report/model.ts'
import { version } from './version.ts'
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

  phases.begin('prepare')
  world.log.line(`atomic-helm-action ${version}`)
  const { context: known, parsed, task, isRefused } = await readStart(world, readContext(world.env, world.event))
  const context = await learnCommit(world, parsed.inputs, known)
  const isDeploy = parsed.inputs.mode === 'deploy' || task?.kind === 'deploy'
  const deployment = isDeploy && !world.cancel.aborted ? tellDeployment(world, parsed.inputs, context) : noDeployment
  const prepared = await unlessStopped(prepare(world, context, parsed, isRefused), world.cancel).catch(
    (error: unknown) => {
      if (!world.cancel.aborted) throw error
      return unprepared(parsed)
    },
  )
  announce(world, prepared, context)
  let place = findPlace(prepared.inputs, prepared.namespace, context)
  const onPhase: OnPhase = (name) => {
    if (name === 'deploy') deployment.begin()
    phases.begin(name)
  }
  const work = { task, context, tellRemoved: removalTeller(world, prepared, context) }
  const factsNow = (done: Report['phases']): RunFacts => ({
    context,
    prepared,
    phases: done,
    startedAtMs,
    endedAtMs: world.clock.now(),
  })
  const onVerdict: OnVerdict = (failure) => {
    const facts = factsNow([])
    place = tellVerdict(world, () => buildReport(facts, failure), prepared.inputs, context, place)
  }
  const transaction = world.cancel.aborted ? nothingBegun : await transact(prepared, work, onPhase, onVerdict)

  const report = buildReport(factsNow(phases.end()), transaction)
  // A cancelled step has seven seconds: the post step, which knows what came of it, tells the pull request.
  const isHandedOver = report.status === 'cancelled' && !isSettled(world.journal.read())
  const tellEnd = async (): Promise<void> => {
    await deployment.end(report)
    if (report.status === 'removed') await retireDeployments(world, prepared.inputs, context)
  }
  const [published] = await Promise.all([
    publish(world, report, prepared.inputs, context, isHandedOver || transaction?.isSuperseded ? nowhere : place),
    isHandedOver ? openedOrLate(deployment, world) : tellEnd(),
  ])
  return { report: published.report, published }
}

interface PreviewWork {
  readonly task: PreviewTask | null
  readonly context: RunContext
  readonly tellRemoved: TellRemoved
}

async function transact(
  { ready }: Prepared,
  { task, context, tellRemoved }: PreviewWork,
  onPhase: OnPhase,
  onVerdict: OnVerdict,
): Promise<TransactionResult | null> {
  if (!ready) return null
  const { session, request } = ready
  try {
    switch (session.inputs.mode) {
      case 'deploy':
        return await runTransaction(session, request, onPhase, onVerdict)
      case 'plan':
        return await planDeploy(session, request, onPhase)
      case 'rollback':
        return await withRelease(session, onPhase, goBack)
      case 'recover':
        return await withRelease(session, onPhase, recoverRelease)
      case 'preview':
        return task && (await runPreview(session, request, task, { context, tellRemoved }, onPhase, onVerdict))
      case 'setup':
        return null
    }
  } catch (error) {
    if (session.stop.aborted) return stopped(session, null)
    // The transaction turns every failure after Helm's start into a result; what is thrown came before, so nothing was touched.
    const unseen = {
      problem: `The release cannot be looked at: ${describeError(error)}`,
      remedy: 'Check the cluster, and the permissions of the credentials',
    }
    return rejectedWith(diskProblem(error) ?? unseen)
  } finally {
    session.observer.stop()
    session.client.close()
  }
}

/** A run that was cancelled before it had begun anything. */
const nothingBegun: TransactionResult = {
  ...nothing,
  status: 'cancelled',
  reason: 'the job was cancelled before anything was begun',
}

function unprepared({ inputs }: ParsedInputs): Prepared {
  return { inputs, namespace: inputs.namespace, helm: null, cluster: null, ready: null, problems: [], warnings: [] }
}

const nowhere = Promise.resolve(null)
/** So long a cancelled step, which has seven seconds, waits for the deployment that it wants to write down. */
const mostWaitMs = 2000

async function openedOrLate({ opened }: DeploymentFollower, { clock }: World): Promise<void> {
  const timer = new AbortController()
  await Promise.race([opened, clock.sleep(mostWaitMs, timer.signal)])
  timer.abort()
}

/** Before anything is touched the log names the cluster, who we are there, and what will run. */
function announce({ log }: World, { inputs, namespace, helm, cluster, ready }: Prepared, { runUrl }: RunContext): void {
  if (!ready || !cluster || !helm) return
  log.line(`cluster ${cluster.name} at ${cluster.server}, Kubernetes ${cluster.version}, as ${cluster.user}`)
  if (inputs.release)
    log.line(
      `release ${inputs.release} in namespace ${namespace}${inputs.chart ? `, chart ${inputs.chart}${inputs.chartVersion ? ` ${inputs.chartVersion}` : ''}` : ''}`,
    )
  log.line(`${plans[inputs.mode](inputs)} with Helm ${helm.version} (${helm.path})`)
  if (runUrl) log.line(`run ${runUrl}`)
}

/** What will run, by mode. */
const plans: Readonly<Record<Inputs['mode'], (inputs: Inputs) => string>> = {
  deploy: ({ timeoutMs, rollbackTimeoutMs }) =>
    `helm upgrade --install, at most ${formatDuration(timeoutMs)}, a failure is undone within ${formatDuration(rollbackTimeoutMs)},`,
  plan: () => 'a dry run of helm upgrade --install, which touches nothing,',
  rollback: ({ revision, rollbackTimeoutMs }) =>
    `helm rollback to ${revision === null ? 'the good revision before the present one' : `revision ${revision}`}, at most ${formatDuration(rollbackTimeoutMs)},`,
  recover: ({ rollbackTimeoutMs }) =>
    `recover if something is left behind, at most ${formatDuration(rollbackTimeoutMs)},`,
  preview: ({ release, timeoutMs, rollbackTimeoutMs }) =>
    release === ''
      ? `previews are swept within ${formatDuration(timeoutMs)}, each removed within ${formatDuration(rollbackTimeoutMs)},`
      : `the preview is deployed within ${formatDuration(timeoutMs)}, or removed within ${formatDuration(rollbackTimeoutMs)},`,
  setup: () => 'install Helm',
}
