// Plays one cell with one Helm, from nothing to the judgement.
import { availableParallelism, loadavg } from 'node:os'
import type { RunOptions } from '../helpers/runner.ts'
import type { HelmMajor, Testbed } from '../helpers/testbed.ts'
import { cellName } from './cell.ts'
import type { Cell, Ending } from './cell.ts'
import { good, next } from './charts.ts'
import { judge } from './judge.ts'
import { openScene } from './scene.ts'
import type { Run, Scene } from './scene.ts'
import { watchHooks } from './witness.ts'

export type Result = {
  name: string
  passed: boolean
  /** How it ended, when it ended right. */
  ending: Ending | null
  problems: string[]
  ms: number
  /** Of every run: what the runner saw. */
  log: string
}

/** From the cancel the step itself has 7 s, and the release is consistent after a minute. */
const [stepMs, wholeMs] = [7000, 60_000]

/** On a machine with more than three processes in wait for each core no duration says anything. */
function isOverloaded(): boolean {
  return (loadavg()[0] ?? 0) > 3 * availableParallelism()
}

/** Plays a cell. */
export async function play(cell: Cell, helm: HelmMajor, testbed: Testbed, isBaseline: boolean): Promise<Result> {
  const start = Date.now()
  const scene = await openScene(testbed, helm, isBaseline)
  const problems: string[] = []
  let ending: Ending | null = null
  try {
    const witness = await act(cell, scene)
    const judged = await judge(scene, cell.expect)
    ending = judged.ending
    problems.push(...judged.problems, ...witness, ...((await cell.check?.(scene)) ?? []))
    if (!isBaseline) problems.push(...scene.runs.flatMap(cancelProblems))
  } catch (error) {
    problems.push(`it could not be played: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
  } finally {
    await scene.close()
  }
  const log = scene.runs.map(describeRun).join('\n\n')
  const passed = problems.length === 0
  return {
    name: cellName(cell, helm.major),
    passed,
    ending: passed ? ending : null,
    problems,
    ms: Date.now() - start,
    log,
  }
}

async function act(cell: Cell, scene: Scene): Promise<string[]> {
  const before = cell.good === undefined ? good() : cell.good
  if (before !== null) await scene.install(before)
  if (cell.keepsPicture) await scene.remember()
  await cell.prepare?.(scene)
  if (!cell.keepsPicture) await scene.remember()
  const options: RunOptions = (await cell.disturb?.(scene)) ?? {}
  const templates = typeof cell.deploy === 'function' ? cell.deploy(scene) : cell.deploy
  const witness = watchHooks(scene)
  const seen: string[] = []
  try {
    await Promise.all([scene.deploy(templates, cell.inputs, options), cell.beside?.(scene)])
    if (cell.next) {
      const more = cell.next === true ? {} : cell.next
      await more.before?.(scene)
      await scene.deploy(next, more.inputs)
    }
  } finally {
    seen.push(...(await witness.end()))
  }
  return seen
}

function cancelProblems({ main, post, afterCancelMs }: Run): string[] {
  if (afterCancelMs === undefined) return []
  const late = afterCancelMs > stepMs && !isOverloaded() ? [`the cancelled step took ${afterCancelMs} ms to leave`] : []
  const whole = afterCancelMs + (post?.wallMs ?? 0)
  const signals = main.signals.includes('SIGKILL') ? ['the cancelled step had to be killed'] : []
  return [
    ...late,
    ...signals,
    ...(whole > wholeMs && !isOverloaded() ? [`from the cancel to the end it took ${whole} ms`] : []),
  ]
}

/** A run as a person reads it who looks for what went wrong. */
export function describeRun({ conclusion, main, post, report, comment, orphans }: Run, index: number): string {
  return [
    `=== run ${index + 1}: ${conclusion}; main ended with ${main.exitCode} after ${main.wallMs} ms, signals ${main.signals.join() || 'none'}`,
    ...main.lines,
    ...(post
      ? [
          `--- post ended with ${post.exitCode} after ${post.wallMs} ms, signals ${post.signals.join() || 'none'}`,
          ...post.lines,
        ]
      : []),
    `--- report: ${JSON.stringify(report && { ...report, timeline: undefined, run: undefined })}`,
    `--- comment: ${comment.split('\n').slice(1, 6).join(' | ')}`,
    ...orphans.map(({ pid, command }) => `--- left running: ${pid} ${command}`),
  ].join('\n')
}
