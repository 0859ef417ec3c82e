// A storm of pull requests on one cluster: opened, pushed to, closed and reopened by chance, some runs cancelled, some lost with their
// runner, some events never heard of. Afterwards everybody pushes once more, one sweep goes over it, and exactly the open ones are there.
import { setTimeout as sleep } from 'node:timers/promises'
import { randomOf } from '../faults/seed.ts'
import { chartOf } from '../helpers/chart.ts'
import { openCluster, uniqueName } from '../helpers/cluster.ts'
import type { KubeObject } from '../helpers/cluster/api.ts'
import { pullRequestEvent } from '../helpers/event.ts'
import { startGitHub } from '../helpers/github/server.ts'
import { installation } from '../helpers/github/world.ts'
import { runAction } from '../helpers/runner.ts'
import type { ActionRun, RunOptions } from '../helpers/runner.ts'
import type { HelmMajor, Testbed } from '../helpers/testbed.ts'

export type Storm = { seed: number; pulls: number; seconds: number; atOnce: number }
export type Aftermath = {
  /** What does not hold; empty when all is well. */
  problems: string[]
  /** How many runs ended how. */
  told: Record<string, number>
  open: number
  lost: number
  /** What the sweep said. */
  swept: string
  log: string
}

type Pull = { number: number; isOpen: boolean; commit: number; isSettled: boolean; random: () => number }
type Fate = 'undisturbed' | 'cancelled' | 'lost'

/** Something in the namespace and something that no namespace takes along, both of which tell the commit. */
const chart = chartOf({
  inside: `apiVersion: v1
kind: ConfigMap
metadata: {name: inside}
data: {sha: "{{ .Values.sha }}"}`,
  outside: `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: "{{ .Release.Namespace }}", labels: {storm: "{{ .Values.storm }}"}}
rules: []`,
})

