// 9, 12, 13 and 15: GitHub, the disk, the permissions and etcd are not as one would like.
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { kubeconfigOfAccount } from '../../helpers/account.ts'
import type { Rule } from '../../helpers/account.ts'
import { startFaultyApi } from '../../helpers/faulty-api.ts'
import type { Fault } from '../../helpers/github/faults.ts'
import { temporaryDirectory } from '../../helpers/temporary.ts'
import { instanceOf } from '../../testbed/paths.ts'
import { findProcesses } from '../../testbed/processes.ts'
import type { Cell } from '../cell.ts'
import { fine, missing, waits } from '../charts.ts'
import { comes, shows } from '../moments.ts'
import type { Scene } from '../scene.ts'

const restored = { ends: ['before'] as const, status: ['rolled-back'] }
const deployed = { ends: ['new'] as const, status: ['deployed'] }

const days: [name: string, fault: Fault][] = [
  ['cuts every connection', { as: 'reset', times: Infinity }],
  ['answers 500', { as: 500, times: Infinity }],
  ['answers 503', { as: 503, times: Infinity }],
  ['answers 422 to the comment', { as: 422, times: Infinity, on: { method: 'POST', path: /comments/ } }],
  ['answers 429', { as: 'rate-limit', retryAfter: 60, times: Infinity }],
  ['answers 403, too many comments', { as: 'secondary-limit', retryAfter: 60, times: Infinity }],
  ['never answers', { as: 'stall', times: Infinity }],
  ['takes 5 s for each answer', { as: 'stall', ms: 5000, times: Infinity }],
]
const gitHub: Cell[] = [
  ...days.map(([phase, fault]): Cell => ({
    row: 13,
    fault: 'GitHub in the report',
    phase,
    prepare: async ({ github }) => github.fail(fault),
    deploy: missing,
    expect: restored,
  })),
  {
    row: 13,
    fault: 'GitHub in the report',
    phase: 'answers 401',
    deploy: missing,
    disturb: () => ({ token: 'nobody' }),
    expect: restored,
  },
  {
    row: 13,
    fault: 'GitHub in the report',
    phase: 'answers 403',
    deploy: missing,
    disturb: () => ({ token: 'reader' }),
    expect: restored,
  },
]

const all = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection']
const read = ['get', 'list', 'watch']
const rules = {
  core: { apiGroups: [''], resources: ['configmaps', 'services', 'serviceaccounts'], verbs: all },
  secrets: { apiGroups: [''], resources: ['secrets'], verbs: all },
  pods: { apiGroups: [''], resources: ['pods'], verbs: [...read, 'delete'] },
  logs: { apiGroups: [''], resources: ['pods/log'], verbs: ['get'] },
  events: { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: read },
  apps: { apiGroups: ['apps'], resources: ['deployments', 'replicasets'], verbs: all },
  batch: { apiGroups: ['batch'], resources: ['jobs'], verbs: all },
  leases: { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: all },
} satisfies Record<string, Rule>

const without = (...names: (keyof typeof rules)[]): Rule[] =>
  Object.entries(rules)
    .filter(([name]) => !names.some((other) => other === name))
    .map(([, rule]) => rule)
const account = (phase: string, allowed: Rule[], expect: Cell['expect']): Cell[] => {
  const configs = new WeakMap<Scene, string>()
  const cell = {
    row: 15,
    fault: 'permissions',
    prepare: async (scene: Scene) => configs.set(scene, await kubeconfigOfAccount(scene, allowed)),
    disturb: (scene: Scene) => ({ kubeconfig: configs.get(scene) }),
  }
  return [{ ...cell, phase, deploy: missing, expect }]
}
const namesOnly = [
  ...without('secrets'),
  { apiGroups: [''], resources: ['secrets'], verbs: ['get', 'create', 'update', 'patch', 'delete'] },
]
const permissions: Cell[] = [
  ...account('in the namespace only', without(), restored),
  ...account('no events', without('events'), restored),
  ...account('no logs', without('logs'), restored),
  ...account('no leases', without('leases'), restored),
  ...account('no list of secrets', namesOnly, { ends: ['before'], status: ['rejected'] }),
]

