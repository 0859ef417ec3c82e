// `npm run diagnose -- report.json`: the findings of a run, judged again from nothing but the recording in its report.
import { readFileSync } from 'node:fs'
import { refText } from '../src/cluster/manifest.ts'
import { firstVerdict, judgeRecording } from '../src/health/replay.ts'
import type { Report } from '../src/report/model.ts'

const [path] = process.argv.slice(2)
if (!path) fail('usage: npm run diagnose -- report.json')
else diagnose(JSON.parse(readFileSync(path, 'utf8')) as Partial<Report>)

function diagnose({ timeline, findings: told = [] }: Partial<Report>): void {
  if (!timeline) return fail('This report holds no recording: nothing was watched, or it is of an older version')
  const { changes, dropped, end, endedAt } = timeline
  const begin = changes.find(({ kind }) => kind === 'begin')?.at ?? endedAt
  const after = (at: number): string => `${((at - begin) / 1000).toFixed(1)} s`
  console.log(`${changes.length} changes in ${after(endedAt)}${dropped > 0 ? `; ${dropped} more did not fit in` : ''}`)
  console.log(`ended: ${end ? end.kind : 'broken off'}`)
  const verdict = firstVerdict(timeline)
  console.log(
    verdict ? `first verdict after ${after(verdict.at)}: ${verdict.classes.join(', ')}` : 'no verdict before its end',
  )
  const found = judgeRecording(timeline)
  for (const { class: name, resource, cause, count, advice, evidence } of found) {
    console.log(`\n${name}: ${refText(resource)}: ${cause}${count > 1 ? ` (${count} pods)` : ''}`)
    if (evidence.decisiveLine) console.log(`  ${evidence.decisiveLine}`)
    if (advice) console.log(`  → ${advice}`)
  }
  const words = (list: readonly { class: string; resource: { kind: string; name: string } }[]): string =>
    list.map(({ class: name, resource }) => `${name} ${resource.kind}/${resource.name}`).join(', ')
  if (words(found) !== words(told)) console.log(`\nThe run itself found: ${words(told) || 'nothing'}`)
}

function fail(message: string): void {
  console.error(message)
  process.exitCode = 1
}
