// Runs an action the way GitHub's runner does: main, then post, in a bare environment, with its files and commands.
import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findCommands } from './runner/commands.ts'
import type { Command } from './runner/commands.ts'
import { defaultStep, readAction, stepEnvironment } from './runner/environment.ts'
import type { Step } from './runner/environment.ts'
import { createFiles, readFiles } from './runner/files.ts'
import type { FileCommands } from './runner/files.ts'
import { endOrphans, findOrphans } from './runner/orphans.ts'
import type { Orphan } from './runner/orphans.ts'
import { runProcess } from './runner/process.ts'
import type { Ended, Victim } from './runner/process.ts'
import type { When } from './runner/moment.ts'
import { temporaryDirectory } from './temporary.ts'

export type RunOptions = Partial<Step> & {
  /** Directory with action.yml; this repository when left out. */
  action?: string
  /** Run the post step too, as the runner does; true when left out. */
  post?: boolean
  /** Cancel the job while main runs: SIGINT to its node and nothing else, 7.5 s later SIGTERM, 2.5 s later SIGKILL. */
  cancelWhen?: When
  /** Once more SIGINT after the cancel, to the node that runs then, be it that of main or of post. */
  cancelTwiceWhen?: When
  /** SIGKILL out of the blue, while main runs unless it says `post`. */
  killWhen?: { when: When; who: Victim; in?: 'main' | 'post' }
  /** What a step has started dies with it; when left out it lives on until the job ends, as on GitHub's runner. */
  childrenDie?: boolean
  /** The runner is lost: nothing happens any more after main, and no process is left. */
  noPost?: boolean
  /** Post is cut off after so many ms. */
  postKillAfterMs?: number
  /** So long after a cancel the job is over, whatever runs; the 5 minutes of GitHub when left out. */
  cancelLimitMs?: number
  /** Where the runner's files for outputs and the like are; each phase has a folder of its own when left out. */
  filesIn?: string
  timeoutMs?: number
}
export type Annotation = { level: 'error' | 'warning' | 'notice'; title: string; message: string }
export type Phase = Ended &
  FileCommands & {
    commands: Command[]
    annotations: Annotation[]
    masks: string[]
    /** Commands in the old form, which nobody writes on purpose any more: foreign text that reached the log raw. */
    injected: Command[]
  }
export type ActionRun = {
  conclusion: 'success' | 'failure' | 'cancelled'
  exitCode: number
  outputs: Record<string, string>
  /** Main's and post's together, as the run's page shows them. */
  summary: string
  annotations: Annotation[]
  errors: string[]
  warnings: string[]
  masks: string[]
  injected: Command[]
  /** The whole log, post included. */
  log: string
  wallMs: number
  cpuSeconds: number
  /** How long the step itself lived on after the cancel. */
  afterCancelMs: number | undefined
  main: Phase
  post: Phase | undefined
  /** What still ran when the job was over; it is ended then. */
  orphans: Orphan[]
  temp: string
  workspace: string
}

const repository = fileURLToPath(new URL('../..', import.meta.url))

const githubLimitMs = 5 * 60_000

