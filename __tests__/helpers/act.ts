// Runs a real workflow file with act, without Docker, as a user's `uses: org/atomic-helm-action@v1` would run on GitHub.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { readActLog } from './act/log.ts'
import type { ActLog } from './act/log.ts'
import { createWorkspace, slimAction } from './act/workspace.ts'
import type { Contents } from './act/workspace.ts'
import { pullRequestEvent } from './event.ts'
import { temporaryDirectory } from './temporary.ts'

export type WorkflowOptions = Partial<Contents> & {
  event?: { name: string; payload: Record<string, unknown> }
  /** The action's directory, when it is not this repository. */
  action?: string
  apiUrl?: string
  token?: string
  /** Directories before the system's on PATH, such as one with helm in it. */
  path?: string[]
  kubeconfig?: string
  /** The workflow's `vars`. */
  vars?: Record<string, string>
  env?: Record<string, string>
  /** Directory with the act binary; `ATOMIC_TOOLS` when left out. */
  tools?: string
  timeoutMs?: number
  /** Sees each line that the steps print, as they come. */
  onLine?: (line: string) => void
}
export type WorkflowRun = ActLog & {
  /** act's verdict on the job. */
  success: boolean
  exitCode: number
  /** Of the step with the id `deploy`. */
  outputs: Record<string, string>
  outcome: string
  wallMs: number
}

/** Runs the workflow once and gives what came of it. */
export async function runWorkflow(options: WorkflowOptions = {}): Promise<WorkflowRun> {
  const repo = options.repo ?? 'org/shop'
  const workflow = options.workflow ?? 'deploy.yml'
  const workspace = createWorkspace({ repo, workflow, chart: options.chart ?? 'shop', files: options.files ?? {} })
  const event = options.event ?? { name: 'pull_request', payload: pullRequestEvent(repo).payload }
  const home = temporaryDirectory('act')
  const keep = join(home, 'keep')
  mkdirSync(keep)
  const eventFile = join(home, 'event.json')
  writeFileSync(eventFile, JSON.stringify(event.payload))
  const pairs = (flag: string, values: Record<string, string>): string[] =>
    Object.entries(values).flatMap(([name, value]) => [flag, `${name}=${value}`])
  const args = [
    event.name,
    '--json',
    `--workflows=.github/workflows/${workflow}`,
    `--eventpath=${eventFile}`,
    '--actor=dev',
    '--platform=ubuntu-latest=-self-hosted',
    '--no-cache-server',
    `--local-repository=org/atomic-helm-action@v1=${slimAction(options.action)}`,
    // A value on the command line could be read by anyone on the machine; without one act takes it from its environment.
    '--secret=GITHUB_TOKEN',
    ...(options.kubeconfig === undefined ? [] : ['--secret=KUBECONFIG']),
    ...pairs('--env', { GITHUB_API_URL: options.apiUrl ?? 'http://127.0.0.1:9', KEEP: keep, ...options.env }),
    ...pairs('--var', options.vars ?? {}),
  ]
  const start = performance.now()
  const { exitCode, output } = await run(findAct(options.tools), args, workspace, options, {
    PATH: [dirname(process.execPath), ...(options.path ?? []), '/usr/local/bin', '/usr/bin', '/bin'].join(delimiter),
    HOME: home,
    LANG: 'C.UTF-8',
    GITHUB_TOKEN: options.token ?? 'bot',
    ...(options.kubeconfig === undefined ? {} : { KUBECONFIG: options.kubeconfig }),
  })
  const kept = join(keep, 'steps.json')
  const steps = JSON.parse(existsSync(kept) ? readFileSync(kept, 'utf8') : '{}') as Record<
    string,
    { outcome: string; outputs: Record<string, string> }
  >
  return {
    ...readActLog(output),
    success: exitCode === 0,
    exitCode,
    outputs: steps['deploy']?.outputs ?? {},
    outcome: steps['deploy']?.outcome ?? 'missing',
    wallMs: Math.round(performance.now() - start),
  }
}

function findAct(tools = process.env['ATOMIC_TOOLS']): string {
  const found = [...(tools === undefined ? [] : [tools]), ...(process.env['PATH'] ?? '').split(delimiter)]
    .map((directory) => join(directory, 'act'))
    .find(existsSync)
  if (found === undefined) throw new Error('act is neither in ATOMIC_TOOLS nor on PATH')
  return found
}

async function run(
  command: string,
  args: string[],
  cwd: string,
  { timeoutMs = 300_000, onLine }: WorkflowOptions,
  env: Record<string, string>,
): Promise<{ exitCode: number; output: string }> {
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: timeoutMs })
  let output = ''
  let rest = ''
  const take = (chunk: string): void => {
    output += chunk
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    if (onLine !== undefined) for (const line of lines) readActLog(line).lines.forEach((text) => onLine(text))
  }
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', take)
  const [code] = (await once(child, 'close')) as [number | null]
  return { exitCode: code ?? 1, output }
}
