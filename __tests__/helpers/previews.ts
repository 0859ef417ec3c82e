// Runs of `mode: preview` on a stage, each by an event of a pull request.
import type { TestContext } from 'node:test'
import { pullRequestEvent } from './event.ts'
import type { KubeObject } from './cluster/api.ts'
import type { Pull } from './github/world.ts'
import { fixtureChart } from './helm.ts'
import type { RunOptions } from './runner.ts'
import type { Deployed, Stage } from './stage.ts'

/** Three commits of a pull request. */
export const commits = ['a', 'b', 'c'].map((letter) => letter.repeat(40)) as [string, string, string]

export type PreviewRun = {
  sha?: string
  number?: number
  headRef?: string
  title?: string
  /** What GitHub says instead, as when somebody has pushed or closed since. */
  pull?: Partial<Pull>
  inputs?: Record<string, string>
  options?: RunOptions
  /** The event: `pull_request` when left out. */
  event?: string
  /** When the event says that the pull request was changed, ISO 8601. */
  updatedAt?: string
  fork?: string
  label?: string
  sender?: string
}
export type Previews = {
  /** The namespace of pull request 7. */
  namespace: string
  path: string
  /** The inputs that every run has, whatever the event. */
  inputs: Record<string, string>
  /** Runs the action by an event; GitHub knows of it before. */
  on: (action: string, run?: PreviewRun) => Promise<Deployed>
  /** Runs the action without a pull request, as on a schedule. */
  sweep: (inputs?: Record<string, string>, event?: RunOptions['event']) => Promise<Deployed>
  /** The namespace of a pull request, 7 when left out. */
  live: (number?: number) => Promise<KubeObject | undefined>
}

/**
 * Previews whose namespaces begin with that of the stage; what is left of them goes with the test. A sweep sees all previews of its
 * repository: a test of one needs a `repo` that no other test has.
 */
export function previewsOn(stage: Stage, context: TestContext, repo = 'org/shop'): Previews {
  const namespace = `${stage.namespace}-7`
  const path = `/api/v1/namespaces/${namespace}`
  const pathOf = (number: number): string => `/api/v1/namespaces/${stage.namespace}-${number}`
  const seen = new Set([7])
  context.after(async () => {
    for (const number of seen) await stage.cluster.remove(pathOf(number))
  })
  const inputs = {
    mode: 'preview',
    release: 'pr-{{ pr }}',
    namespace: `${stage.namespace}-{{ pr }}`,
    chart: fixtureChart('settings'),
  }
  return {
    namespace,
    path,
    inputs,
    on(
      action,
      { sha = commits[0], number = 7, pull, inputs: more, options, event: name = 'pull_request', ...said } = {},
    ) {
      seen.add(number)
      const event = pullRequestEvent(repo, { action, headSha: sha, number, private: true, ...said })
      stage.github.setPull({
        number,
        state: action === 'closed' ? 'closed' : 'open',
        head: { ref: event.headRef, sha, ...(said.fork !== undefined && { repo: said.fork }) },
        ...pull,
      })
      return stage.deploy({ ...inputs, ...more }, { repo, event: { name, payload: event.payload }, ...options })
    },
    sweep: (more = {}, event = { name: 'schedule', payload: { schedule: '0 * * * *' } }) =>
      stage.deploy({ ...inputs, ...more }, { repo, event }),
    live: (number = 7) => stage.cluster.get(pathOf(number)),
  }
}
