import { resourceKey } from '../health/finding.ts'
import { codeSpan, forMarkdown } from '../platform/untrusted.ts'
import { runLink } from './footer.ts'
import { addressLink, counted, duration, paragraphs } from './markdown.ts'
import type { Drift, Report, Status, UndoReport } from './model.ts'

/** Whether anything is down and what runs now, as Markdown: what a person who is woken up wants to know after the cause. */
export function situation(report: Report): string {
  // The table tells it all.
  if (report.sweep) return ''
  return situations[report.status](report)
}

/** The same while the undo runs. It has to be true also when nothing more is heard of the run. */
export function undoingSituation(report: Report): string {
  const { attemptedRevision, previousRevision } = report
  const run = runLink(report)
  const undo =
    previousRevision === null
      ? 'The failed first install is being removed'
      : `${revisionWords(attemptedRevision)} is being rolled back to ${revisionWords(previousRevision).toLowerCase()}`
  return paragraphs([
    `**${undo}**${run === '' ? '' : ` by ${run}`}.`,
    '<sub>What came of it will stand here. If it never does, that run was lost: the next deploy cleans up, or `mode: recover`.</sub>',
  ])
}

const situations: Readonly<Record<Status, (report: Report) => string>> = {
  deployed,
  'rolled-back': rolledBack,
  uninstalled,
  'rollback-failed': halfChanged,
  kept: (report) =>
    `**${revisionWords(report.revision)} runs, although it failed:** \`on-failure: keep\` undoes nothing.${lowest(report)}`,
  rejected: ({ previousRevision }) =>
    `**Nothing was touched.**${previousRevision === null ? '' : ` ${revisionWords(previousRevision)} stays as it is.`}`,
  cancelled,
  planned: ({ previousRevision }) =>
    `**Nothing was touched.** This is what a deploy would do${previousRevision === null ? '' : `; ${revisionWords(previousRevision).toLowerCase()} runs`}.`,
  recovered: ({ reason }) => forMarkdown(reason),
  removed: ({ reason }) => forMarkdown(reason),
  installed: ({ reason }) => forMarkdown(reason),
}

/** How many of the checked objects are as they were; null when nothing was checked. */
export function asBefore(undo: UndoReport | null): { readonly same: number; readonly of: number } | null {
  if (undo === null || undo.checkedObjects === 0) return null
  const known = new Set(
    undo.drifts.filter((drift) => countsAgainst(drift, undo)).map(({ object }) => resourceKey(object)),
  )
  return { same: Math.max(0, undo.checkedObjects - known.size), of: undo.checkedObjects }
}

/** After a rollback a left-over is none of the checked objects, which are those of the restored revision; after an uninstall it is. */
function countsAgainst({ kind }: Drift, { action }: UndoReport): boolean {
  return action === 'uninstall' || kind !== 'left-over'
}

/** One line for an object that is not as before, as Markdown. */
export function driftLine(drift: Drift): string {
  return `${driftObject(drift)}: ${driftWords[drift.kind]}${driftFields(drift)}`
}

/** One line for an object that is not as the deployed revision says, as Markdown. */
export function driftedLine(drift: Drift): string {
  return `${driftObject(drift)} ${drift.kind === 'missing' ? 'is missing' : `differs${driftFields(drift)}`}`
}

function driftObject({ object }: Drift): string {
  return `${forMarkdown(object.kind, 63)} ${codeSpan(object.name)}`
}

function driftFields({ details }: Drift): string {
  const fields = details
    .slice(0, 5)
    .map((detail) => forMarkdown(detail, 200))
    .join(', ')
  return fields === '' ? '' : ` (${fields})`
}

const driftWords: Readonly<Record<Drift['kind'], string>> = {
  missing: 'is missing',
  changed: 'differs from before',
  'left-over': 'was not there before',
  'not-ready': 'is not ready',
  recreated: 'was deleted and created anew',
  unverified: 'could not be checked',
}

function deployed(report: Report): string {
  const same = report.changed === false ? ', with the same manifest as before' : ''
  // A preview is there to be looked at.
  const where =
    report.mode === 'preview' && report.environmentUrl !== null
      ? ` at ${addressLink(forMarkdown(report.environmentUrl, 200), report.environmentUrl)}`
      : ''
  return `**${revisionWords(report.revision)} runs**${where}${same}.${lowest(report)}${answeredWords(report)}`
}

