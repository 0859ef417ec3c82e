import { codeSpan, forMarkdown } from '../platform/untrusted.ts'
import { shortDigests } from './headline.ts'
import { addressLink, duration, link } from './markdown.ts'
import type { Report } from './model.ts'

/** The small print in one line: chart and images old → new, revision, commit, actor, run, duration, cluster, and whose word it is. */
export function footer(report: Report): string {
  const parts = [
    chart(report),
    ...images(report),
    revisions(report),
    report.cluster === null ? '' : `cluster ${codeSpan(report.cluster.name, 80)}`,
    report.environment === null ? '' : `namespace ${codeSpan(report.namespace, 63)}`,
    report.run.sha === null ? '' : `commit ${codeSpan(report.run.sha.slice(0, 7))}`,
    report.run.actor === null ? '' : `by ${forMarkdown(report.run.actor, 60)}`,
    environmentLink(report),
    runLink(report),
    duration(report.durationMs),
    `atomic-helm-action ${report.version}`,
  ]
  return `<sub>${parts.filter((part) => part !== '').join(' · ')}</sub>`
}

/** The link to what is deployed; empty when nothing was. */
function environmentLink({ environmentUrl }: Report): string {
  return environmentUrl === null ? '' : addressLink('open the environment', environmentUrl)
}

/** The link to the workflow run; its number alone outside of GitHub. */
export function runLink({ run }: Report): string {
  if (run.number === null && run.url === null) return ''
  const attempt = run.attempt === null || run.attempt === '1' ? '' : ` attempt ${run.attempt}`
  return link(forMarkdown(`run ${run.number ?? ''}${attempt}`, 60), run.url)
}

function chart(report: Report): string {
  if (report.chart === null) return ''
  const { name, version, previousVersion } = report.chart
  return `chart ${codeSpan(`${name} ${change(previousVersion, version)}`.trim(), 120)}`
}

function images(report: Report): string[] {
  const shown = report.images
    .slice(0, 4)
    .map(({ before, after }) => `image ${codeSpan(change(shortImage(before), shortImage(after)), 160)}`)
  const rest = report.images.length - shown.length
  return rest > 0 ? [...shown, `${String(rest)} more images`] : shown
}

function revisions({ previousRevision, attemptedRevision, revision, undo }: Report): string {
  if (attemptedRevision === null) return revision === null ? '' : `revision ${String(revision)}`
  const attempted = `revision ${String(attemptedRevision)}`
  if (undo?.action === 'rollback' && undo.error === undefined) {
    const record = revision === null || revision === undo.toRevision ? '' : ` (as ${String(revision)})`
    return `${attempted} → back on ${String(undo.toRevision)}${record}`
  }
  return previousRevision === null ? attempted : `revision ${String(previousRevision)} → ${String(attemptedRevision)}`
}

function change(before: string | null, after: string | null): string {
  if (before === after || before === null) return after ?? ''
  return `${before} → ${after ?? 'none'}`
}

/** `registry/team/shop:1.2` → `shop:1.2`: enough to recognise. */
function shortImage(image: string | null): string | null {
  if (image === null) return null
  return shortDigests(image.slice(image.lastIndexOf('/') + 1))
}
