import { fence, oneLine } from '../platform/untrusted.ts'
import type { Bar, Tone } from './timeline.ts'

/** Where time begins in the picture: a day on which no clock is put forward or back. */
const epoch = Date.UTC(2000, 0, 1)
const second = 1000
const hour = 3_600_000
/** The marks on the axis are these many seconds apart. */
const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600]
const mostMarks = 10
const labelChars = 40
/** A bar is at least this part of the whole wide, so that it is seen. */
const leastPart = 1 / 300

const tags: Readonly<Record<Tone, readonly string[]>> = { good: ['done'], bad: ['crit'], open: ['active'], plain: [] }

/** Words with which a line of a gantt chart is something else than a task (mermaid's gantt grammar). */
const keywords =
  /^(?:gantt|title|section|click|call|href|dateFormat|axisFormat|tickInterval|todayMarker|includes|excludes|inclusiveEndDates|topAxis|weekday|weekend|accTitle|accDescr|accDescription)\b/i

/**
 * The bars as a fenced mermaid gantt chart; empty without bars. Times are written as of one day and without a zone, so that every reader
 * sees them from 0 on, wherever they are.
 */
export function ganttChart(bars: readonly Bar[]): string {
  if (bars.length === 0) return ''
  const totalMs = Math.max(1, ...bars.map(({ endMs }) => endMs))
  const lines = [
    'gantt',
    'dateFormat YYYY-MM-DD HH:mm:ss.SSS',
    `axisFormat ${totalMs < hour ? '%M:%S' : '%H:%M:%S'}`,
    `tickInterval ${tickInterval(totalMs)}`,
    'todayMarker off',
    ...bars.flatMap((bar, index) => [
      ...(bar.section === bars[index - 1]?.section ? [] : [`section ${bar.section}`]),
      task(bar, totalMs),
    ]),
  ]
  return fence(lines, 'mermaid')
}

/** Text from outside as the name of a task: nothing but letters, digits and harmless marks, no keyword in front, at most 40 characters. */
export function inertLabel(text: string): string {
  const plain = oneLine(text, labelChars * 2)
    .replaceAll(/[^A-Za-z0-9 ._/()-]+/g, ' ')
    .replaceAll(/ {2,}/g, ' ')
    .trim()
  const short = plain.length > labelChars ? `${plain.slice(0, labelChars - 2).trimEnd()}..` : plain
  if (short === '') return 'unnamed'
  return /^[A-Za-z]/.test(short) && !keywords.test(short) ? short : `_${short.slice(0, labelChars - 1).trimEnd()}`
}

function task({ label, remark, startMs, endMs, tone, isMoment }: Bar, totalMs: number): string {
  const least = isMoment ? 0 : Math.ceil(totalMs * leastPart)
  const data = [
    ...(isMoment ? ['milestone'] : []),
    ...tags[tone],
    time(startMs),
    time(Math.max(endMs, startMs + least)),
  ]
  // In a picture nothing is wrapped, and its grammar is plain text.
  const told = remark.replaceAll('\u00A0', ' ')
  return `${[inertLabel(label), ...(told === '' ? [] : [told])].join(', ')} :${data.join(', ')}`
}

function time(ms: number): string {
  return new Date(epoch + Math.round(ms)).toISOString().replace('T', ' ').replace('Z', '')
}

function tickInterval(totalMs: number): string {
  const step =
    steps.find((one) => totalMs / (one * second) <= mostMarks) ?? Math.ceil(totalMs / hour / mostMarks) * 3600
  if (step < 60) return `${String(step)}second`
  return step < 3600 ? `${String(step / 60)}minute` : `${String(step / 3600)}hour`
}
