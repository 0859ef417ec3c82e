import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RunContext } from './context/context.ts'
import { describeGitHubProblem } from './github/call.ts'
import { createGitHub } from './github/octokit.ts'
import { publishComment, type PublishResult } from './github/publish.ts'
import { findPullRequest } from './github/pull-request.ts'
import type { EvidencePolicy, Inputs } from './inputs/inputs.ts'
import { describeError } from './platform/errors.ts'
import { createRedactor, redactReport } from './platform/redact.ts'
import type { ReleaseRecord } from './release/record.ts'
import { knownSecrets } from './report/secrets.ts'
import { renderJson } from './report/json.ts'
import type { Report } from './report/model.ts'
import type { World } from './world.ts'

export interface ToPublish {
  readonly report: Report
  readonly context: RunContext
  readonly inputs: Inputs
  readonly attempted: ReleaseRecord | null
}

/** The report as the outside may see it, and where it went. */
export interface Published {
  readonly report: Report
  readonly evidence: EvidencePolicy
  readonly commentUrl: string | null
  readonly reportFile: string | null
}

/** Publishes the report as a file and as the pull request's comment. What fails here is a warning: the deploy's verdict stands. */
export async function publish(world: World, { report, context, inputs, attempted }: ToPublish): Promise<Published> {
  const redact = createRedactor(knownSecrets(inputs, attempted), [report.release, report.namespace])
  const safe = redactReport(report, redact)
  const evidence = inputs.evidence ?? (context.isPublic ? 'no-logs' : 'full')
  const reportFile = writeReport(world, inputs, safe)
  const commentUrl = await comment(world, safe, context, inputs, evidence)
  return { report: safe, evidence, commentUrl, reportFile }
}

function writeReport({ env, log, files }: World, inputs: Inputs, report: Report): string | null {
  const path = inputs.reportFile || join(env['RUNNER_TEMP'] || files.folder, `atomic-helm-report-${report.release || 'unnamed'}.json`.replaceAll(/[^\w.-]/g, '_'))
  try {
    writeFileSync(path, renderJson(report), { mode: 0o600 })
    return path
  } catch (error) {
    log.warning(`the report cannot be written to ${path}: ${describeError(error)}`)
    return null
  }
}

async function comment({ log }: World, report: Report, context: RunContext, inputs: Inputs, evidence: EvidencePolicy): Promise<string | null> {
  const { repository } = context
  if (inputs.comment === 'never' || !repository || !inputs.githubToken) return null
  const call = createGitHub(inputs.githubToken, context.apiUrl)
  const pull = await findPullRequest(call, { input: inputs.prNumber, event: context.pullRequest, eventName: context.eventName, sha: context.sha, repository })
  if (pull.kind === 'none') return null
  const result: PublishResult =
    pull.kind === 'found' ? await publishComment(call, { repository, number: pull.number }, report, { policy: inputs.comment, evidence }) : pull
  switch (result.kind) {
    case 'skipped':
      return null
    case 'created':
    case 'updated':
      log.line(`comment ${result.kind}: ${result.url}`)
      return result.url
    default:
      log.warning(`the pull request could not be told: ${describeGitHubProblem(result)}; the job summary has the report`)
      return null
  }
}
