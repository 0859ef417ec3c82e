// The same failures with what people use without the action, all beside each other, since each waits for minutes and does nothing.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { openCluster, uniqueName } from '../helpers/cluster.ts'
import { runHelm } from '../helpers/helm.ts'
import type { HelmMajor, Testbed } from '../helpers/testbed.ts'
import { ensureTool } from '../testbed/cache.ts'
import { namespaceFor } from './classes.ts'
import type { FailureClass } from './classes.ts'

/** By program: what it took, in words, and in seconds; null where it notices nothing at all. */
export type Others = Record<string, { text: string; seconds: number | null }>

/** A class of failure, as that Helm deploys it. */
export type Case = { failure: FailureClass; helm: HelmMajor; chart: string }

/** What `--timeout 5m` allows. */
const fullTimeout = 300

/** Each class with each of them, by class. With a shorter timeout, what is left of five minutes is added, and said. */
export async function measureOthers(
  testbed: Testbed,
  cases: readonly Case[],
  timeout: number,
): Promise<Map<string, Others>> {
  const kubectl = join(await ensureTool('kubectl'), 'kubectl')
  const all = new Map<string, Others>()
  const tell = ({ name }: FailureClass, what: string, text: string, seconds: number | null): void => {
    all.set(name, { ...all.get(name), [what]: { text, seconds } })
  }
  const cluster = openCluster(testbed.kubeconfig)
  await Promise.all(
    cases.map(async ({ failure, helm, chart }, index) => {
      const namespace = uniqueName('raw')
      await namespaceFor(cluster, namespace, failure)
      const flags = [helm.major === 3 ? '--atomic' : '--rollback-on-failure', '--timeout', `${timeout}s`]
      const jobs = failure.inputs ? ['--wait-for-jobs'] : []
      const args = ['upgrade', '--install', 'shop', chart, '--namespace', namespace, ...flags, ...jobs]
      const helmRun = runHelm(helm.dir, testbed.kubeconfig, args)
      const isFirst = cases.findIndex((one) => one.failure === failure) === index
      const status = isFirst ? rolloutStatus(kubectl, testbed, { failure, helm, chart }, timeout) : null
      const [{ exitCode, wallMs }, looked] = await Promise.all([helmRun, status])
      if (exitCode === 0) throw new Error(`${failure.name}: Helm ${helm.major} deployed what should fail`)
      const [text, seconds] = fullTime(wallMs / 1000, timeout)
      tell(failure, `helm ${helm.major} ${flags[0]}`, text, seconds)
      if (!looked) return
      const what = 'kubectl rollout status'
      if (looked.exitCode === 0) tell(failure, what, 'calls it rolled out', null)
      else tell(failure, what, ...fullTime(looked.seconds, timeout))
    }),
  )
  return all
}

/** What gives up before the timeout has noticed something; what does not would have waited on. */
function fullTime(seconds: number, timeout: number): [text: string, seconds: number] {
  if (timeout === fullTimeout || seconds < timeout) return [`${seconds.toFixed(1)} s`, seconds]
  const full = seconds + fullTimeout - timeout
  return [`still waiting after ${timeout} s, so ${full.toFixed(1)} s with 5m`, full]
}

/** On a release of its own: Helm would take the Deployment away when it gives up. */
async function rolloutStatus(
  kubectl: string,
  testbed: Testbed,
  { failure, helm, chart }: Case,
  timeout: number,
): Promise<{ exitCode: number; seconds: number }> {
  const namespace = uniqueName('kubectl')
  await namespaceFor(openCluster(testbed.kubeconfig), namespace, failure)
  await runHelm(helm.dir, testbed.kubeconfig, ['upgrade', '--install', 'shop', chart, '--namespace', namespace])
  const start = performance.now()
  const child = spawn(
    kubectl,
    ['rollout', 'status', 'deployment/web', `--namespace=${namespace}`, `--timeout=${timeout}s`],
    { env: { PATH: '/usr/bin:/bin', HOME: testbed.dir, KUBECONFIG: testbed.kubeconfig }, stdio: 'ignore' },
  )
  const [code] = (await once(child, 'exit')) as [number | null]
  return { exitCode: code ?? 1, seconds: (performance.now() - start) / 1000 }
}
