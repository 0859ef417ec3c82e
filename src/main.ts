import { readFileSync } from 'node:fs'
import * as core from '@actions/core'
import { hasLogin, logOut } from './chart/logins.ts'
import { systemClock } from './platform/clock.ts'
import { describeError } from './platform/errors.ts'
import { createLog } from './platform/log.ts'
import { createPrivateFiles, isPrivateFolder, removePrivateFiles } from './platform/private-files.ts'
import { createSecretKeeper } from './platform/secret-keeper.ts'
import { forLog } from './platform/untrusted.ts'
import { helmEnvironment } from './prepare-helm.ts'
import { errorAnnotation } from './report/annotation.ts'
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

const folderState = 'private-folder'

/** The main step: opens the world, runs, and tells the runner how it went. */
async function main(input: World['input']): Promise<void> {
  const secrets = createSecretKeeper()
  const log = createLog({
    write: (text) => process.stdout.write(secrets.redact(text)),
    now: () => performance.now(),
    colour: true,
  })
  const files = createPrivateFiles(process.env)
  core.saveState(folderState, files.folder)
  const world: World = {
    env: process.env,
    input,
    event: readEvent(),
    exportPath: core.addPath,
    clock: systemClock,
    log,
    files,
    secrets,
  }
  const result = await run(world)
  const shown = applyEvidence(result.report, result.published.evidence)
  log.block(renderConsole(shown), succeeded(shown.status) ? 'good' : 'bad')
  await tellRunner(result, shown)
  // A login is taken back by the post step, which nothing of the deploy waits for.
  if (!hasLogin(files.folder) && removePrivateFiles(files.folder, process.env)) core.saveState(folderState, '')
}

/** Outputs are for the workflow's own steps and whole; summary and annotation show what the evidence policy allows. */
async function tellRunner({ report, published }: RunResult, shown: Report): Promise<void> {
  for (const [name, value] of Object.entries(outputs(report, published))) core.setOutput(name, value)
  // That Helm is installed is no news for a run's page.
  if (process.env['GITHUB_STEP_SUMMARY'] && report.status !== 'installed')
    await core.summary.addRaw(renderSummary(report, { evidence: published.evidence })).write()
  const annotation = errorAnnotation(shown)
  if (!annotation) return
  const { message, ...place } = annotation
  core.error(message, place)
  process.exitCode = 1
}

/** Reads the inputs, and takes them out of the environment: neither Helm nor a credential plugin of a kubeconfig has any business with them. */
function takeInputs(): World['input'] {
  const inputs = new Map<string, string>()
  for (const [name, value] of Object.entries(process.env)) {
    if (!name.startsWith('INPUT_')) continue
    inputs.set(name, value ?? '')
    delete process.env[name]
  }
  return (name) => inputs.get(`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`) ?? ''
}

function readEvent(): unknown {
  try {
    return JSON.parse(readFileSync(process.env['GITHUB_EVENT_PATH'] ?? '', 'utf8'))
  } catch {
    // Without a payload the run only knows less about itself.
    return null
  }
}

/** The post step, when main was cut off or has logged in: logs out and removes the files of the run, which can hold credentials. */
function cleanUp(): void {
  const folder = core.getState(folderState)
  if (folder && isPrivateFolder(folder, process.env)) logOutOf(folder)
  if (folder && !removePrivateFiles(folder, process.env))
    core.warning(`${forLog(folder)} is not a folder of this action, so it stays`)
}

function logOutOf(folder: string): void {
  try {
    const host = logOut(folder, helmEnvironment(process.env))
    if (host) core.info(`logged out of ${forLog(host)}`)
  } catch (error) {
    core.warning(`the registry login cannot be taken back: ${forLog(describeError(error))}`)
  }
}

try {
  const input = takeInputs()
  if (globalThis.atomicHelmEntry === 'post') cleanUp()
  else await main(input)
} catch (error) {
  core.error(`atomic-helm-action failed unexpectedly: ${forLog(describeError(error))}`)
  if (error instanceof Error && error.stack) core.debug(error.stack)
  process.exitCode = 1
}
// Everything is told. Whatever still holds the process (a connection that somebody forgot) gets a second.
setTimeout(() => process.exit(), 1000).unref()
