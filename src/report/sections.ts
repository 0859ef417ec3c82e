import type { Evidence, Finding, ResourceRef } from '../health/finding.ts'
import { commandsOf } from './status.ts'
import { codeSpan, cut, fence, forMarkdown, forTableCell, oneLine } from '../platform/untrusted.ts'
import { adviceOf, headline, markdown, nextStep, sentence, shortDigests, type Verdict } from './headline.ts'
import { bullets, counted, details, duration, objectHtml, paragraphs, table } from './markdown.ts'
import type { Report } from './model.ts'
import { driftLine } from './situation.ts'

/** The building blocks of comment and summary, each complete Markdown or empty. All text from outside is made safe here. */

const mostRows = 15

/** Verdict and cause. */
export function headlineSection(report: Report, verdict: Verdict): string {
  const line = headline(report, markdown, verdict)
  return `### ${line.icon} ${sentence(line)}`
}

/**
 * A line per failing resource; with a single one the cause is the headline already, so its place is told instead. No table: of one
 * with the name of an image in it, a phone shows the left half.
 */
export function failingSection({ findings }: Report): string {
  const [first] = findings
  if (first === undefined) return ''
  if (findings.length === 1) return `**Failing:** ${objectProse(first.resource)}: ${placeWords(first)}`
  const lines = findings
    .slice(0, mostRows)
    .map((finding) => `${objectProse(finding.resource)}: ${causeWords(finding)}${timesWords(finding)}`)
  const rest = findings.length - lines.length
  return paragraphs([
    '**Failing:**',
    bullets(rest > 0 ? [...lines, `and ${String(rest)} more, see the JSON report`] : lines),
  ])
}

/** All reasons of a rejection, when there are several. */
export function problemsSection(report: Report): string {
  const problems = report.problems
  return report.findings.length > 0 || problems.length < 2 ? '' : bullets(problems.map(problemLine))
}

/** The one line that proves the cause, in view; as code and not as a block, which a phone would cut off at 40 characters. */
export function decisiveSection({ findings }: Report): string {
  const finding = findings.find(({ evidence }) => decisiveLine(evidence) !== undefined)
  const line = finding === undefined ? undefined : decisiveLine(finding.evidence)
  if (finding === undefined || line === undefined) return ''
  if (sameWords(line, finding.cause)) return ''
  return `${finding === findings[0] ? '' : `${objectProse(finding.resource)}: `}${codeSpan(line, 400)}`
}

/** What to do now. */
export function nextSection(report: Report): string {
  const step = nextStep(report, markdown)
  return step === '' ? '' : `**Next:** ${step}`
}

/** Commands for a person, when the undo needs one. */
export function commandsSection(report: Report): string {
  const commands = commandsOf(report)
  return commands.length === 0 ? '' : fence(commands.slice(0, 10), 'sh', 400)
}

/** Every object that is not as before. */
export function driftSection({ undo }: Report): string {
  if (undo === null || undo.drifts.length === 0) return ''
  if (undo.action !== 'remove') return paragraphs(['**Not as before:**', bullets(undo.drifts.map(driftLine))])
  const lines = undo.drifts.map(({ object, details }) => `${objectProse(object)}: ${forMarkdown(details.join(', '))}`)
  return paragraphs(['**Still there:**', bullets(lines)])
}

/** What the undo leaves as it is, and why. */
export function notUndoneSection({ notUndone, status }: Report): string {
  if (notUndone.length === 0) return ''
  const word = status === 'removed' ? 'Stays' : 'Not undone'
  const [first] = notUndone
  const summary =
    notUndone.length === 1 && first !== undefined
      ? `${word}: ${objectHtml(first.object)}`
      : `${word}: ${counted(notUndone.length, 'object')}`
  return details(summary, bullets(notUndone.map(({ object, why }) => `${objectProse(object)}: ${forMarkdown(why)}`)))
}

/** What else is worth knowing. */
export function warningsSection({ warnings }: Report): string {
  return warnings.length === 0
    ? ''
    : bullets(
        warnings.map((warning) => `⚠️ ${forMarkdown(warning)}`),
        10,
      )
}

/**
 * The proof of one finding, folded: log, message, events, status, what was asked for; and its advice unless it was given already.
 * Empty when there is nothing to show.
 */