/** Lets a storm go over a cluster and tells what is not as it has to be; the same events for the same seed, not the same moments. */
export async function playStorm(storm: Storm, helm: HelmMajor, testbed: Testbed): Promise<Aftermath> {
  const cluster = openCluster(testbed.kubeconfig)
  const name = uniqueName('storm')
  const repo = `org/${name}`
  const attempts: Record<string, string> = {}
  const github = await startGitHub({ repo, private: true, tokens: { bot: installation() }, attempts })
  const pulls = Array.from({ length: storm.pulls }, (_, index): Pull => {
    return { number: index + 1, isOpen: false, commit: 0, isSettled: true, random: randomOf(storm.seed + index) }
  })
  const namespaceOf = ({ number }: Pull): string => `${name}-${number}`
  const shaOf = ({ number, commit }: Pull): string => (number * 10_000 + commit).toString(16).padStart(40, 'a')
  const told: Record<string, number> = {}
  const story: string[] = []
  const enter = gate(storm.atOnce)
  let runs = 0
  let lost = 0

  const act = (event: RunOptions['event'], options: RunOptions = {}): Promise<ActionRun> => {
    const runId = 5000 + runs++
    attempts[`${runId}/1`] = 'in_progress'
    return runAction({
      repo,
      runId,
      ...(event && { event }),
      apiUrl: github.url,
      path: [helm.dir],
      kubeconfig: testbed.kubeconfig,
      inputs: {
        mode: 'preview',
        chart,
        namespace: `${name}-{{ pr }}`,
        values: `{sha: "{{ sha }}", storm: ${name}}`,
        'helm-version': 'installed',
        timeout: '2m',
      },
      ...options,
    }).finally(() => {
      // Of a lost runner GitHub learns late: half of them it has not noticed yet.
      if (!options.noPost || runId % 2 === 0) attempts[`${runId}/1`] = 'completed'
    })
  }

  /** Something happens on GitHub. The run of it comes when it is its turn, and the pull request goes on meanwhile. */
  const happen = async (pull: Pull, action: string, fate: Fate): Promise<void> => {
    pull.isOpen = action !== 'closed'
    if (action === 'synchronize') pull.commit++
    const sha = shaOf(pull)
    const { number } = pull
    const event = pullRequestEvent(repo, { number, action, headSha: sha, private: true })
    github.setPull({ number, state: pull.isOpen ? 'open' : 'closed', head: { ref: event.headRef, sha } })
    pull.isSettled = false
    const afterMs = 200 + pull.random() * 2500
    const leave = await enter()
    const begun = Date.now()
    const when = { outside: () => Date.now() - begun >= afterMs }
    const run = await act(
      { name: 'pull_request', payload: event.payload },
      fate === 'lost'
        ? { killWhen: { when, who: 'both' }, noPost: true }
        : fate === 'cancelled'
          ? { cancelWhen: when }
          : {},
    ).finally(leave)
    const status = run.outputs['status'] ?? fate
    told[status] = (told[status] ?? 0) + 1
    story.push(`#${number} ${action} ${sha.slice(-6)} ${fate}: ${status} ${run.outputs['reason'] ?? ''}`)
    if (fate === 'undisturbed' && !['deployed', 'removed', 'rejected'].includes(status)) story.push(run.log)
    const isLatest = sha === shaOf(pull) && pull.isOpen === (action !== 'closed')
    if (isLatest && (status === 'deployed' || status === 'removed')) pull.isSettled = true
  }

  /** It is closed, and no run comes of it. */
  const closeUnheard = (pull: Pull): void => {
    pull.isOpen = false
    pull.isSettled = false
    github.setPull({ number: pull.number, state: 'closed' })
    story.push(`#${pull.number} closed, and the event is lost`)
    lost++
  }

  const live = async (pull: Pull, until: number): Promise<void> => {
    const { random } = pull
    const waiting: Promise<void>[] = []
    await sleep(random() * 3000)
    while (Date.now() < until) {
      const [choice, chance] = [random(), random()]
      const fate: Fate = chance < 0.1 ? 'lost' : chance < 0.2 ? 'cancelled' : 'undisturbed'
      const action = pull.isOpen ? (choice < 0.6 ? 'synchronize' : 'closed') : pull.commit > 0 ? 'reopened' : 'opened'
      if (action === 'closed' && random() < 0.3) closeUnheard(pull)
      else waiting.push(happen(pull, action, fate))
      // People do not wait for the runs of each other.
      if (random() < 0.7) await Promise.all(waiting)
      await sleep(random() * 2000)
    }
    if (pull.isOpen && random() < 0.5) closeUnheard(pull)
    await Promise.all(waiting)
  }

  try {
    const until = Date.now() + storm.seconds * 1000
    await Promise.all(pulls.map((pull) => live(pull, until)))
    // Whose last run was cut off pushes once more.
    const again = pulls.filter(({ isOpen, isSettled }) => isOpen && !isSettled)
    await Promise.all(again.map((pull) => happen(pull, 'synchronize', 'undisturbed')))
    const swept = await act({ name: 'schedule', payload: { schedule: '17 * * * *' } })
    story.push(`the sweep: ${swept.outputs['status']} ${swept.outputs['reason']}`)

    const open = pulls.filter(({ isOpen }) => isOpen)
    const problems: string[] = []
    const same = (what: string, found: string[], wanted: string[]): void => {
      const [have, need] = [new Set(found), new Set(wanted)]
      for (const one of have)
        if (!need.has(one)) problems.push(`${what} ${one} is left, and its pull request is closed`)
      for (const one of need)
        if (!have.has(one)) problems.push(`${what} ${one} is missing, and its pull request is open`)
    }
    const names = (objects: KubeObject[]): string[] =>
      objects.map(({ metadata }) => metadata.name).filter((one) => one.startsWith(`${name}-`))
    same('namespace', names(await cluster.list('/api/v1/namespaces')), open.map(namespaceOf))
    const roles = await cluster.list('/apis/rbac.authorization.k8s.io/v1/clusterroles')
    same('cluster role', names(roles), open.map(namespaceOf))
    for (const pull of open) {
      const map = await cluster.get(`/api/v1/namespaces/${namespaceOf(pull)}/configmaps/inside`)
      const sha = (map as { data?: { sha?: string } } | undefined)?.data?.sha
      if (sha !== shaOf(pull)) problems.push(`#${pull.number} shows ${sha}, and its commit is ${shaOf(pull)}`)
      const comments = github.comments(pull.number).length
      if (comments !== 1) problems.push(`#${pull.number} has ${comments} comments`)
    }
    if (swept.outputs['status'] !== 'removed') problems.push(`the sweep ended as ${swept.outputs['status']}`)
    if (github.violations().length > 0) problems.push(JSON.stringify(github.violations()))
    return {
      problems,
      told,
      open: open.length,
      lost,
      swept: swept.outputs['reason'] ?? '',
      log: `${story.join('\n')}\n${swept.log}`,
    }
  } finally {
    for (const pull of pulls) await cluster.remove(`/api/v1/namespaces/${namespaceOf(pull)}`)
    for (const pull of pulls)
      await cluster.remove(`/apis/rbac.authorization.k8s.io/v1/clusterroles/${namespaceOf(pull)}`)
    await github.close()
  }
}

/** Lets so many in at once; whoever comes later waits. Each gives what lets the next one in. */
function gate(size: number): () => Promise<() => void> {
  let free = size
  const waiting: (() => void)[] = []
  const leave = (): void => {
    const next = waiting.shift()
    if (next) next()
    else free++
  }
  return async () => {
    if (free > 0) free--
    else await new Promise<void>((resolve) => void waiting.push(resolve))
    return leave
  }
}
