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
}
export type Previews = {
  /** The namespace of pull request 7. */
  namespace: string
  path: string
  /** The inputs that every run has, whatever the event. */
  inputs: Record<string, string>
  /** Runs the action by an event; GitHub knows of it before. */
  on: (action: string, run?: PreviewRun) => Promise<Deployed>
  live: () => Promise<KubeObject | undefined>
}

/** Previews whose namespaces begin with that of the stage; what is left of that of pull request 7 goes with the test. */
export function previewsOn(stage: Stage, context: TestContext): Previews {
  const namespace = `${stage.namespace}-7`
  const path = `/api/v1/namespaces/${namespace}`
  context.after(() => stage.cluster.remove(path))
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
    on(action, { sha = commits[0], number = 7, headRef, title, pull, inputs: more, options } = {}) {
      const event = pullRequestEvent('org/shop', {
        action,
        headSha: sha,
        number,
        private: true,
        ...(headRef === undefined ? {} : { headRef }),
        ...(title === undefined ? {} : { title }),
      })
      stage.github.setPull({
        number,
        state: action === 'closed' ? 'closed' : 'open',
        head: { ref: event.headRef, sha },
        ...pull,
      })
      return stage.deploy(
        { ...inputs, ...more },
        { event: { name: 'pull_request', payload: event.payload }, ...options },
      )
    },
    live: () => stage.cluster.get(path),
  }
}
