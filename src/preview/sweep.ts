import { isForbidden } from '../cluster/namespaces.ts'
import { mapLimited, metadataList } from '../cluster/objects.ts'
import type { KubeList } from '../cluster/types.ts'
import { withQuery } from '../cluster/watch.ts'
import type { RunContext } from '../context/context.ts'
import { nothing, rejectedWith, type TransactionResult } from '../deploy/outcome.ts'
import type { OnPhase, Session } from '../deploy/session.ts'
import { describeGitHubProblem, type GitHubCall } from '../github/call.ts'
import type { Problem } from '../platform/errors.ts'
import { counted } from '../report/markdown.ts'
import { selectorOf } from './labels.ts'
import type { Preview } from './preview.ts'
import { decideSweep, readCandidate, type Candidate, type Odd } from './sweep-decision.ts'
import { lookAtPulls } from './sweep-pulls.ts'
import { entryOf, sweepAway, type Swept, type TellRemoved } from './sweep-away.ts'
import { sweptResult } from './sweep-result.ts'

const removedAtOnce = 3

/** What a sweep has of the outside beside the cluster. */
export interface SweepPorts {
  readonly context: RunContext
  readonly github: GitHubCall
  readonly tellRemoved: TellRemoved
}

/**
 * Removes every preview of this repository whose pull request is closed, and every one that has expired. What nobody can tell of stays,
 * and so does what another run works on; one removal that fails does not keep the others from theirs. All within `timeout`.
 */
export async function sweep(
  session: Session,
  { context, github, tellRemoved }: SweepPorts,
  onPhase: OnPhase,
): Promise<TransactionResult> {
  const { repository, serverUrl } = context
  // Without it the run was rejected long ago.
  if (!repository) return nothing
  const { client, clock, log, inputs } = session
  const deadline = clock.now() + inputs.timeoutMs
  onPhase('look for previews')
  const found = await findPreviews(session, { repository, serverUrl })
  if ('problem' in found) return rejectedWith(found)
  const candidates = found.flatMap((one) => ('preview' in one ? [one] : []))
  const odd = found.flatMap((one) => ('preview' in one ? [] : [one]))
  log.line(`${counted(candidates.length, 'preview')} of ${repository.owner}/${repository.name} in the cluster`)
  const numbers = candidates.map(({ preview }) => preview.pull)
  const sights = await lookAtPulls(github, repository, numbers)
  if (sights.refusal)
    return rejectedWith({
      problem: `No pull request can be read, so no preview is removed: ${describeGitHubProblem(sights.refusal)}`,
      remedy: 'Give `github-token` the permission `pull-requests: read`, and `write` for the comments',
    })

  onPhase('sweep')
  const time = timer(session, deadline)
  const broom = { session: { ...session, stop: time.stop }, github, runUrl: context.runUrl, deadline, tellRemoved }
  const swept = await mapLimited(
    candidates,
    async (one): Promise<Swept> => {
      const sight = sights.of.get(one.preview.pull) ?? { kind: 'unreadable', why: 'it was not asked for' }
      const decision = decideSweep(one, sight, null, client.now())
      if (decision.kind === 'remove') return sweepAway(broom, one, decision)
      return { entry: entryOf(one, 'kept', decision.why), isUnsure: decision.isUnsure, results: [] }
    },
    removedAtOnce,
  ).finally(time.end)
  const result = sweptResult([...swept, ...odd.map(keptOdd)])
  for (const warning of result.warnings) log.warning(warning)
  if (!session.stop.aborted) return result
  return { ...result, status: 'cancelled', reason: 'the sweep was cut off: the next one goes on' }
}

function keptOdd({ namespace, why }: Odd): Swept {
  return { entry: { pull: null, namespace, release: null, outcome: 'kept', why }, isUnsure: true, results: [] }
}

/** Stops what is still under way at the deadline. */
function timer({ clock, stop }: Session, deadline: number): { readonly stop: AbortSignal; readonly end: () => void } {
  const late = new AbortController()
  const done = new AbortController()
  const expire = (): void => {
    if (!done.signal.aborted) late.abort(new Error('the time of the sweep is up'))
  }
  void clock.sleep(deadline - clock.now(), done.signal).then(expire)
  return { stop: AbortSignal.any([stop, late.signal]), end: () => done.abort() }
}

/** Every namespace that bears the labels of this repository's previews, read with what its annotations say. */
async function findPreviews(
  { client }: Session,
  of: Pick<Preview, 'repository' | 'serverUrl'>,
): Promise<readonly (Candidate | Odd)[] | Problem> {
  try {
    const path = withQuery('/api/v1/namespaces', { labelSelector: selectorOf(of) })
    const { items } = await client.get<KubeList>(path, { accept: metadataList })
    return (items ?? []).map(({ metadata }) => readCandidate(metadata, of))
  } catch (error) {
    if (!isForbidden(error)) throw error
    return {
      problem: `The previews cannot be listed: ${error.message}`,
      remedy: 'Grant `list`, `get`, `delete` and `watch` on namespaces to the credentials',
    }
  }
}
