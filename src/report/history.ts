import { codeSpan, forMarkdown } from '../platform/untrusted.ts'
import { iconOf } from './headline.ts'
import { bullets, details, link } from './markdown.ts'
import { type CommentState, deployOf, mostEarlier, type PastDeploy, runId, stateLine } from './marker.ts'
import type { Report } from './model.ts'

/** The deploys before this one, the newest first, by what the comment tells so far: its own verdict, and those that it remembers. */
export function earlierDeploys(report: Report, previous: CommentState | null): readonly PastDeploy[] {
  if (previous === null) return []
  const { earlier, ...last } = previous
  return latest([last, ...earlier], runId(report.run.url))
}

/**
 * Whether the comment belongs to a run that came after this one: a later attempt of the same run; else one that began later, and while
 * this one still worked, unless this one made the later revision (it had to wait for the lock). By the runners' clocks.
 */
export function isOlder(report: Report, { run, attempt, startedAt, revision }: PastDeploy): boolean {
  const own = deployOf(report)
  if (own.run !== null && own.run === run) return Number(own.attempt ?? 1) < Number(attempt ?? 1)
  const [ours, theirs] = [Date.parse(own.startedAt), Date.parse(startedAt)]
  const beganLater = ours < theirs && theirs <= ours + report.durationMs
  return beganLater && !(own.revision !== null && revision !== null && own.revision > revision)
}

/** The body of a newer run's comment with this run among the deploys before it: the verdict that stands there stays. */
export function withOlderRun(body: string, state: CommentState, report: Report): string {
  const own = deployOf(report)
  const isOf = (one: PastDeploy): boolean => own.run !== null && one.run === own.run
  // Of a run its latest attempt counts, which may be there already.
  if (isOf(state) || state.earlier.some((one) => isOf(one) && Number(one.attempt) > Number(own.attempt))) return body
  const others = state.earlier.filter((one) => !isOf(one))
  const earlier = latest(
    [own, ...others].toSorted((a, b) => b.startedAt.localeCompare(a.startedAt)),
    null,
  )
  const [marker = '', , ...rest] = body.split(/\r?\n/)
  const shown = rest.join('\n')
  const [before, after] = [historySection(state.earlier, report), historySection(earlier, report)]
  // The history stands above the small print; a body that somebody has edited keeps its words, and only its state learns of the run.
  const place = before === '' ? shown.lastIndexOf(footerStart) : shown.lastIndexOf(`\n\n${before}`)
  const end = place + (before === '' ? 0 : `\n\n${before}`.length)
  const text = place < 0 ? shown : `${shown.slice(0, place)}\n\n${after}${shown.slice(end)}`
  return [marker, stateLine({ ...state, earlier }), text].join('\n')
}

const footerStart = '\n\n<sub>'

/** The deploys before the present one, folded: their verdicts in view, a line for each inside. Empty when there are none. */
export function historySection(earlier: readonly PastDeploy[], report: Report): string {
  if (earlier.length === 0) return ''
  const line = earlier.map(({ verdict, revision }) => [iconOf(verdict), revision ?? ''].join(' ').trim()).join(' · ')
  return details(`Earlier deploys: ${line}`, bullets(earlier.map((one) => entry(one, report))))
}

function entry(one: PastDeploy, report: Report): string {
  const revision = one.revision === null ? '' : ` revision ${String(one.revision)}`
  const facts = [
    `${iconOf(one.verdict)}${revision} ${outcome(one)}`,
    one.commit === null ? '' : `commit ${codeSpan(one.commit)}`,
    runWords(one, report),
    one.startedAt === '' ? '' : `${one.startedAt.slice(0, 16).replace('T', ' ')} UTC`,
  ]
  return facts.filter((fact) => fact !== '').join(' · ')
}

/** The address of another run of this repository: only its numbers come from the comment. */
export function siblingUrl({ run }: Report, id: string, attempt: string | null = null): string | null {
  if (run.url === null || runId(run.url) === null) return null
  const path = attempt === null || attempt === '1' ? id : `${id}/attempts/${attempt}`
  return run.url.replace(/\/runs\/\d+.*$/, `/runs/${path}`)
}

function outcome({ status, cause }: PastDeploy): string {
  const word = status.replaceAll('-', ' ')
  return cause === '' ? word : `${word}: ${forMarkdown(cause, 120)}`
}

function runWords({ run, number, attempt }: PastDeploy, report: Report): string {
  if (run === null && number === null) return ''
  const suffix = attempt === null || attempt === '1' ? '' : ` attempt ${attempt}`
  const text = `run ${number ?? ''}`.trim() + suffix
  return run === null ? text : link(text, siblingUrl(report, run, attempt))
}

/** The first entry of each run, without plans, which change nothing, and without the run itself. */
function latest(deploys: readonly PastDeploy[], own: string | null): readonly PastDeploy[] {
  const seen = new Set<string>(own === null ? [] : [own])
  return deploys
    .filter(({ status, run }) => {
      if (status === 'planned' || (run !== null && seen.has(run))) return false
      if (run !== null) seen.add(run)
      return true
    })
    .slice(0, mostEarlier)
}
