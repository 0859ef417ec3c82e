import type { Finding } from '../health/finding.ts'
import { readTheLog } from '../health/table/crashes.ts'
import { codeSpan, forMarkdown, oneLine } from '../platform/untrusted.ts'
import { outcomes, type Report, type Status, type SweptPreview } from './model.ts'
import { causeOf, succeeded } from './status.ts'

/** How a place writes names, what is stressed, and untrusted sentences. */
export interface Style {
  readonly code: (text: string) => string
  readonly strong: (text: string) => string
  readonly prose: (text: string) => string
}

export const markdown: Style = {
  code: (text) => codeSpan(text, 160),
  strong: (text) => `**${forMarkdown(text, 80)}**`,
  prose: (text) => forMarkdown(shortDigests(text), 240),
}

export const plain: Style = {
  code: (text) => oneLine(text, 160),
  strong: (text) => oneLine(text, 80),
  prose: (text) => oneLine(shortDigests(text), 240),
}

/** Twelve characters of an image digest are enough to recognise it, 64 fill a phone. */
export function shortDigests(text: string): string {
  return text.replaceAll(/(@sha256:[\da-f]{12})[\da-f]{52}/g, '$1…')
}

/** Verdict and cause; the icon alone already tells good from bad. */
export interface Headline {
  readonly icon: string
  /** What happened to the release. */
  readonly verdict: string
  /** Why; empty when the verdict says all. */
  readonly cause: string
}

interface Wording {
  readonly icon: string
  readonly say: (release: string, target: string, report: Report) => string
}

/** What a run was to do, by its mode. */
const deeds: Readonly<Record<Report['mode'], { readonly noun: string; readonly not: string }>> = {
  deploy: { noun: 'deploy', not: 'was not deployed to' },
  plan: { noun: 'plan', not: 'could not be deployed to' },
  rollback: { noun: 'rollback', not: 'was not rolled back in' },
  recover: { noun: 'recovery', not: 'was not recovered in' },
  preview: { noun: 'preview', not: 'was not deployed to' },
  setup: { noun: 'installation', not: 'was not installed in' },
}

/** A status, and where it matters whether it was asked for and came out whole; `undoing` is a deploy whose undo has only begun. */
export type Verdict = Status | 'drifted' | 'leftovers' | 'gone-back' | 'gone-back-drifted' | 'undoing' | 'not-removed'

const verdicts: Readonly<Record<Verdict, Wording>> = {
  deployed: { icon: '✅', say: (release, target) => `${release} is deployed to ${target}` },
  'rolled-back': { icon: '❌', say: (release, target) => `${release} was not deployed to ${target}` },
  drifted: { icon: '⚠️', say: (release, target) => `${release} was not deployed to ${target} and is not fully back` },
  uninstalled: { icon: '❌', say: (release, target) => `${release} was not installed in ${target}` },
  leftovers: {
    icon: '⚠️',
    say: (release, target) => `${release} was not installed in ${target} and left something behind`,
  },
  'rollback-failed': {
    icon: '🚨',
    say: (release, target) => `${release} in ${target} is half-changed and needs a person`,
  },
  kept: { icon: '❌', say: (release, target) => `${release} failed in ${target} and was left as it is` },
  rejected: {
    icon: '⛔',
    say: (release, target, { mode, release: name }) => {
      if (mode === 'setup') return 'Helm was not installed'
      return mode === 'preview' && name === '' ? 'No preview was touched' : `${release} ${deeds[mode].not} ${target}`
    },
  },
  cancelled: {
    icon: '✋',
    say: (release, target, { mode }) =>
      `The ${deeds[mode].noun} of ${release} ${mode === 'deploy' ? 'to' : 'in'} ${target} was cancelled`,
  },
  'gone-back': {
    icon: '✅',
    say: (release, target, { undo }) => `${release} in ${target} is back on revision ${String(undo?.toRevision)}`,
  },
  'gone-back-drifted': {
    icon: '⚠️',
    say: (release, target, { undo }) =>
      `${release} in ${target} is back on revision ${String(undo?.toRevision)}, but not in everything`,
  },
  undoing: {
    icon: '⏳',
    say: (release, target, { previousRevision }) =>
      previousRevision === null
        ? `${release} was not installed in ${target} and is being removed again`
        : `${release} was not deployed to ${target} and is being rolled back`,
  },
  planned: { icon: '📝', say: (release, target, { changed }) => `${release} in ${target} ${planWords(changed)}` },
  recovered: { icon: '✅', say: (release, target) => `${release} in ${target} is in a good state again` },
  'not-removed': { icon: '🚨', say: (release, target) => `${release} is not removed from ${target}` },
  removed: { icon: '✅', say: (release, target) => `${release} is removed from ${target}` },
  installed: { icon: '✅', say: (_release, _target, { helm }) => `Helm ${helm?.version ?? ''} is installed` },
}

