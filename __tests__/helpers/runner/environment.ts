// The environment that a step gets: what the runner sets, and nothing of the machine that runs the tests.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { parse } from 'yaml'
import { pullRequestEvent } from '../event.ts'

export type ActionFile = {
  inputs: Record<string, { default?: string | number | boolean; required?: boolean }>
  runs: { using: string; main: string; post?: string }
}
export type Step = {
  inputs: Record<string, string>
  token: string
  apiUrl: string
  /** `owner/name` */
  repo: string
  event: { name: string; payload: Record<string, unknown> }
  sha: string
  ref: string
  actor: string
  runId: number
  runAttempt: number
  workspace: string
  /** Directories before the system's on PATH, such as one with helm in it. */
  path: string[]
  kubeconfig: string | undefined
  env: Record<string, string>
}

/** A step of a pull request's workflow; a test says only what differs. */
export function defaultStep(workspace: string): Step {
  const repo = 'org/shop'
  const { headSha, payload } = pullRequestEvent(repo)
  return {
    inputs: {},
    token: 'bot',
    apiUrl: 'http://127.0.0.1:9',
    repo,
    event: { name: 'pull_request', payload },
    sha: headSha,
    ref: 'refs/pull/7/merge',
    actor: 'dev',
    runId: 1234,
    runAttempt: 1,
    workspace,
    path: [],
    kubeconfig: undefined,
    env: {},
  }
}

/** Reads the metadata of the action in a directory. */
export function readAction(directory: string): ActionFile {
  const { inputs, runs } = parse(readFileSync(join(directory, 'action.yml'), 'utf8')) as Partial<ActionFile>
  if (runs === undefined) throw new Error(`${directory}/action.yml has no runs`)
  return { inputs: inputs ?? {}, runs }
}

/** The variables of a step, and the files they name. */
export function stepEnvironment(action: ActionFile, step: Step, home: string): Record<string, string> {
  const temp = join(home, '_temp')
  const toolCache = join(home, '_tool')
  const eventPath = join(temp, '_github_workflow', 'event.json')
  for (const directory of [dirname(eventPath), toolCache]) mkdirSync(directory, { recursive: true })
  writeFileSync(eventPath, JSON.stringify(step.event.payload))
  const server = 'https://github.com'
  return {
    PATH: [dirname(process.execPath), ...step.path, '/usr/local/bin', '/usr/bin', '/bin'].join(delimiter),
    HOME: home,
    LANG: 'C.UTF-8',
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_ACTION: 'deploy',
    GITHUB_ACTION_REPOSITORY: 'org/atomic-helm-action',
    GITHUB_ACTION_REF: 'v1',
    GITHUB_ACTOR: step.actor,
    GITHUB_TRIGGERING_ACTOR: step.actor,
    GITHUB_API_URL: step.apiUrl,
    GITHUB_GRAPHQL_URL: `${step.apiUrl}/graphql`,
    GITHUB_SERVER_URL: server,
    GITHUB_EVENT_NAME: step.event.name,
    GITHUB_EVENT_PATH: eventPath,
    GITHUB_JOB: 'deploy',
    GITHUB_REF: step.ref,
    GITHUB_REF_NAME: step.ref.replace(/^refs\/(heads|tags|pull)\//, ''),
    GITHUB_REPOSITORY: step.repo,
    GITHUB_REPOSITORY_OWNER: step.repo.split('/')[0] ?? '',
    GITHUB_RUN_ATTEMPT: String(step.runAttempt),
    GITHUB_RUN_ID: String(step.runId),
    GITHUB_RUN_NUMBER: '41',
    GITHUB_SHA: step.sha,
    GITHUB_WORKFLOW: 'Deploy',
    GITHUB_WORKFLOW_REF: `${step.repo}/.github/workflows/deploy.yml@${step.ref}`,
    GITHUB_WORKSPACE: step.workspace,
    RUNNER_ARCH: process.arch.toUpperCase(),
    RUNNER_ENVIRONMENT: 'self-hosted',
    RUNNER_NAME: 'test-runner',
    RUNNER_OS: process.platform === 'darwin' ? 'macOS' : 'Linux',
    RUNNER_TEMP: temp,
    RUNNER_TOOL_CACHE: toolCache,
    ...(step.kubeconfig === undefined ? {} : { KUBECONFIG: step.kubeconfig }),
    ...inputVariables(action, step),
    ...step.env,
  }
}

/** `INPUT_*` for every input that is declared or given; dashes stay, spaces become underscores. */
function inputVariables(action: ActionFile, step: Step): Record<string, string> {
  const defaults = Object.fromEntries(
    Object.entries(action.inputs).map(([name, input]) => [name, evaluate(String(input.default ?? ''), step)]),
  )
  return Object.fromEntries(
    Object.entries({ ...defaults, ...step.inputs }).map(([name, value]) => [
      `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`,
      value,
    ]),
  )
}

function evaluate(value: string, step: Step): string {
  const result = value.replaceAll(/\$\{\{\s*github\.token\s*\}\}/g, step.token)
  if (result.includes('${{')) throw new Error(`the fake runner cannot evaluate the default ${value}`)
  return result
}
