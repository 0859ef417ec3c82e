import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RunContext } from './context/context.ts'
import { describeGitHubProblem, type GitHubCall } from './github/call.ts'
import { findComment, type Conversation, type FindResult } from './github/comments.ts'
import { createGitHub } from './github/octokit.ts'
import { publishComment, type PublishResult } from './github/publish.ts'
import { findPullRequest, type PullRequestResult } from './github/pull-request.ts'
import type { Inputs } from './inputs/inputs.ts'
import { describeError } from './platform/errors.ts'
import { redactReport } from './report/redact-report.ts'
import { evidencePolicy, type EvidencePolicy } from './report/evidence.ts'
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
}

/** Looks up where the comment goes, so that nobody waits for it afterwards; null when nothing is to be commented. Never throws. */
export async function findPlace(inputs: Inputs, namespace: string, context: RunContext): Promise<Place | null> {
  const { repository } = context
  if (inputs.mode === 'setup' || inputs.comment === 'never' || !repository || !inputs.githubToken) return null
  // A preview without a name has no comment either: the one of its name would be another.
  if (inputs.mode === 'preview' && !inputs.release) return null
  const call = createGitHub(inputs.githubToken, context.apiUrl)
  const hints = {
    input: inputs.prNumber,
    event: context.pullRequest,
    eventName: context.eventName,
    sha: context.sha,
    repository,
  }
  const pull = await findPullRequest(call, hints)
  if (pull.kind === 'none') return null
  if (pull.kind !== 'found') return { call, pull, at: null, found: null }
  const at = { repository, number: pull.number }
  return { call, pull, at, found: await findComment(call, at, commentMarker(inputs.release, namespace)) }
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
  const commentUrl = await tellPull(world, safe, inputs, context, await place)
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
  { log }: World,
  report: Report,
  inputs: Inputs,
  context: RunContext,
  place: Place | null,
): Promise<string | null> {
  if (!place) return null
  const result = await send(place, report, inputs, evidencePolicy(inputs, context))
  switch (result.kind) {
    case 'skipped':
      return null
    case 'created':
    case 'updated':
      log.line(`comment ${result.kind}: ${result.url}`)
      return result.url
    case 'older':
      log.line(`the comment keeps the verdict of a newer run, and lists this one before it: ${result.url}`)
      return result.url
    default:
      log.warning(
        `the pull request could not be told: ${describeGitHubProblem(result)}; the job summary has the report`,
      )
      return null
  }
}

async function send(
  { call, pull, at, found }: Place,
  report: Report,
  inputs: Inputs,
  evidence: EvidencePolicy,
): Promise<PublishResult> {
  if (pull.kind !== 'found' && pull.kind !== 'none') return pull
  if (!at || !found) return { kind: 'skipped' }
  return publishComment(call, at, found, report, { policy: inputs.comment, evidence })
}