/** Runs the action once. */
export async function runAction(options: RunOptions = {}): Promise<ActionRun> {
  const { action: directory = repository, post: withPost = true, timeoutMs = 180_000, ...rest } = options
  const {
    cancelWhen,
    cancelTwiceWhen,
    killWhen,
    childrenDie,
    noPost,
    postKillAfterMs,
    cancelLimitMs,
    filesIn,
    ...given
  } = rest
  const action = readAction(directory)
  const home = temporaryDirectory('runner')
  const workspace = given.workspace ?? join(home, 'work')
  mkdirSync(workspace, { recursive: true })
  const step: Step = { ...defaultStep(workspace), ...given }
  const trackingId = `github_${randomUUID()}`
  const environment: Record<string, string> = { ...stepEnvironment(action, step, home), RUNNER_TRACKING_ID: trackingId }

  const phase = async (
    name: 'main' | 'post',
    script: string,
    extra: Record<string, string>,
    limits: { limitMs?: number; cancelTwiceWhen: When | undefined; isCancelled: boolean },
  ): Promise<Phase> => {
    const scratch = join(home, name)
    mkdirSync(scratch)
    const files = createFiles(filesIn ?? scratch, name)
    const ended = await runProcess({
      script,
      cwd: workspace,
      env: { ...environment, ...files, ...extra },
      scratch,
      timeoutMs,
      cancelWhen: name === 'main' ? cancelWhen : undefined,
      killWhen: (killWhen?.in ?? 'main') === name ? killWhen : undefined,
      limitMs: limits.limitMs,
      cancelTwiceWhen: limits.cancelTwiceWhen,
      isCancelled: limits.isCancelled,
    })
    if (childrenDie === true) endOrphans(findOrphans(trackingId))
    return { ...ended, ...readFiles(files), ...readLog(ended.lines) }
  }
  try {
    const main = await phase('main', join(directory, action.runs.main), {}, { cancelTwiceWhen, isCancelled: false })
    const postScript = withPost && noPost !== true ? action.runs.post : undefined
    const left = main.cancelled ? (cancelLimitMs ?? githubLimitMs) - (main.afterCancelMs ?? 0) : Infinity
    const limitMs = Math.min(left, postKillAfterMs ?? Infinity)
    const isTwice = main.signals.filter((name) => name === 'SIGINT').length > 1
    const limits = {
      ...(limitMs < Infinity ? { limitMs } : {}),
      cancelTwiceWhen: isTwice ? undefined : cancelTwiceWhen,
      isCancelled: main.cancelled,
    }
    const post =
      postScript === undefined
        ? undefined
        : await phase('post', join(directory, postScript), stateVariables(main), limits)
    const orphans = findOrphans(trackingId)
    return { ...together(main, post), orphans, temp: environment['RUNNER_TEMP'] ?? '', workspace }
  } finally {
    endOrphans(findOrphans(trackingId))
  }
}

/** What main has saved for post: the runner still obeys the commands of old, which anything printed can be; the file wins. */
function stateVariables({ commands, state }: Phase): Record<string, string> {
  const printed = commands.flatMap(({ name, properties, data }): [string, string][] =>
    name === 'save-state' && properties['name'] ? [[properties['name'], data]] : [],
  )
  const saved = { ...Object.fromEntries(printed), ...state }
  return Object.fromEntries(Object.entries(saved).map(([name, value]) => [`STATE_${name}`, value]))
}

function readLog(lines: string[]): Pick<Phase, 'commands' | 'annotations' | 'masks' | 'injected'> {
  const commands = findCommands(lines)
  const named = (name: string): Command[] => commands.filter((command) => command.name === name)
  return {
    commands,
    annotations: (['error', 'warning', 'notice'] as const).flatMap((level) =>
      named(level).map(({ properties, data }) => ({ level, title: properties['title'] ?? '', message: data })),
    ),
    masks: named('add-mask').map(({ data }) => data),
    injected: commands.filter(({ legacy }) => legacy),
  }
}

function together(main: Phase, post: Phase | undefined): Omit<ActionRun, 'orphans' | 'temp' | 'workspace'> {
  const phases = post === undefined ? [main] : [main, post]
  const all = <Item>(pick: (phase: Phase) => Item[]): Item[] => phases.flatMap(pick)
  const annotations = all((phase) => phase.annotations)
  const messages = (level: Annotation['level']): string[] =>
    annotations.filter((annotation) => annotation.level === level).map(({ message }) => message)
  const failed = phases.some(({ exitCode, problems }) => exitCode !== 0 || problems.length > 0)
  return {
    conclusion: main.cancelled ? 'cancelled' : failed ? 'failure' : 'success',
    exitCode: main.exitCode,
    outputs: main.outputs,
    summary: all(({ summary }) => [summary]).join(''),
    annotations,
    errors: messages('error'),
    warnings: messages('warning'),
    masks: all(({ masks }) => masks),
    injected: all(({ injected }) => injected),
    log: all(({ lines }) => lines).join('\n'),
    wallMs: phases.reduce((sum, { wallMs }) => sum + wallMs, 0),
    cpuSeconds: phases.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
    afterCancelMs: main.afterCancelMs,
    main,
    post,
  }
}
