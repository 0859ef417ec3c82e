// How long a verdict takes, class by class: from the moment at which the cluster has shown what the rule needs to the moment at which
// the process of Helm is gone, both seen from outside of the action; beside Helm's own atomic install and `kubectl rollout status`.
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { chartOf } from '../helpers/chart.ts'
import { openCluster, uniqueName } from '../helpers/cluster.ts'
import { runAction } from '../helpers/runner.ts'
import { temporaryDirectory } from '../helpers/temporary.ts'
import type { HelmMajor, Testbed } from '../helpers/testbed.ts'
import { percentile } from '../helpers/verdicts.ts'
import { withProgress } from '../testbed/progress.ts'
import { webhookDown } from '../helpers/webhook.ts'
import { failureClasses, namespaceFor, webhookLabel } from './classes.ts'
import { median } from './figure.ts'
import type { Figure } from './figure.ts'
import { measureOthers } from './others.ts'
import type { Case, Others } from './others.ts'
import { workflowRun } from './sides.ts'
import { openWatcher } from './watch.ts'
import type { Watcher } from './watch.ts'

type Sample = { name: string; verdictMs: number; seconds: number }

/** Deploys side by side, each of another class, so that few of them end at the same time. */
const sideBySide = 6

/** One figure a class: the 95th percentile of the time that a verdict takes. */
export async function benchVerdicts(
  testbed: Testbed,
  majors: readonly HelmMajor[],
  apiUrl: string,
  isQuick: boolean,
): Promise<Figure[]> {
  const cluster = openCluster(testbed.kubeconfig)
  const classes = failureClasses(testbed)
  const turns = Math.ceil((isQuick ? 4 : 20) / majors.length)
  const cases = classes.flatMap((failure) =>
    majors.map((helm) => ({ failure, helm, chart: chartOf(failure.templates) })),
  )
  await webhookDown(cluster, 'down', webhookLabel)
  const watcher = await openWatcher(testbed.kubeconfig)
  // A witness that is late itself makes verdicts look fast.
  const late = monitorEventLoopDelay({ resolution: 5 })
  late.enable()
  try {
    return await withProgress(`${cases.length * turns} failing installs of ${classes.length} classes`, async () => {
      const others = measureOthers(testbed, cases, isQuick ? 60 : 300)
      // It is awaited below; a failure before that must not end the process, which has a testbed to take down.
      others.catch(() => undefined)
      // Two dozen programs that start together would be in the way of the first verdicts.
      await sleep(20_000)
      const waiting = Array.from({ length: turns }, () => cases).flat()
      const samples: Sample[] = []
      const work = async (): Promise<void> => {
        for (let next = waiting.shift(); next; next = waiting.shift())
          samples.push(await measure(testbed, watcher, apiUrl, next))
      }
      await Promise.all(Array.from({ length: sideBySide }, work))
      const told = await others
      const busy = `the witness was late by ${Math.round(late.max / 1e6)} ms at most, at a load of ${Math.round(loadavg()[0] ?? 0)}`
      return classes.map(({ name }) =>
        figureOf(
          name,
          samples.filter((one) => one.name === name),
          told.get(name),
          busy,
        ),
      )
    })
  } finally {
    watcher.stop()
  }
}

async function measure(
  testbed: Testbed,
  watcher: Watcher,
  apiUrl: string,
  { failure, helm, chart }: Case,
): Promise<Sample> {
  const namespace = uniqueName('verdict')
  const cluster = openCluster(testbed.kubeconfig)
  await namespaceFor(cluster, namespace, failure)
  watcher.expect(namespace, failure.certain())
  const [directory, pidFile] = tellingHelm(helm)
  const start = Date.now()
  const ended = endOf(pidFile)
  const run = await runAction({
    ...workflowRun,
    apiUrl,
    path: [directory],
    kubeconfig: testbed.kubeconfig,
    inputs: { release: 'shop', namespace, chart, 'helm-version': 'installed', timeout: '5m', ...failure.inputs },
  })
  const found = (JSON.parse(run.outputs['failing-resources'] ?? '[]') as { class: string }[])[0]?.class
  const certainAt = watcher.certainAt(namespace)
  if (run.outputs['status'] !== 'uninstalled' || found !== failure.name || certainAt === null)
    throw new Error(`${failure.name}: ended as ${run.outputs['status']} ${found}, certain at ${certainAt}\n${run.log}`)
  await cluster.remove(`/api/v1/namespaces/${namespace}`)
  return { name: failure.name, verdictMs: (await ended) - certainAt, seconds: (Date.now() - start) / 1000 }
}

/** A helm that leaves the number of its process in a file when it upgrades. */
function tellingHelm({ dir }: HelmMajor): [directory: string, pidFile: string] {
  const directory = temporaryDirectory('pid')
  const pidFile = join(directory, 'pid')
  const script = `#!/bin/sh\n[ "$1" = upgrade ] && echo $$ >'${pidFile}'\nexec '${dir}/helm' "$@"\n`
  writeFileSync(join(directory, 'helm'), script)
  chmodSync(join(directory, 'helm'), 0o755)
  return [directory, pidFile]
}

/** When that process is gone, ms since 1970. */
async function endOf(pidFile: string): Promise<number> {
  while (!existsSync(pidFile)) await sleep(50)
  // The shell makes the file a moment before it writes to it.
  await sleep(50)
  const process = `/proc/${readFileSync(pidFile, 'utf8').trim()}`
  while (existsSync(process)) await sleep(5)
  return Date.now()
}

function figureOf(name: string, samples: readonly Sample[], others: Others | undefined, busy: string): Figure {
  const sorted = samples.map(({ verdictMs }) => verdictMs).toSorted((one, other) => one - other)
  const value = percentile(sorted, 95) / 1000
  const seconds = median(samples.map((sample) => sample.seconds))
  const beside = Object.entries(others ?? {}).map(([what, { text, seconds: theirs }]) =>
    theirs === null ? `${what} ${text}` : `${what} ${text} (${(seconds / theirs).toFixed(3)} ×)`,
  )
  return {
    what: `${name}, verdict to the end of Helm`,
    raw: null,
    action: median(sorted) / 1000,
    unit: 's',
    value,
    isRatio: false,
    atMost: 1,
    note: `${name}: ${sorted.length} verdicts, the 95th percentile is judged; the whole run took ${seconds.toFixed(1)} s; ${beside.join('; ')}; ${busy}`,
    samples: sorted.map((ms) => Math.round(ms)),
    beside: { action: seconds, ...others },
  }
}
