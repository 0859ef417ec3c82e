import { readFileSync } from 'node:fs'
import * as core from '@actions/core'
import { hasLogin, logOut } from './chart/logins.ts'
import { emptyEntries, isSettled, openJournal, readJournal, type Journal } from './deploy/journal.ts'
import { finish, finishDeployment } from './finish.ts'
import { systemClock } from './platform/clock.ts'
import { describeError, diskProblem } from './platform/errors.ts'
import { createLog } from './platform/log.ts'
import { createPrivateFiles, filesIn, leftFolders, removeFolder, type PrivateFiles } from './platform/private-files.ts'
import { createSecretKeeper } from './platform/secret-keeper.ts'
import { cancelSignal } from './platform/stop.ts'
import { systemOf } from './platform/system.ts'
import { forLog } from './platform/untrusted.ts'
import { helmEnvironment } from './prepare-helm.ts'
import { errorAnnotations } from './report/annotation.ts'
import { renderConsole } from './report/console.ts'
import { applyEvidence } from './report/evidence.ts'
import type { Report } from './report/model.ts'
import { outputs } from './report/outputs.ts'
import { succeeded } from './report/status.ts'
import { renderSummary } from './report/summary.ts'
import { run, type RunResult } from './run.ts'
import type { World } from './world.ts'

declare global {
  /** Set by post.ts before it enters this bundle: the post step cleans up and never deploys. */
  var atomicHelmEntry: 'post' | undefined
}

const system = systemOf(process.platform, process.arch)

/** What this process knows of secrets, for all that it says. */
const secrets = createSecretKeeper()

/** The runner leaves a cancelled step 7.5 s before it asks again, less kindly. */
const cancelledLimitMs = 6500

/** The main step: opens the world, runs, and tells the runner how it went. */
async function main(taken: ReadonlyMap<string, string>): Promise<void> {
  const files = createPrivateFiles(process.env)
  const journal = openJournal(files.folder, {
    ...emptyEntries,
    startedAtMs: Date.now(),
    inputs: Object.fromEntries(taken),
  })
  const cancel = cancelSignal(system, () => {
    journal.note({ cancelledAtMs: Date.now() })
    world.log.line('the job was cancelled: the post step takes back what was begun', 'caution')
    setTimeout(() => process.exit(1), cancelledLimitMs).unref()
    process.exitCode = 1
    // Whatever holds this process up, the workflow is told.
    setOutputs({ status: 'cancelled', rollback: 'none' })
  })
  const world = openWorld(files, journal, taken, cancel)
  const result = await run(world)
  const shown = applyEvidence(result.report, result.published.evidence)
  world.log.block(renderConsole(shown), succeeded(shown) ? 'good' : 'bad')
  await tellRunner(result, shown)
  // A login is taken back by the post step, which nothing of the deploy waits for; and what was cut off is finished there.
  if (!hasLogin(files.folder) && isSettled(journal.read())) removeFolder(files.folder)
}

function openWorld(
  files: PrivateFiles,
  journal: Journal,
  inputs: ReadonlyMap<string, string>,
  cancel: AbortSignal,
): World {
  const log = createLog({
    write: (text) => process.stdout.write(secrets.redact(text)),
    now: () => performance.now(),
    colour: true,
  })
  return {
    env: process.env,
    system,
    input: (name) => inputs.get(`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`) ?? '',
    event: readEvent(),
    exportPath: core.addPath,
    clock: systemClock,
    log,
    files,
    secrets,
    cancel,
    journal,
  }
}

/** Outputs are for the workflow's own steps and whole; summary and annotations show what the evidence policy allows. */
async function tellRunner({ report, published }: RunResult, shown: Report): Promise<void> {
  setOutputs(outputs(report, published))
  // The summary of what was cut off is written by the post step.
  if (report.status !== 'cancelled') await writeSummary({ report, published })
  for (const { message, ...place } of errorAnnotations(shown)) {
    core.error(message, place)
    process.exitCode = 1
  }
}

