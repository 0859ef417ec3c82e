import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RunContext } from './context/context.ts'
import { describeGitHubProblem, isGitea, type GitHubCall, type GitHubProblem } from './github/call.ts'
import { findComment, type Conversation, type FindResult } from './github/comments.ts'
import { createGitHub, fullPatience, type Patience } from './github/octokit.ts'
import { publishComment, type PublishResult } from './github/publish.ts'
import { findPullRequest, type PullRequestResult } from './github/pull-request.ts'
import type { EvidencePolicy, Inputs } from './inputs/inputs.ts'
import { describeError } from './platform/errors.ts'
import { redactReport } from './report/redact-report.ts'
import { evidencePolicy } from './report/evidence.ts'
import { renderJson } from './report/json.ts'
import { commentMarker } from './report/marker.ts'
import type { Report } from './report/model.ts'
import type { World } from './world.ts'

/** The report as the outside may see it, and where it went. */
export interface Published {
  readonly report: Report
  readonly evidence: EvidencePolicy
  readonly commentUrl: string | null
  readonly reportFile: string | null
}

/** The pull request's conversation and our comment in it, looked up while the deploy runs. */
export interface Place {
  readonly call: GitHubCall
  readonly pull: PullRequestResult
  readonly at: Conversation | null
  readonly found: FindResult | null
  /** What all that is written there may cost. */
  readonly patience: Patience
  /** Why the first notice of a failure could not be written. */
  readonly untold?: GitHubProblem
}

/** Looks up where the comment goes, so that nobody waits for it afterwards; null when nothing is to be commented. Never throws. */
export async function findPlace(inputs: Inputs, namespace: string, context: RunContext): Promise<Place | null> {
  const { repository } = context
  if (inputs.mode === 'setup' || inputs.comment === 'never' || !repository || !inputs.githubToken) return null
  // A preview without a name has no comment either: the one of its name would be another.
  if (inputs.mode === 'preview' && !inputs.release) return null
  const patience = fullPatience()
  const call = createGitHub(inputs.githubToken, context.apiUrl, patience)
  const hints = {
    input: inputs.prNumber,
    event: context.pullRequest,
    eventName: context.eventName,
    sha: context.sha,
    fork: context.fork,
    repository,
    isGitea: isGitea(context.apiUrl),
  }
  const pull = await findPullRequest(call, hints)
  if (pull.kind === 'none') return null
  if (pull.kind !== 'found') return { call, pull, at: null, found: null, patience }
  const at = { repository, number: pull.number }
  const found = await findComment(call, at, commentMarker(inputs.release, namespace))
  return { call, pull, at, found, patience }
}

/** Publishes the report as a file and as the pull request's comment. What fails here is a warning: the deploy's verdict stands. */
export async function publish(
  world: World,
  report: Report,
  inputs: Inputs,
  context: RunContext,
  place: Promise<Place | null>,
): Promise<Published> {
  const safe = redactReport(report, world.secrets.redact)
  const evidence = evidencePolicy(inputs, context)
  const reportFile = writeReport(world, inputs, safe)
  const commentUrl = await tellPull(world, safe, inputs, context, await place, reportFile)
  return { report: safe, evidence, commentUrl, reportFile }
}

function writeReport({ env, log, files }: World, inputs: Inputs, report: Report): string | null {
  const name = `atomic-helm-report-${report.release || 'unnamed'}.json`.replaceAll(/[^\w.-]/g, '_')
  const path = inputs.reportFile || join(env['RUNNER_TEMP'] || files.folder, name)
  try {
    writeFileSync(path, renderJson(report), { mode: 0o600 })
    return path
  } catch (error) {
    log.warning(`the report cannot be written to ${path}: ${describeError(error)}`)
    return null
  }
}

/** Writes a report that is redacted already as the comment of its pull request; its address, null when there is none. */
export async function tellPull(
  world: World,
  report: Report,
  inputs: Inputs,
  context: RunContext,
  place: Place | null,
  reportFile: string | null,
): Promise<string | null> {
  const { log } = world
  if (!place) return null
  const result = await send(place, report, inputs, evidencePolicy(inputs, context))
  if (place.untold && 'comment' in result)
    log.warning(`the pull request could not be told before the undo: ${describeGitHubProblem(place.untold)}`)
  switch (result.kind) {
    case 'skipped':
      return null
    case 'created':
    case 'updated':
      log.line(`comment ${result.kind}: ${result.comment.url}`)
      return result.comment.url
    case 'older':
      log.line(`the comment keeps the verdict of a newer run, and lists this one before it: ${result.comment.url}`)
      return result.comment.url
    case 'unwritten':
      log.warning(`${untold(result.problem)}${keepComment(reportFile, result)}`)
      return null
    default:
      log.warning(untold(result))
      return null
  }
}

function untold(problem: GitHubProblem): string {
  return `the pull request could not be told: ${describeGitHubProblem(problem)}; the job summary has the report`
}

/**
 * Leaves a comment that the token may not write as a file beside the report, for another workflow to publish: the token of a run for a
 * fork cannot be given the permission. Says so.
 */
function keepComment(
  reportFile: string | null,
  { body, problem }: { readonly body: string; readonly problem: GitHubProblem },
): string {
  if (problem.kind !== 'forbidden' || reportFile === null) return ''
  const path = `${reportFile.replace(/\.json$/, '')}.md`
  try {
    writeFileSync(path, body, { mode: 0o600 })
  } catch {
    return ''
  }
  return `, and ${path} the comment. For pull requests of forks see docs/fork-pull-requests.md of this action`
}

async function send(
  { call, pull, at, found }: Place,
  report: Report,
  inputs: Inputs,
  evidence: EvidencePolicy,
): Promise<PublishResult | GitHubProblem> {
  if (pull.kind !== 'found' && pull.kind !== 'none') return pull
  if (!at || !found) return { kind: 'skipped' }
  if (found.kind !== 'ok') return found
  return publishComment(call, at, found.value, report, { policy: inputs.comment, evidence })
}
