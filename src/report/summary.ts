import { codeSpan, forMarkdown } from '../platform/untrusted.ts'
import { type Budget, fitSections, type Section } from './budget.ts'
import { type RenderOptions, reportSections } from './comment.ts'
import { summaryRoom } from './changes-section.ts'
import { applyEvidence } from './evidence.ts'
import { footer, runLink } from './footer.ts'
import { details, paragraphs } from './markdown.ts'
import { ganttChart } from './mermaid.ts'
import type { Report } from './model.ts'
import { phasesSection } from './sections.ts'
import { timelineOf } from './timeline.ts'

/** GitHub drops a step's summary over 1 MiB as a whole. */
export const summaryBudget: Budget = { chars: 1_000_000, bytes: 1_000_000 }

/** The job summary: what the comment says, the evidence of every finding, a picture of the time, the phases and what the run worked with; under 1 MB. */
export function renderSummary(report: Report, { evidence }: RenderOptions): string {
  const shown = applyEvidence(report, evidence)
  const sections: Section[] = [
    ...reportSections(shown, { evidence: shown.findings.length, changes: summaryRoom }),
    { priority: 3, text: footer(shown) },
    { priority: 6, text: picture(shown) },
    { priority: 6, text: details('Phases', phasesSection(shown)) },
    { priority: 7, text: details('Worked with', workedWith(shown)) },
  ]
  return `${fitSections(sections, summaryBudget, '<sub>Cut to fit a summary: the JSON report has all of it.</sub>')}\n`
}

/** What happened when, as a picture, with its moments in words for those who do not see it. */
function picture(report: Report): string {
  const bars = timelineOf(report)
  const moments = bars.filter(({ isMoment }) => isMoment).map(({ label, remark }) => `${label} ${remark}`)
  const words = ['Timeline', ...(moments.length > 0 ? [moments.join(', ')] : [])].join(': ')
  return bars.length === 0 ? '' : paragraphs([forMarkdown(words), ganttChart(bars)])
}

function workedWith({ cluster, helm, chart, run }: Report): string {
  const rows = [
    ...(cluster === null
      ? []
      : [
          `- cluster ${codeSpan(cluster.name)}, Kubernetes ${codeSpan(cluster.version)}, ${codeSpan(cluster.server)}`,
          `- as ${codeSpan(cluster.identity)}`,
        ]),
    ...(helm === null ? [] : [`- Helm ${codeSpan(helm.version)}`]),
    ...(chart?.digest == null ? [] : [`- chart digest ${codeSpan(chart.digest)}`]),
    ...(run.workflow === null ? [] : [`- workflow ${codeSpan(run.workflow)}, job ${codeSpan(run.job ?? '')}`]),
  ]
  return paragraphs([rows.join('\n'), runLink({ run } as Report)])
}
