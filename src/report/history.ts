import { codeSpan, forMarkdown } from '../platform/untrusted.ts'
import { iconOf } from './headline.ts'
import { bullets, details, link } from './markdown.ts'
import { type CommentState, deployOf, mostEarlier, type PastDeploy, readState, runId, stateLine } from './marker.ts'
import type { Report } from './model.ts'

/** The deploys before this one, the newest first, by what the comment tells so far: its own verdict, and those that it remembers. */
export function earlierDeploys(report: Report, previous: CommentState | null): readonly PastDeploy[] {
  if (previous === null) return []
  const { earlier, ...last } = previous
  const isOwnNotice = last.verdict === 'undoing' && isOfRun(last, deployOf(report))
  return latest(isOwnNotice ? earlier : [last, ...earlier], runId(report.run.url))
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
  return withEarlier(body, state, [deployOf(report)], report)
}

/**
 * What comments of one release say together, by their bodies: that of the newest run, with all others among the deploys before it. The
 * same whoever puts them together, in whatever order.
 */
export function mergeComments(bodies: readonly string[], report: Report): string {
  const read = bodies.flatMap((body) => {
    const state = readState(body)
    return state === null ? [] : [{ body, state }]
  })
  const [first] = read
  if (first === undefined) return bodies[0] ?? ''
  const top = read.reduce((best, one) => (replaces(one.state, best.state) ? one : best), first)
  const others = read.filter((one) => one !== top).flatMap(({ state: { earlier, ...own } }) => [own, ...earlier])
  return withEarlier(top.body, top.state, others, report)
}

/** Whether what one says counts and not the other: of a run its last word, of two runs the later revision, else the later beginning. */
function replaces(one: PastDeploy, other: PastDeploy): boolean {
  if (isOfRun(one, other)) {
    const [attempt, before] = [Number(one.attempt ?? 1), Number(other.attempt ?? 1)]
    return attempt === before ? other.verdict === 'undoing' && one.verdict !== 'undoing' : attempt > before
  }
  const revisions = (one.revision ?? 0) - (other.revision ?? 0)
  if (one.revision !== null && other.revision !== null && revisions !== 0) return revisions > 0
  return byBeginning(one, other) < 0
}

/** The later first; the order of what began at the same time is any, but always the same. */
function byBeginning(one: PastDeploy, other: PastDeploy): number {
  return other.startedAt.localeCompare(one.startedAt) || (other.run ?? '').localeCompare(one.run ?? '')
}

/** Runs outside of GitHub have no id: they are told apart by when they began. */
function isOfRun(one: PastDeploy, other: PastDeploy): boolean {
  if (one.run !== null || other.run !== null) return one.run === other.run
  return one.startedAt !== '' && one.startedAt === other.startedAt
}

/** A comment's body with more deploys among those before its own, each run with its last word; the body itself when it says all that. */
function withEarlier(body: string, state: CommentState, more: readonly PastDeploy[], report: Report): string {
  const known = more.reduce<readonly PastDeploy[]>((list, one) => {
    if (isOfRun(one, state)) return list
    const same = list.find((other) => isOfRun(one, other))
    if (same === undefined) return [...list, one]
    const isLater = replaces(one, same) || !replaces(same, one)
    return isLater ? list.with(list.indexOf(same), one) : list
  }, state.earlier)
  const earlier = latest(known.toSorted(byBeginning), null)
  if (JSON.stringify(earlier) === JSON.stringify(state.earlier)) return body
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

/** Of a run that has told its failure and never how the undo ended. */
export const untoldEnd = 'failed, and did not tell how its undo ended'

function outcome({ status, verdict, cause }: PastDeploy): string {
  const word = verdict === 'undoing' ? untoldEnd : status.replaceAll('-', ' ')
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
