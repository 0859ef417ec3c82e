// What the testbed promises of itself: side by side, up twice is up once, and down leaves nothing, also after a crash.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { openCluster, until } from '../helpers/cluster.ts'
import { canRunNode } from './host.ts'
import { components } from './node.ts'
import { instanceOf, type Instance } from './paths.ts'
import { findProcesses } from './processes.ts'
import { holdingsOf, tracesOf } from './traces.ts'

const skip = canRunNode() ? false : 'a node of our own needs Linux and root'
const [crashed, other] = [instanceOf(`one-${process.pid}`), instanceOf(`two-${process.pid}`)]
const kubeconfigOf = ({ dir }: Instance): string => `${dir}/kubeconfig`
/** Those of the node itself. A pod's come and go, and so do the short-lived helpers that start and end it. */
const pids = (instance: Instance): string[] =>
  findProcesses(instance)
    .filter(({ program }) => components.includes(program))
    .map(({ pid, program }) => `${pid} ${program}`)

type Ended = { code: number | null; stdout: string; stderr: string }

function start(verb: string, { name }: Instance): ReturnType<typeof spawn> {
  const main = fileURLToPath(new URL('main.ts', import.meta.url))
  return spawn(process.execPath, [main, verb, '--name', name], { stdio: ['ignore', 'pipe', 'pipe'] })
}

async function testbed(verb: string, instance: Instance): Promise<Ended> {
  const child = start(verb, instance)
  const said = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name]?.setEncoding('utf8').on('data', (chunk: string) => (said[name] += chunk))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, ...said }
}

async function assertDown(instance: Instance): Promise<void> {
  const holdings = holdingsOf(instance)
  assert.notDeepEqual(await tracesOf(instance, holdings), [], 'what is looked for is there before')
  const { code, stderr } = await testbed('down', instance)
  assert.equal(code, 0, stderr)
  assert.deepEqual(await tracesOf(instance, holdings), [])
}

/** Runs a pod with a volume until its container is ready. */
async function runPod(instance: Instance, name: string): Promise<void> {
  const cluster = openCluster(kubeconfigOf(instance))
  const pods = '/api/v1/namespaces/default/pods'
  await cluster.create(pods, {
    metadata: { name },
    spec: {
      containers: [
        {
          name: 'app',
          image: 'testbed.local/app:1',
          args: ['serve'],
          volumeMounts: [{ name: 'data', mountPath: '/data' }],
        },
      ],
      volumes: [{ name: 'data', emptyDir: { medium: 'Memory' } }],
    },
  })
  await until(`pod ${name}`, async () => {
    const status = (await cluster.get(`${pods}/${name}`))?.['status'] as { phase?: string } | undefined
    return status?.phase === 'Running'
  })
}

test('testbeds', { skip, timeout: 300_000 }, async (context) => {
  context.after(() => Promise.all([crashed, other].map((instance) => testbed('down', instance))))
  const [first, second] = await Promise.all([testbed('up', crashed), testbed('up', other)])
  const times = [first, second].map(({ stderr }) => /: done in (\S+ \S+)\n/.exec(stderr.trimEnd() + '\n')?.[1])

  // The figure is told, not judged: how busy the machine is decides it.
  await context.test(`start two at a time, in ${times.join(' and ')}`, async () => {
    for (const [instance, { code, stdout, stderr }] of [
      [crashed, first],
      [other, second],
    ] as const) {
      assert.equal(code, 0, stderr)
      assert.equal(stdout.trimEnd().split('\n').at(-1), `KUBECONFIG=${kubeconfigOf(instance)}`)
    }
    const [one, two] = [holdingsOf(crashed), holdingsOf(other)]
    assert.notEqual(one.subnet, two.subnet)
    assert.equal(new Set([...one.ports, ...two.ports]).size, one.ports.length + two.ports.length)
    await Promise.all([runPod(crashed, 'before'), runPod(other, 'before')])
  })

  await context.test('are up once when they are asked for twice', async () => {
    const before = pids(other)
    const { code, stdout, stderr } = await testbed('up', other)
    assert.deepEqual([code, stdout, stderr], [0, `KUBECONFIG=${kubeconfigOf(other)}\n`, ''])
    assert.deepEqual(pids(other), before)
  })

  await context.test('leave nothing behind after their parts were killed, and do not disturb each other', async () => {
    const before = pids(other)
    const killed = ['etcd', 'kube-apiserver', 'containerd', 'kubelet']
    for (const { pid, program } of findProcesses(crashed)) if (killed.includes(program)) process.kill(pid, 'SIGKILL')
    await until('death', async () => !findProcesses(crashed).some(({ program }) => killed.includes(program)))
    const { code, stdout } = await testbed('status', crashed)
    assert.deepEqual([code, /: broken/.test(stdout)], [3, true], stdout)
    await assertDown(crashed)
    assert.deepEqual(pids(other), before)
    assert.equal((await testbed('status', other)).code, 0)
    await runPod(other, 'later')
  })

  await context.test('leave nothing behind after their start was killed', async () => {
    const up = start('up', crashed)
    await until('half of it', async () => findProcesses(crashed).some(({ program }) => program === 'kube-apiserver'))
    up.kill('SIGKILL')
    await once(up, 'exit')
    assert.ok(!existsSync(kubeconfigOf(crashed)), 'it was not up yet')
    await assertDown(crashed)
  })

  await context.test('leave nothing behind after a good life, and may be taken down twice', async () => {
    assert.deepEqual(
      components.filter((name) => !pids(other).some((found) => found.endsWith(` ${name}`))),
      [],
    )
    await assertDown(other)
    assert.equal((await testbed('down', other)).code, 0)
  })
})
