import { setImmediate } from 'node:timers/promises'
import type { RunContext } from './context/context.ts'
import { createGitHub } from './github/octokit.ts'
import { publishNotice } from './github/publish.ts'
import type { Inputs } from './inputs/inputs.ts'
import { evidencePolicy } from './report/evidence.ts'
import type { Report } from './report/model.ts'
import { redactReport } from './report/redact-report.ts'
import type { Place } from './publish.ts'
import type { World } from './world.ts'

/** So long the first notice may take, in ms; what it takes is taken from what the comment may cost. */
const noticeMs = 10_000

/**
 * Tells the pull request of a failed deploy that its undo has begun, beside the undo. Gives the place with what stands there now, for the
 * comment of the end, which has to wait for it. Never throws, and ends as soon as the run has to stop.
 */
export async function tellVerdict(
  world: World,
  build: () => Report,
  inputs: Inputs,
  context: RunContext,
  where: Promise<Place | null>,
): Promise<Place | null> {
  // The undo comes first: to build and to render a report takes a moment in which nothing else happens.
  await setImmediate()
  const place = await where
  if (!place?.at || place.found?.kind !== 'ok') return place
  const leftMs = Math.min(noticeMs, place.patience.leftMs)
  const patience = { leftMs }
  // A client of its own: the comment of the end would have to keep its distance from a write of the same client.
  const call = createGitHub(inputs.githubToken, context.apiUrl, patience, world.cancel)
  try {
    const report = redactReport(build(), world.secrets.redact)
    const options = { policy: inputs.comment, evidence: evidencePolicy(inputs, context) }
    const result = await publishNotice(call, place.at, place.found.value, report, options)
    if (result.kind === 'skipped') return place
    if (result.kind === 'unwritten') return { ...place, untold: result.problem }
    world.log.line(`comment ${result.kind}: ${result.comment.url}`)
    return { ...place, found: { kind: 'ok', value: { ...place.found.value, comment: result.comment } } }
  } catch {
    // The comment of the end has all that this one would have said.
    return place
  } finally {
    place.patience.leftMs -= leftMs - patience.leftMs
  }
}
