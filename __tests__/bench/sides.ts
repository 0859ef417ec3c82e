// The two sides of every comparison: Helm by itself, and the built action as the runner starts it.
import { readFileSync } from 'node:fs'
import { pullRequestEvent } from '../helpers/event.ts'
import type { GitHub } from '../helpers/github/server.ts'
import { startGitHub } from '../helpers/github/server.ts'
import { installation } from '../helpers/github/world.ts'
import { fixtureChart, runHelm } from '../helpers/helm.ts'
import type { HelmRun } from '../helpers/helm.ts'
import { runAction } from '../helpers/runner.ts'
import type { ActionRun } from '../helpers/runner.ts'
import type { HelmMajor, Testbed } from '../helpers/testbed.ts'

export type Sides = {
  raw: (deploy: Deploy, ...flags: string[]) => Promise<HelmRun>
  action: (deploy: Deploy, options?: { path?: string[]; isFailure?: boolean }) => Promise<ActionRun>
}
export type Deploy = { chart: string; namespace: string; helm: HelmMajor; values: Record<string, string> }

export const repo = 'org/shop'
const event = pullRequestEvent(repo, { private: true })
/** The workflow run that every measured run is of. */
export const workflowRun = { repo, event: { name: 'pull_request', payload: event.payload }, timeoutMs: 400_000 }

/** A GitHub whose pull request takes the action's comments, so that reporting is part of what is measured. */
export function benchGitHub(): Promise<GitHub> {
  const { number, headRef, headSha } = event
  const pulls = [{ number, head: { ref: headRef, sha: headSha } }]
  return startGitHub({ repo, private: true, pulls, tokens: { bot: installation() } })
}

/** Both sides on one testbed. A run that does not end as it should is an error: its time would mean nothing. */
export function openSides(testbed: Testbed, github: GitHub): Sides {
  return {
    async raw({ chart, namespace, helm, values }, ...flags) {
      const sets = Object.entries(values).flatMap(([key, value]) => ['--set', `${key}=${value}`])
      const args = ['upgrade', '--install', chart, fixtureChart(chart), '--namespace', namespace, '--create-namespace']
      return runHelm(helm.dir, testbed.kubeconfig, [...args, '--reset-values', ...sets, ...flags])
    },
    async action({ chart, namespace, helm, values }, { path = [], isFailure = false } = {}) {
      const run = await runAction({
        ...workflowRun,
        apiUrl: github.url,
        path: [...path, helm.dir],
        kubeconfig: testbed.kubeconfig,
        inputs: {
          release: chart,
          namespace,
          chart: fixtureChart(chart),
          set: Object.entries(values)
            .map(([key, value]) => `${key}=${value}`)
            .join('\n'),
          'helm-version': 'installed',
          timeout: '5m',
        },
      })
      const { status, rollback, 'comment-url': comment } = run.outputs
      const isExpected = isFailure
        ? status === 'rolled-back' && rollback === 'restored' && comment !== ''
        : status === 'deployed'
      if (!isExpected) throw new Error(`${namespace}: ended as ${status}, rollback ${rollback}\n${run.log}`)
      return run
    },
  }
}

/** Deploys with Helm alone and insists on success; gives the milliseconds that it took. */
export async function deployGood(sides: Sides, deploy: Deploy): Promise<number> {
  const { exitCode, stderr, wallMs } = await sides.raw(deploy, '--wait', '--timeout', '5m')
  if (exitCode !== 0) throw new Error(`${deploy.namespace}: the good revision does not deploy: ${stderr}`)
  return wallMs
}

/** CPU seconds of all children that this process has waited for, theirs included. */
export function childrenCpuSeconds(): number {
  return cpuSeconds(readFileSync('/proc/self/stat', 'utf8')).children
}

/** Reads a line of /proc/PID/stat: the process's own CPU seconds, and those of the children that it has waited for. */
export function cpuSeconds(stat: string): { own: number; children: number } {
  // After the name, which may hold anything: state, then numbers; times are in hundredths on every Linux that matters.
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number)
  const sum = (from: number): number => ((fields[from] ?? 0) + (fields[from + 1] ?? 0)) / 100
  return { own: sum(11), children: sum(13) }
}