/** A disk of 512 KiB. */
function smallDisk(scene: Scene, option = 'size=512k'): string {
  const directory = temporaryDirectory('disk')
  execFileSync('mount', ['-t', 'tmpfs', '-o', option, 'tmpfs', directory])
  scene.after(() => execFileSync('umount', ['--lazy', directory]))
  return directory
}
function fill(directory: string): void {
  for (const size of [1024 * 1024, 64 * 1024, 4096, 512]) {
    for (let index = 0; index < 64; index += 1) {
      try {
        writeFileSync(join(directory, `filler-${size}-${index}`), Buffer.alloc(size))
      } catch {
        break
      }
    }
  }
}
const disks = new WeakMap<Scene, string>()
const onDisk = (scene: Scene): { env: Record<string, string> } => ({ env: { RUNNER_TEMP: disks.get(scene) ?? '' } })
const tellsDisk = ({ runs: [run] }: Scene): string[] => [
  ...(run?.conclusion === 'failure' ? [] : ['a run without a disk is green']),
  ...(/disk is full[\s\S]*RUNNER_TEMP/.test(run?.errors.join() ?? '') ? [] : [`the error is: ${run?.errors.join()}`]),
]
async function fullDisk(scene: Scene): Promise<void> {
  const directory = smallDisk(scene)
  disks.set(scene, directory)
  fill(directory)
}
const disk: Cell[] = [
  {
    row: 12,
    fault: 'disk full',
    phase: 'from the start',
    prepare: fullDisk,
    deploy: fine,
    disturb: onDisk,
    expect: { ends: ['before'], status: ['rejected'], noReport: true },
    check: tellsDisk,
  },
  {
    row: 12,
    fault: 'disk full',
    phase: 'from the start, and the outputs are on it',
    prepare: fullDisk,
    deploy: fine,
    disturb: (scene) => ({ ...onDisk(scene), filesIn: disks.get(scene) ?? '' }),
    expect: { ends: ['before'], noReport: true },
    check: tellsDisk,
  },
  {
    row: 12,
    fault: 'disk full',
    phase: 'as the lock is taken',
    prepare: async (scene) => disks.set(scene, smallDisk(scene, 'size=8m')),
    deploy: fine,
    disturb: async (scene) => {
      const line = await startFaultyApi(scene.testbed)
      scene.after(() => line.close())
      line.fail({ as: 'delay', ms: 1500, on: { method: 'POST', path: /leases/ } })
      void comes(scene, 'the lock', async () => line.requests().some(({ path }) => /leases/.test(path))).then(() =>
        fill(disks.get(scene) ?? ''),
      )
      return { ...onDisk(scene), kubeconfig: line.kubeconfig }
    },
    expect: { ends: ['before'], status: ['rejected'], noReport: true },
    check: tellsDisk,
  },
  {
    row: 12,
    fault: 'disk full',
    phase: 'once a bad revision is applied',
    prepare: async (scene) => disks.set(scene, smallDisk(scene, 'size=8m')),
    deploy: waits,
    inputs: { timeout: '15s' },
    disturb: onDisk,
    beside: async (scene) => {
      await comes(scene, 'the wait', shows.waiting(scene))
      fill(disks.get(scene) ?? '')
    },
    expect: { ends: ['before'], noReport: true },
  },
  {
    row: 12,
    fault: 'HOME read-only',
    phase: 'a good revision',
    prepare: async (scene) => disks.set(scene, smallDisk(scene, 'size=64k,ro')),
    deploy: fine,
    disturb: (scene) => ({ env: { HOME: disks.get(scene) ?? '' } }),
    expect: deployed,
  },
  {
    row: 12,
    fault: 'HOME read-only',
    phase: 'a bad revision',
    prepare: async (scene) => disks.set(scene, smallDisk(scene, 'size=64k,ro')),
    deploy: missing,
    disturb: (scene) => ({ env: { HOME: disks.get(scene) ?? '' } }),
    expect: restored,
  },
]

/** etcd stands still for most of the time, as on a disk that is too slow. */
async function slowEtcd(scene: Scene): Promise<void> {
  const etcd = findProcesses(instanceOf(scene.testbed.name)).find(({ program }) => program === 'etcd')
  if (etcd === undefined) throw new Error('etcd is not ours')
  scene.after(() => process.kill(etcd.pid, 'SIGCONT'))
  while (scene.runs.length === 0) {
    process.kill(etcd.pid, 'SIGSTOP')
    await sleep(900)
    process.kill(etcd.pid, 'SIGCONT')
    await sleep(300)
  }
}
const slow = { timeout: '90s', 'rollback-timeout': '90s' }
const etcd: Cell[] = [
  {
    row: 9,
    fault: 'etcd slow',
    phase: 'a good revision',
    deploy: fine,
    beside: slowEtcd,
    inputs: slow,
    expect: { ends: ['new', 'before'] },
    alone: true,
  },
  {
    row: 9,
    fault: 'etcd slow',
    phase: 'a bad revision',
    deploy: missing,
    beside: slowEtcd,
    inputs: slow,
    expect: { ends: ['before'] },
    alone: true,
  },
]

/** A server for Helm that takes a request and says nothing. */
const mute: Cell = {
  row: 1,
  fault: 'cancel',
  phase: 'download of Helm',
  deploy: fine,
  disturb: async (scene) => {
    const asked = { yes: false }
    const server = createServer(() => {
      asked.yes = true
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    scene.after(() => {
      server.closeAllConnections()
      server.close()
    })
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const cache = join(temporaryDirectory('tools'), 'cache')
    mkdirSync(cache)
    return {
      cancelWhen: { outside: () => asked.yes },
      env: { RUNNER_TOOL_CACHE: cache },
      inputs: { 'helm-version': 'v4.2.0', 'helm-download-url': url },
    }
  },
  expect: { ends: ['before'], status: ['cancelled'] },
}

export const surroundings: Cell[] = [mute, ...gitHub, ...permissions, ...disk, ...etcd]
