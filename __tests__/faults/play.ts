// Plays one cell with one Helm, from nothing to the judgement.
import { availableParallelism, loadavg } from 'node:os'
import type { RunOptions } from '../helpers/runner.ts'
import { openStream } from '../helpers/stream.ts'
import type { Stream } from '../helpers/stream.ts'
import type { HelmMajor, Testbed } from '../helpers/testbed.ts'
import { cellName, Unplayed } from './cell.ts'
import type { Cell, Ending } from './cell.ts'
import { good, next } from './charts.ts'
import { judge } from './judge.ts'
import { openScene } from './scene.ts'
import type { Run, Scene } from './scene.ts'
import { watchHooks } from './witness.ts'

export type Result = {
  name: string
  passed: boolean
  /** False when the stage could not be set, or the fault did not come in time: then it says nothing. */
  wasPlayed: boolean
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

const tries = 3

/** Plays a cell; again when it could not be played. */
export async function play(cell: Cell, helm: HelmMajor, testbed: Testbed, isBaseline: boolean): Promise<Result> {
  for (let turn = 1; ; turn += 1) {
    const result = await playOnce(cell, helm, testbed, isBaseline)
    if (result.wasPlayed || turn === tries) return result
  }
}

async function playOnce(cell: Cell, helm: HelmMajor, testbed: Testbed, isBaseline: boolean): Promise<Result> {
  const start = Date.now()
  const scene = await openScene(testbed, helm, isBaseline)
  const problems: string[] = []
  let [ending, wasPlayed]: [Ending | null, boolean] = [null, true]
  try {
    const witness = await act(cell, scene)
    const judged = await judge(scene, cell.expect)
    ending = judged.ending
    problems.push(...judged.problems, ...witness, ...((await cell.check?.(scene)) ?? []))
    if (!isBaseline) problems.push(...scene.runs.flatMap(cancelProblems))
  } catch (error) {
    wasPlayed = !(error instanceof Unplayed)
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    problems.push(wasPlayed ? text : `it could not be played: ${text}`)
  } finally {
    await scene.close()
  }
  const passed = problems.length === 0
  return {
    name: cellName(cell, helm.major),
    passed,
    wasPlayed,
    ending: passed ? ending : null,
    problems,
    ms: Date.now() - start,
    log: scene.runs.map(describeRun).join('\n\n'),
  }
}

/** From the good revision to the end of the last run; gives what the witness has seen. */
async function act(cell: Cell, scene: Scene): Promise<string[]> {
  const options = await setUp(cell, scene).catch((error: unknown) => {
    throw new Unplayed('the stage cannot be set', { cause: error })
  })
  const templates = typeof cell.deploy === 'function' ? cell.deploy(scene) : cell.deploy
  const witness = watchHooks(scene)
  const hasStream = cell.stream ?? cell.good === undefined
  const stream = hasStream && (await openStream(scene.cluster, scene.namespace, 'web'))
  const seen: string[] = []
  try {
    const [run] = await Promise.all([scene.deploy(templates, cell.inputs, options), cell.beside?.(scene)])
    const came = [...run.main.came, ...(run.post?.came ?? [])]
    if ((options.cancelWhen && !came.includes('cancel')) || (options.killWhen && !came.includes('kill')))
      throw new Unplayed('the moment for the fault did not come')
    if (cell.next) {
      const more = cell.next === true ? {} : cell.next
      await more.before?.(scene)
      await scene.deploy(next, more.inputs)
    }
  } finally {
    seen.push(...(await witness.end()), ...(stream ? await streamProblems(stream) : []))
  }
  return seen
}

async function streamProblems(stream: Stream): Promise<string[]> {
  const lost = await stream.end()
  if (stream.answered() === 0) return ['no request was answered']
  const count = `${lost.length} requests were lost, ${stream.answered()} were answered`
  return lost.length === 0 ? [] : [count, ...lost.slice(0, 5)]
}

async function setUp(cell: Cell, scene: Scene): Promise<RunOptions> {
  const before = cell.good === undefined ? good() : cell.good
  if (before !== null) await scene.install(before)
  if (cell.keepsPicture) await scene.remember()
  await cell.prepare?.(scene)
  if (!cell.keepsPicture) await scene.remember()
  return (await cell.disturb?.(scene)) ?? {}
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