async function writeSummary({ report, published }: RunResult): Promise<void> {
  // That Helm is installed is no news for a run's page.
  if (!process.env['GITHUB_STEP_SUMMARY'] || report.status === 'installed') return
  try {
    await core.summary.addRaw(renderSummary(report, { evidence: published.evidence })).write()
  } catch (error) {
    core.warning(`the job summary cannot be written: ${told(error)}`)
  }
}

/** What cannot be written changes no verdict: the log has it. */
function setOutputs(values: Readonly<Record<string, string>>): void {
  try {
    for (const [name, value] of Object.entries(values)) core.setOutput(name, value)
  } catch (error) {
    core.warning(`the outputs cannot be written: ${told(error)}`)
  }
}

/** An error for the runner's log: no command, and no secret that is known. */
function told(error: unknown): string {
  return secrets.redact(forLog(describeError(error)))
}

/** Something that nobody has turned into a result; before a deploy it is mostly the runner's disk. */
function tellFailure(error: unknown): void {
  process.exitCode = 1
  const problem = diskProblem(error)
  const text = problem
    ? `${problem.problem}. ${problem.remedy}`
    : `atomic-helm-action failed unexpectedly: ${describeError(error)}`
  core.error(secrets.redact(forLog(text)))
  if (error instanceof Error && error.stack) core.debug(secrets.redact(error.stack))
}

/** Reads the inputs, and takes them out of the environment: neither Helm nor a credential plugin of a kubeconfig has any business with them. */
function takeInputs(): ReadonlyMap<string, string> {
  const inputs = new Map<string, string>()
  for (const [name, value] of Object.entries(process.env)) {
    if (!name.startsWith('INPUT_')) continue
    inputs.set(name, value ?? '')
    delete process.env[name]
  }
  return inputs
}

function readEvent(): unknown {
  try {
    return JSON.parse(readFileSync(process.env['GITHUB_EVENT_PATH'] ?? '', 'utf8'))
  } catch {
    // Without a payload the run only knows less about itself.
    return null
  }
}

/** The post step, when main was cut off or has logged in: finishes what main began, logs out, and removes the files of the run. */
async function post(): Promise<void> {
  for (const folder of leftFolders(process.env)) {
    await finishWork(folder).catch((error: unknown) => {
      core.error(`what main began could not be finished: ${told(error)}`)
      process.exitCode = 1
    })
    logOutOf(folder)
    removeFolder(folder)
  }
}

async function finishWork(folder: string): Promise<void> {
  const entries = readJournal(folder)
  if (!entries || (isSettled(entries) && !entries.deployment)) return
  // A second cancel ends the post step at once; what is left is recovered by the next run.
  const world = openWorld(
    filesIn(folder),
    openJournal(folder, entries),
    new Map(Object.entries(entries.inputs)),
    new AbortController().signal,
  )
  if (isSettled(entries)) {
    await finishDeployment(world)
    return
  }
  const result = await finish(world)
  if (!result) return
  const shown = applyEvidence(result.report, result.published.evidence)
  world.log.block(renderConsole(shown), result.report.rollback === 'failed' ? 'bad' : 'good')
  await writeSummary(result)
}

function logOutOf(folder: string): void {
  try {
    const host = logOut(folder, helmEnvironment(process.env, system))
    if (host) core.info(`logged out of ${forLog(host)}`)
  } catch (error) {
    core.warning(`the registry login cannot be taken back: ${told(error)}`)
  }
}

try {
  const inputs = takeInputs()
  if (globalThis.atomicHelmEntry === 'post') await post()
  else await main(inputs)
} catch (error) {
  tellFailure(error)
  // What is thrown up to here came before the deploy.
  if (globalThis.atomicHelmEntry !== 'post') setOutputs({ status: 'rejected', rollback: 'none' })
}
// Everything is told. Whatever still holds the process (a connection that somebody forgot) gets a second.
setTimeout(() => process.exit(), 1000).unref()