/** The first line of everything that we show, for each way a run can end. */
export function headline(report: Report, style: Style, verdict = verdictOf(report)): Headline {
  const { icon, say } = verdicts[verdict]
  if (report.sweep) return { icon, verdict: `Previews: ${countsOf(report.sweep)}`, cause: sweepCause(report, style) }
  const cause = succeeded(report) || report.status === 'cancelled' ? '' : style.prose(causeOf(report))
  return {
    icon,
    verdict: say(report.release === '' ? 'The release' : style.code(report.release), targetOf(report, style), report),
    cause,
  }
}

function sweepCause(report: Report, style: Style): string {
  return succeeded(report) ? '' : style.prose(report.reason)
}

/** `2 removed, 3 kept`. */
export function countsOf(entries: readonly SweptPreview[]): string {
  const told = outcomes.flatMap((outcome) => {
    const count = entries.filter((entry) => entry.outcome === outcome).length
    return count > 0 ? [`${count} ${outcome}`] : []
  })
  return told.length > 0 ? told.join(', ') : 'there are none'
}

/** How a run ended, to the word. */
export function verdictOf({
  status,
  rollback,
  mode,
  undo,
}: Pick<Report, 'status' | 'rollback' | 'mode' | 'undo'>): Verdict {
  if (undo?.action === 'remove' && status === 'rollback-failed') return 'not-removed'
  if (mode === 'rollback' && status === 'rolled-back') return rollback === 'drifted' ? 'gone-back-drifted' : 'gone-back'
  if (rollback !== 'drifted') return status
  if (status === 'rolled-back') return 'drifted'
  return status === 'uninstalled' ? 'leftovers' : status
}

/** Whether a word is one of ours. */
export function isVerdict(word: unknown): word is Verdict {
  return typeof word === 'string' && Object.hasOwn(verdicts, word)
}

/** ✅, ❌, ⛔ … */
export function iconOf(verdict: Verdict): string {
  return verdicts[verdict].icon
}

/** Verdict and cause without the icon. */
export function sentence({ verdict, cause }: Headline): string {
  return cause === '' ? verdict : `${verdict}: ${cause}`
}

/** Where the release lives: the environment if the workflow names one, else its namespace. */
export function targetOf(report: Report, style: Style): string {
  return report.environment === null ? `namespace ${style.code(report.namespace)}` : style.strong(report.environment)
}

/** What to do now, in one or two sentences; empty when there is nothing to do. */
export function nextStep(report: Report, style: Style): string {
  if (succeeded(report)) return ''
  if (report.status === 'cancelled') return 'Run the workflow again when it is time.'
  if (report.sweep)
    return `The next sweep tries again${report.undo?.commands.length ? ', and these commands may help it' : ''}.`
  if (report.status === 'rollback-failed') {
    const stuck = report.undo === null || report.undo.commands.length === 0
    return stuck
      ? 'Bring the release to a good state by hand, then deploy again.'
      : report.undo?.action === 'remove'
        ? 'Run these commands, then the workflow again:'
        : 'Run these commands, then deploy again:'
  }
  const advice = style.prose(firstAdvice(report))
  return advice === '' ? withoutAdvice(report, style) : advice.replace(/([^.!?…])$/u, '$1.')
}

/** The advice that `nextStep` gives: that of the first finding that has one, else the only remedy. Untrusted; empty when there is none. */
export function firstAdvice(report: Report): string {
  const [advice] = report.findings.flatMap((finding) => adviceOf(finding) ?? [])
  const problems = report.status === 'rejected' && report.findings.length === 0 ? report.problems : []
  return advice ?? (problems.length === 1 ? (problems[0]?.remedy ?? '') : '')
}

/** The advice of a finding; none to read a log whose decisive line is shown. */
export function adviceOf({ advice, evidence }: Finding): string | undefined {
  return advice === readTheLog && evidence.decisiveLine !== undefined ? undefined : advice
}

function withoutAdvice(report: Report, style: Style): string {
  const { status, problems } = report
  if (status === 'rejected') return `Correct ${problems.length > 1 ? 'these' : 'it'} and run the workflow again.`
  const back = backCommand(report)
  return back === null
    ? 'Fix the cause and deploy again.'
    : `Fix the cause and deploy again, or go back: ${style.code(back)}`
}

/** The command that takes back a failed deploy that was left as it is; null for every other. */
export function backCommand({ status, previousRevision, namespace, release }: Report): string | null {
  if (status !== 'kept' || previousRevision === null) return null
  return `helm -n ${namespace} rollback ${release} ${String(previousRevision)} --wait`
}

function planWords(changed: boolean | null): string {
  if (changed === null) return 'is planned'
  return changed ? 'would change' : 'would not change'
}
