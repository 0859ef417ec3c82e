// The lock against the real API server: what it takes, refuses and tells is its own.
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openCluster, uniqueName, until, type Cluster } from '../../helpers/cluster.ts'
import { kubeconfigOfAccount, type Rule } from '../../helpers/account.ts'
import { useTestbed, type Testbed } from '../../helpers/testbed.ts'
import { isRefusal } from '../../../src/release/lease-api.ts'
import { LockLost } from '../../../src/release/lock.ts'
import { held, openRun } from './runs.ts'

const leases: Omit<Rule, 'verbs'> = { apiGroups: ['coordination.k8s.io'], resources: ['leases'] }

suite('the lock', { concurrency: 4 }, () => {
  let testbed: Testbed
  let cluster: Cluster
  const namespaces: string[] = []
  const newNamespace = async (): Promise<string> => {
    const namespace = uniqueName('lock')
    await cluster.createNamespace(namespace)
    namespaces.push(namespace)
    return namespace
  }
  const pathIn = (namespace: string): string =>
    `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/atomic-helm.shop`
  const account = async (verbs: string[]): Promise<{ namespace: string; kubeconfig: string }> => {
    const namespace = await newNamespace()
    const stage = { cluster, namespace, path: `/api/v1/namespaces/${namespace}`, testbed }
    return { namespace, kubeconfig: await kubeconfigOfAccount(stage, [{ ...leases, verbs }]) }
  }

  before(async () => {
    testbed = await useTestbed()
    cluster = openCluster(testbed.kubeconfig)
  })
  after(() => Promise.all(namespaces.map((name) => cluster.remove(`/api/v1/namespaces/${name}`))))

  test('is a Lease while the run has it, and nothing afterwards', async (context) => {
    const namespace = await newNamespace()
    const run = openRun(context, testbed.kubeconfig, namespace)
    const { lock } = await held(run.acquire())
    const made = await cluster.get(pathIn(namespace))
    assert.equal(made?.metadata.labels?.['app.kubernetes.io/managed-by'], 'atomic-helm-action')
    assert.equal(made?.metadata.annotations?.['atomic-helm.dev/run-url'], run.owner.runUrl)
    lock.note('deploy', 7)
    await lock.confirm()
    await lock.confirm()
    const lease = await cluster.get(pathIn(namespace))
    const spec = lease?.['spec'] as Record<string, unknown>
    assert.equal(spec['holderIdentity'], run.owner.identity)
    assert.equal(spec['leaseDurationSeconds'], 30)
    assert.ok(String(spec['renewTime']) > String(spec['acquireTime']))
    assert.equal(lease?.metadata.annotations?.['atomic-helm.dev/phase'], 'deploy')
    assert.equal(lease?.metadata.annotations?.['atomic-helm.dev/base-revision'], '7')
    await lock.release()
    assert.equal(await cluster.get(pathIn(namespace)), undefined)
    assert.deepEqual(run.said, [])
  })

  test('goes from hand to hand, and to one run at a time', async (context) => {
    const namespace = await newNamespace()
    let owners = 0
    let turns = 0
    const work = async (): Promise<void> => {
      const { lock } = await held(openRun(context, testbed.kubeconfig, namespace).acquire())
      owners++
      assert.equal(owners, 1)
      await sleep(50)
      await lock.confirm()
      turns++
      owners--
      await lock.release()
    }
    const start = performance.now()
    await Promise.all(Array.from({ length: 6 }, work))
    assert.equal(turns, 6)
    assert.ok(performance.now() - start < 20_000, 'a release is seen at once')
  })

  test('of a dead run is taken over after 30 s', async (context) => {
    const namespace = await newNamespace()
    const dead = openRun(context, testbed.kubeconfig, namespace)
    const { lock } = await held(dead.acquire())
    lock.suspend()
    const start = performance.now()
    const run = openRun(context, testbed.kubeconfig, namespace)
    const { stale } = await held(run.acquire())
    const seconds = (performance.now() - start) / 1000
    assert.ok(seconds >= 29 && seconds < 36, `${seconds} s`)
    assert.equal(stale?.holder, dead.owner.identity)
    assert.match(
      run.said[0] ?? '',
      /is waited for: https:\/\/github\.example\/org\/shop\/actions\/runs\/\w+ \(phase lock, since /,
    )
    await assert.rejects(dead.resume(), LockLost)
  })

  test('of a living run is waited for, however long it has it', async (context) => {
    const namespace = await newNamespace()
    const { lock } = await held(openRun(context, testbed.kubeconfig, namespace).acquire())
    const waiting = openRun(context, testbed.kubeconfig, namespace).acquire()
    const first = await Promise.race([waiting, sleep(45_000, 'still waiting')])
    assert.equal(first, 'still waiting')
    assert.equal(lock.lost.aborted, false)
    await lock.release()
    const next = await held(waiting)
    await next.lock.release()
  })

  test('can be taken from a living run, which then may change nothing', async (context) => {
    const namespace = await newNamespace()
    const { lock } = await held(openRun(context, testbed.kubeconfig, namespace).acquire())
    const bold = openRun(context, testbed.kubeconfig, namespace)
    const taken = await held(bold.acquire({ takeOver: true }))
    assert.ok(taken.stale)
    await assert.rejects(lock.confirm(), (error: LockLost) => error.kind === 'taken' && error.message.includes('ada, '))
    assert.equal(lock.lost.aborted, true)
    await lock.release()
    await taken.lock.confirm()
    const lease = await cluster.get(pathIn(namespace))
    assert.equal(lease?.metadata.annotations?.['atomic-helm.dev/taken-over-by'], `ada, ${bold.owner.runUrl}`)
    await taken.lock.release()
  })

  test('is taken at once when GitHub says that its run is over', async (context) => {
    const namespace = await newNamespace()
    await held(openRun(context, testbed.kubeconfig, namespace).acquire())
    const { lock, stale } = await held(openRun(context, testbed.kubeconfig, namespace, true).acquire())
    assert.ok(stale)
    await lock.release()
  })

  test('that was deleted is lost, and not made anew', async (context) => {
    const namespace = await newNamespace()
    const { lock } = await held(openRun(context, testbed.kubeconfig, namespace).acquire())
    await cluster.remove(pathIn(namespace))
    await assert.rejects(lock.confirm(), (error: LockLost) => error.kind === 'gone')
    assert.equal(await cluster.get(pathIn(namespace)), undefined)
  })

  test('that somebody edits stays ours', async (context) => {
    const namespace = await newNamespace()
    const { lock } = await held(openRun(context, testbed.kubeconfig, namespace).acquire())
    await cluster.patch(pathIn(namespace), { metadata: { labels: { team: 'x' } } })
    await lock.confirm()
    const lease = await cluster.get(pathIn(namespace))
    assert.equal(lease?.metadata.labels?.['team'], 'x')
    await cluster.patch(pathIn(namespace), { metadata: { labels: { team: 'y' } } })
    await lock.release()
    assert.equal(await cluster.get(pathIn(namespace)), undefined)
  })

  test('is taken up by the post step', async (context) => {
    const namespace = await newNamespace()
    const run = openRun(context, testbed.kubeconfig, namespace)
    const { lock } = await held(run.acquire())
    lock.suspend()
    const resumed = await run.resume()
    await resumed.confirm()
    await resumed.release()
    assert.equal(await cluster.get(pathIn(namespace)), undefined)
    await assert.rejects(run.resume(), (error: LockLost) => error.kind === 'gone')
  })

  test('is done without where the account may not use leases, or there is no such API', async (context) => {
    const { namespace, kubeconfig } = await account(['list'])
    const run = openRun(context, kubeconfig, namespace)
    const result = await run.acquire()
    assert.equal(result.kind, 'forbidden')
    assert.match(result.kind === 'forbidden' ? result.why : '', /cannot create resource "leases"/)
    const path = `/apis/nowhere.example/v1/namespaces/${namespace}/leases`
    await assert.rejects(
      openRun(context, testbed.kubeconfig, namespace).client.send('POST', path, { body: {} }),
      isRefusal,
    )
  })

  test('needs a namespace', async (context) => {
    assert.deepEqual(await openRun(context, testbed.kubeconfig, uniqueName('none')).acquire(), { kind: 'no-namespace' })
  })

  test('needs no watch', async (context) => {
    const { namespace, kubeconfig } = await account(['get', 'create', 'update', 'delete'])
    const { lock } = await held(openRun(context, testbed.kubeconfig, namespace).acquire())
    const run = openRun(context, kubeconfig, namespace)
    const waiting = run.acquire()
    await until('a run that waits', () => Promise.resolve(run.said.length > 0))
    await sleep(3000)
    await lock.release()
    const next = await held(waiting)
    assert.equal(next.stale, null)
    await next.lock.confirm()
    await next.lock.release()
    assert.equal(await cluster.get(pathIn(namespace)), undefined)
  })

  test('that may be made but not renewed is told once', async (context) => {
    const { namespace, kubeconfig } = await account(['create'])
    const run = openRun(context, kubeconfig, namespace)
    const { lock } = await held(run.acquire())
    await lock.confirm()
    await lock.confirm()
    assert.equal(run.said.length, 1)
    assert.match(run.said[0] ?? '', /goes on without one: .*cannot update resource "leases"/)
    await lock.release()
  })
})
