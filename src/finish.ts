import { buildReport } from './build-report.ts'
import { createClient } from './cluster/client.ts'
import { readContext } from './context/context.ts'
import { closeRelease, lockPorts } from './deploy/open-release.ts'
import { readBefore } from './deploy/journal.ts'
import type { TransactionResult } from './deploy/outcome.ts'
import { resumeBroke, resumeTransaction } from './deploy/resume.ts'
import type { OnPhase, Session } from './deploy/session.ts'
import type { Inputs } from './inputs/inputs.ts'
import { parseInputs } from './inputs/parse.ts'
import { learnCommit } from './learn-commit.ts'
import { describeError } from './platform/errors.ts'
import { findFiles } from './inputs/files.ts'
import { learnInputs } from './learn-inputs.ts'
import { openKubeconfig } from './open-kubeconfig.ts'
import { openSession } from './open-session.ts'
import { phaseKeeper } from './phases.ts'
import { workspaceOf } from './prepare-helm.ts'
import type { Prepared } from './prepare.ts'
import { findPlace, publish } from './publish.ts'
import { takeUpDeployment } from './tell-deployment.ts'
import { resumeLock } from './release/acquire-lock.ts'
import { disabledLock } from './release/lock.ts'
import { storageDriver } from './release/storage.ts'
import type { RunResult } from './run.ts'
import type { World } from './world.ts'

/** Counted from the cancel: the runner ends a job for good 5 minutes after it. */
const sinceCancelMs = 240_000
const leastMs = 20_000

/**
 * The post step's story: main was cut off; opens the same session again from what main wrote down, takes up its lock, finishes its work
 * and reports. Null when there is not enough to go on with, which is said.
 */
export async function finish(world: World): Promise<RunResult | null> {
  const journal = world.journal.read()
  const { clock, log } = world
  const startedAtMs = journal.startedAtMs
  const phases = phaseKeeper(world, startedAtMs)
  const { inputs: given } = parseInputs(world.input)
  const context = await learnCommit(world, given, readContext(world.env, world.event))
  learnInputs(world, given, findFiles(given, workspaceOf(world.env)).valueFiles)
  const leftMs = Math.max(leastMs, (journal.cancelledAtMs ?? clock.now()) + sinceCancelMs - clock.now())
  const inputs = { ...given, rollbackTimeoutMs: Math.min(given.rollbackTimeoutMs, leftMs) }
  const reopened = reopen(world, inputs, context)
  const deployment = takeUpDeployment(world, inputs, context)
  if (!reopened) {
    await deployment.end(null)
    log.warning('main was cut off and left too little to go on with: run the workflow again, or `mode: recover`')
    return null
  }
  const { session, prepared } = reopened
  const place = findPlace(inputs, session.target.namespace, context)
  const transaction = await resume(session, phases.begin).finally(() => {
    session.observer.stop()
    session.client.close()
  })
  const facts = { context, prepared, phases: phases.end(), startedAtMs, endedAtMs: clock.now() }
  const report = buildReport(facts, transaction)
  const [published] = await Promise.all([publish(world, report, inputs, context, place), deployment.end(report)])
  return { report: published.report, published }
}

/** Main has settled everything but what it wanted to tell GitHub about the deployment. */
export async function finishDeployment(world: World): Promise<void> {
  const { inputs } = parseInputs(world.input)
  await takeUpDeployment(world, inputs, readContext(world.env, world.event)).end(null)
}

async function resume(session: Session, onPhase: OnPhase): Promise<TransactionResult> {
  const { journal, folder } = session
  const { lockIdentity } = journal.read()
  try {
    const lock = lockIdentity ? await resumeLock(lockPorts(session), lockIdentity, session.target) : disabledLock()
    const locked = { ...session, lock }
    const result = await resumeTransaction(locked, journal.read(), readBefore(folder), onPhase)
    return await closeRelease(locked, result)
  } catch (error) {
    session.log.line(`it cannot be finished: ${describeError(error)}`, 'bad')
    return resumeBroke(session, error)
  }
}

function reopen(
  world: World,
  inputs: Inputs,
  context: ReturnType<typeof readContext>,
): { readonly session: Session; readonly prepared: Prepared } | null {
  const { helm, cluster, namespace } = world.journal.read()
  const driver = storageDriver(world.env['HELM_DRIVER'])
  const kubeconfig = openKubeconfig(world, inputs)
  if (!helm || !cluster || !driver || !('config' in kubeconfig)) return null
  const client = createClient(kubeconfig.config, kubeconfig.tokenFile, world.secrets.learn)
  const session = openSession(world, context, { inputs, kubeconfig, client, driver, namespace, helm, cluster })
  return { session, prepared: { inputs, namespace, helm, cluster, ready: null, problems: [], warnings: [] } }
}
