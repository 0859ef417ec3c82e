import type { EvidencePolicy } from '../inputs/inputs.ts'
import { type Budget, fitSections, type Section } from './budget.ts'
import { changesSection, commentRoom, driftedSection, type ChangesRoom } from './changes-section.ts'
import { applyEvidence } from './evidence.ts'
import { footer, runLink } from './footer.ts'
import { firstAdvice, type Verdict, verdictOf } from './headline.ts'
import { earlierDeploys, historySection } from './history.ts'
import { type CommentState, hiddenLines, type PastDeploy } from './marker.ts'
import type { Report } from './model.ts'
import * as section from './sections.ts'
import { sweepSection } from './sweep-section.ts'
import { situation, undoingSituation } from './situation.ts'

export interface RenderOptions {
  readonly evidence: EvidencePolicy
}

/**
 * GitHub refuses comments over 65,536 characters; whether it counts characters or bytes has changed, so both stay below. What is left is
 * for the lines of five runs that end late and are written into the history (`withOlderRun`), each at most 1,800 bytes.
 */
export const commentBudget: Budget = { chars: 56_000, bytes: 56_000 }

/** With more findings than this, the summary has the rest of the evidence. */
const mostEvidence = 5

/**
 * The body of the pull request comment: two hidden lines (marker and state), then what a person needs in falling order of need, the
 * deploys before by what the comment told so far (`previous`, which went through GitHub and is not trusted), and the small print.
 * At most 56,000 characters and bytes; verdict, cause, situation, next step and commands are never cut.
 */
export function renderComment(
  report: Report,
  { evidence }: RenderOptions,
  previous: CommentState | null = null,
): string {
  const shown = applyEvidence(report, evidence)
  const room = { evidence: mostEvidence, changes: commentRoom }
  return fitComment(shown, earlierDeploys(shown, previous), reportSections(shown, room))
}

/**
 * The same for a deploy that has failed and whose undo has only begun, written at once and replaced by the comment of its end. The report
 * is one without an undo.
 */
export function renderNotice(
  report: Report,
  { evidence }: RenderOptions,
  previous: CommentState | null = null,
): string {
  const shown = applyEvidence(report, evidence)
  const room = { evidence: mostEvidence, changes: commentRoom }
  return fitComment(shown, earlierDeploys(shown, previous), reportSections(shown, room, 'undoing'), 'undoing')
}

/** The hidden lines, and as many of the sections as a comment holds, above history and small print. */
export function fitComment(
  report: Report,
  earlier: readonly PastDeploy[],
  sections: readonly Section[],
  verdict = verdictOf(report),
): string {
  const note = `<sub>Cut to fit a comment: the summary of ${runLink(report) || 'the run'} has all of it.</sub>`
  const all = [
    { priority: 0, text: hiddenLines(report, earlier, verdict) },
    ...sections,
    { priority: 6, text: historySection(earlier, report) },
    { priority: 3, text: footer(report) },
  ]
  return fitSections(all, commentBudget, note)
}

/** How much a place shows. */
export interface Room {
  /** Of so many findings the evidence. */
  readonly evidence: number
  readonly changes: ChangesRoom
}

/** The sections that comment and summary share, in the order in which they are shown; the small print comes after them. */
export function reportSections(report: Report, room: Room, verdict: Verdict = verdictOf(report)): Section[] {
  const next = { priority: 0, text: section.nextSection(report) }
  const commands = { priority: 0, text: section.commandsSection(report) }
  const drift = { priority: 2, text: section.driftSection(report) }
  const decisive = { priority: 1, text: section.decisiveSection(report) }
  const now = { priority: 0, text: verdict === 'undoing' ? undoingSituation(report) : situation(report) }
  const advice = firstAdvice(report)
  const findings = report.findings.slice(0, room.evidence)
  return [
    { priority: 0, text: section.headlineSection(report, verdict) },
    ...firstScreen({ report, now, next, commands, decisive, drift }),
    { priority: 1, text: sweepSection(report) },
    { priority: 1, text: section.problemsSection(report) },
    { priority: 1, text: section.failingSection(report) },
    { priority: 4, text: section.warningsSection(report) },
    { priority: 5, text: driftedSection(report) },
    ...findings.map((finding, index) => ({ priority: 10 + index, text: section.evidenceSection(finding, advice) })),
    { priority: 8, text: changesSection(report, room.changes) },
    { priority: 5, text: section.notUndoneSection(report) },
  ]
}

interface FirstParts {
  readonly report: Report
  readonly now: Section
  readonly next: Section
  readonly commands: Section
  readonly decisive: Section
  readonly drift: Section
}

/** What a phone shows at once: of a failed rollback the way out first; else how it is now, the proof, and what to do before any list. */
function firstScreen({ report, now, next, commands, decisive, drift }: FirstParts): Section[] {
  if (report.status === 'rollback-failed') return [next, commands, now, drift, decisive]
  if (report.undo === null || commands.text === '') return [now, decisive, next, commands, drift]
  return [now, { priority: 0, text: '**To finish it by hand:**' }, commands, decisive, next, drift]
}