export function evidenceSection(finding: Finding, givenAdvice: string): string {
  const { evidence } = finding
  const advice = adviceOf(finding) ?? ''
  const body = paragraphs([
    advice === '' || advice === givenAdvice ? '' : `Advice: ${forMarkdown(advice)}`,
    titledFence(logTitle(finding), evidence.logs),
    titledFence('Message', evidence.message === undefined ? [] : [evidence.message]),
    eventsFence(evidence),
    fieldsFence('Status', evidence.node === undefined ? evidence.status : { ...evidence.status, node: evidence.node }),
    fieldsFence('Asked for', evidence.excerpt),
  ])
  return body === '' ? '' : details(evidenceSummary(finding), body)
}

/** How long each phase took. */
export function phasesSection({ phases }: Report): string {
  const rows = phases
    .slice(0, 40)
    .map((phase) => [forTableCell(phase.name, 60), duration(phase.startMs), duration(phase.durationMs)])
  return table(['phase', 'began after', 'took'], rows)
}

/** `Deployment \`shop\`` as prose. */
export function objectProse(object: ResourceRef): string {
  const kind = forMarkdown(object.kind, 63)
  return object.name === '' ? kind : `${kind} ${codeSpan(object.name)}`
}

function problemLine({ problem, remedy }: { readonly problem: string; readonly remedy: string }): string {
  return remedy === '' ? `${forMarkdown(problem)}.` : `${forMarkdown(problem)}. ${forMarkdown(remedy)}.`
}

function causeWords({ cause }: Finding): string {
  return forMarkdown(shortDigests(cause), 240)
}

function placeWords(finding: Finding): string {
  const { object, container } = finding.evidence
  const pods = finding.count > 1 ? ` in ${counted(finding.count, 'pod')}` : ''
  const pod = object === undefined || object.name === finding.resource.name ? '' : objectProse(object)
  const such = pods === '' || pod === '' ? pod : `such as ${pod}`
  return [`${codeSpan(finding.class)}${pods}`, such, container === undefined ? '' : `container ${codeSpan(container)}`]
    .filter((part) => part !== '')
    .join(', ')
}

function timesWords({ count }: Finding): string {
  return count > 1 ? ` (${counted(count, 'pod')})` : ''
}

function decisiveLine({ decisiveLine, message, events }: Evidence): string | undefined {
  return decisiveLine ?? message ?? events.findLast(({ reason }) => /fail|unhealthy/i.test(reason))?.message
}

/** Whether a cause says all that a line does, so that showing both would only cost the reader's time. */
function sameWords(line: string, cause: string): boolean {
  const words = (text: string): string =>
    text
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
      .trim()
  return words(cause).includes(words(line))
}

function evidenceSummary({ class: name, resource, evidence }: Finding): string {
  const parts = [
    ...(evidence.logs.length > 0
      ? [counted(evidence.logs.length, `${name === 'url-not-answering' ? 'answer' : 'log'} line`)]
      : []),
    ...(evidence.events.length > 0 ? [counted(evidence.events.length, 'event')] : []),
    ...(Object.keys(evidence.status).length > 0 ? ['status'] : []),
    ...(evidence.message !== undefined ? ['message'] : []),
  ]
  return [`Evidence for ${objectHtml(resource)}`, ...(parts.length > 0 ? [parts.join(', ')] : [])].join(': ')
}

function logTitle(finding: Finding): string {
  // What an environment answered stands where others have the log of a pod.
  if (finding.class === 'url-not-answering') return 'Answer'
  const { object, container } = finding.evidence
  const from = [
    ...(container === undefined ? [] : [`container ${codeSpan(container)}`]),
    ...(object === undefined ? [] : [objectProse(object)]),
  ]
  return from.length === 0 ? 'Log' : `Log of ${from.join(' in ')}`
}

function eventsFence({ events }: Evidence): string {
  const lines = events.map((event) => {
    const times = event.count > 1 ? ` ×${String(event.count)}` : ''
    return `${event.atSeconds.toFixed(1).padStart(7)}s  ${oneLine(event.reason, 80)}${times}: ${oneLine(event.message)}`
  })
  return titledFence('Events', lines)
}

function fieldsFence(title: string, fields: Readonly<Record<string, string>>): string {
  const entries = Object.entries(fields).slice(0, 30)
  return titledFence(
    title,
    entries.map(([key, value]) => `${oneLine(key, 80)}: ${cut(value, 1000)}`),
  )
}

function titledFence(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${title}\n${fence(lines.slice(-200))}`
}
