// Opening and closing a preview, beside the same by hand: a namespace, `helm install --wait`, `helm uninstall --wait`, the namespace again.
import { openCluster } from '../helpers/cluster.ts'
import { pullRequestEvent } from '../helpers/event.ts'
import type { GitHub } from '../helpers/github/server.ts'
import { fixtureChart, runHelm } from '../helpers/helm.ts'
import { runAction } from '../helpers/runner.ts'
import type { HelmMajor, Testbed } from '../helpers/testbed.ts'
import { withProgress } from '../testbed/progress.ts'
import { median } from './figure.ts'
import type { Figure } from './figure.ts'
import { repo } from './sides.ts'
import { noteOf } from './successes.ts'

type Life = { opening: number; closing: number }
type Sample = { raw: Life; action: Life }

/** Two pods that are ready late: an install of some seconds, as a small application takes. */
const values = { slowStart: '5500ms' }

/** Wall time of opening and closing, in pairs that alternate who goes first; the action with all that it tells GitHub. */
export async function benchPreviews(
  testbed: Testbed,
  helm: HelmMajor,
  github: GitHub,
  pairs: number,
): Promise<Figure[]> {
  const sides = { raw: () => byHand(testbed, helm), action: () => byAction(testbed, helm, github) }
  const samples = await withProgress(`${pairs} pairs of previews with Helm ${helm.major}`, async () => {
    const all: Sample[] = []
    for (let pair = 0; pair < pairs; pair++) {
      const isRawFirst = pair % 2 === 0
      const first = await sides[isRawFirst ? 'raw' : 'action']()
      const second = await sides[isRawFirst ? 'action' : 'raw']()
      all.push(isRawFirst ? { raw: first, action: second } : { raw: second, action: first })
    }
    return all
  })
  const figure = (what: string, of: (life: Life) => number, atMost: number): Figure => {
    const raw = median(samples.map((sample) => of(sample.raw)))
    return {
      what: `${what} a preview in ${raw.toFixed(0)} s, Helm ${helm.major}`,
      raw,
      action: median(samples.map(({ action }) => of(action))),
      unit: 's',
      value: median(samples.map((sample) => of(sample.action) / of(sample.raw))),
      isRatio: true,
      atMost,
      note: noteOf(pairs),
      samples: samples.map((sample) => ({ raw: of(sample.raw), action: of(sample.action) })),
    }
  }
  return [figure('opening', ({ opening }) => opening, 1.15), figure('closing', ({ closing }) => closing, 1.2)]
}

async function byHand(testbed: Testbed, helm: HelmMajor): Promise<Life> {
  const cluster = openCluster(testbed.kubeconfig)
  const namespace = `by-hand-${helm.major}`
  const run = async (...args: string[]): Promise<void> => {
    const { exitCode, stderr } = await runHelm(helm.dir, testbed.kubeconfig, [...args, '--namespace', namespace])
    if (exitCode !== 0) throw new Error(`helm ${args[0]} failed: ${stderr}`)
  }
  const sets = Object.entries(values).flatMap(([key, value]) => ['--set', `${key}=${value}`])
  return {
    opening: await secondsOf(() =>
      run('upgrade', '--install', 'pr-7', fixtureChart('shop'), '--create-namespace', '--wait', ...sets),
    ),
    closing: await secondsOf(async () => {
      await run('uninstall', 'pr-7', '--wait')
      await cluster.deleteNamespace(namespace)
    }),
  }
}

async function byAction(testbed: Testbed, helm: HelmMajor, github: GitHub): Promise<Life> {
  const on = async (action: 'opened' | 'closed', status: string): Promise<void> => {
    const event = pullRequestEvent(repo, { action, private: true })
    const { number, headRef: ref, headSha: sha } = event
    github.setPull({ number, state: action === 'closed' ? 'closed' : 'open', head: { ref, sha } })
    const run = await runAction({
      repo,
      event: { name: 'pull_request', payload: event.payload },
      apiUrl: github.url,
      path: [helm.dir],
      kubeconfig: testbed.kubeconfig,
      inputs: {
        mode: 'preview',
        chart: fixtureChart('shop'),
        namespace: `by-action-${helm.major}-{{ pr }}`,
        set: Object.entries(values)
          .map(([key, value]) => `${key}=${value}`)
          .join('\n'),
        environment: 'preview',
        'helm-version': 'installed',
        timeout: '5m',
      },
    })
    if (run.outputs['status'] !== status) throw new Error(`${action}: ended as ${run.outputs['status']}\n${run.log}`)
  }
  return {
    opening: await secondsOf(() => on('opened', 'deployed')),
    closing: await secondsOf(() => on('closed', 'removed')),
  }
}

async function secondsOf(work: () => Promise<void>): Promise<number> {
  const begun = performance.now()
  await work()
  return (performance.now() - begun) / 1000
}