/** The link itself is in the small print. */
function answeredWords({ answered }: Report): string {
  if (answered === null) return ''
  const { url, status, tookMs, leadsTo } = answered
  const where = leadsTo === null ? '' : `, which leads to ${codeSpan(leadsTo, 160)}`
  return ` ${codeSpan(url, 160)} answers in ${duration(tookMs)}: ${String(status)}${where}.`
}

function rolledBack(report: Report): string {
  if (report.mode === 'rollback') return goneBack(report)
  const back = `Rolled back to ${revisionWords(report.undo?.toRevision ?? report.revision).toLowerCase()}${took(report.undo)}`
  const check = asBefore(report.undo)
  const counts = check === null ? '' : `: ${String(check.same)} of ${counted(check.of, 'object')} are as before`
  if (report.rollback === 'drifted')
    return `**Not everything is as before.** ${back} and checked${counts}.${lowest(report)}`
  return `${leadOf(report)} ${back} and checked${counts}.${lowest(report)}`
}

/** After a rollback by hand the measure is the revision that was asked for. */
function goneBack({ undo, rollback }: Report): string {
  const target = revisionWords(undo?.toRevision ?? null).toLowerCase()
  const check = asBefore(undo)
  const counts = check === null ? '' : ` and checked: ${String(check.same)} of ${counted(check.of, 'object')} are so`
  return `**${rollback === 'drifted' ? 'Not everything' : 'Everything'} is as ${target} says.** Rolled back${took(undo)}${counts}.`
}

function leadOf({ availability }: Report): string {
  if (availability === null || availability.wanted === 0) return '**Everything is as before.**'
  return availability.lowest === 0 ? '**Nothing is down now, but it was.**' : '**Nothing is down.**'
}

function uninstalled(report: Report): string {
  const check = asBefore(report.undo)
  const checked = check === null ? '' : `: ${String(check.same)} of ${counted(check.of, 'object')} are gone`
  const gone = `The failed first install was removed${took(report.undo)} and that was checked${checked}`
  if (report.rollback === 'drifted') return `**Something is left.** ${gone}.`
  const kept = report.notUndone.length === 0 ? '' : ' but what is listed as not undone'
  return `**Nothing was there before, and nothing is left${kept}.** ${gone}.`
}

function halfChanged(report: Report): string {
  const { undo } = report
  if (undo === null) return '**Nothing was undone:** there is no good revision to go back to.'
  if (undo.action === 'remove') return '**A part of the preview is still there.** Nothing else is touched.'
  const way =
    undo.action === 'rollback'
      ? `Going back to ${revisionWords(undo.toRevision).toLowerCase()} failed${report.mode === 'rollback' ? '' : ' too'}`
      : 'Removing the failed first install failed too'
  const why = undo.error === undefined ? '.' : `: ${forMarkdown(undo.error)}.`
  const check = asBefore(undo)
  const counts = check === null ? '' : ` ${String(check.same)} of ${counted(check.of, 'object')} are as before.`
  return `**It is between two revisions.** ${way}${why}${counts}${lowest(report)}`
}

function cancelled(report: Report): string {
  if (report.rollback === 'none')
    return `What it had begun is ${report.mode === 'deploy' || report.mode === 'preview' ? 'undone' : 'finished'} in the post step of this job.`
  if (report.rollback === 'failed') return halfChanged(report)
  return report.undo?.action === 'uninstall' ? uninstalled(report) : rolledBack(report)
}

function took(undo: UndoReport | null): string {
  return undo === null || undo.durationMs === 0 ? '' : ` in ${duration(undo.durationMs)}`
}

function lowest({ availability }: Report): string {
  if (availability === null || availability.wanted === 0) return ''
  const { lowest, wanted } = availability
  if (lowest >= wanted) return ` ${counted(wanted, 'replica')} stayed available throughout.`
  return ` At the lowest, ${String(lowest)} of ${counted(wanted, 'replica')} ${wanted === 1 ? 'was' : 'were'} available.`
}

function revisionWords(revision: number | null): string {
  return revision === null ? 'No revision' : `Revision ${String(revision)}`
}
