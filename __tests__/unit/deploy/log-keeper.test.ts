import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { ApiError, type ClusterClient, type RequestOptions } from '../../../src/cluster/client.ts'
import type { ContainerStatus } from '../../../src/cluster/types.ts'
import { createLogKeeper } from '../../../src/deploy/log-keeper.ts'
import { crashed, observed, pod, watched, workload } from '../health/builders.ts'

/** A client of which only logs are asked; a text for each instance, or what it throws. */
function clientOf(logs: { readonly present: string | Error; readonly previous?: string }, asked: string[] = []) {
  const text = (path: string): Promise<string> => {
    const isPrevious = path.includes('previous=true')
    asked.push(isPrevious ? 'previous' : 'present')
    const answer = isPrevious ? (logs.previous ?? new Error('previous terminated container not found')) : logs.present
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)
  }
  return { text } as unknown as ClusterClient
}

const ever = new AbortController().signal

const inShop = (status: Partial<ContainerStatus>) => {
  const base = pod('p', status)
  return { ...base, metadata: { ...base.metadata, namespace: 'shop' } }
}

async function readNow(status: Partial<ContainerStatus>, client: ClusterClient) {
  const told: (readonly string[])[] = []
  const keeper = createLogKeeper(client, (_, lines) => told.push(lines))
  await keeper.readNow([{ pod: inShop(status), container: 'app' }], ever)
  return { told, refusals: keeper.refusals() }
}

const again = crashed(2, 'running')
const forbidden = new ApiError(403, 'Forbidden', 'pods "p" is forbidden', '/api/v1/namespaces/shop/pods/p/log')

test('of a container that restarted the log before is told when the present one says nothing', async () => {
  const told = async (present: string, previous?: string, status: Partial<ContainerStatus> = again) => {
    const logs = previous === undefined ? { present } : { present, previous }
    return (await readNow(status, clientOf(logs))).told
  }
  assert.deepEqual(await told('', 'FATAL: no\n'), [['FATAL: no']])
  assert.deepEqual(await told('starting\n', 'FATAL: no\n'), [['FATAL: no']])
  assert.deepEqual(await told('ERROR: still\n', 'FATAL: no\n'), [['ERROR: still']])
  assert.deepEqual(await told('starting\n'), [['starting']])
  assert.deepEqual(await told('starting\n', ''), [['starting']])
  const running = { ready: false, restartCount: 0, state: { running: {} } }
  assert.deepEqual(await told('starting\n', 'FATAL: of another', running), [['starting']], 'there is none before')
})

test('a crash that is seen late is read from the instance before', async () => {
  const told: (readonly string[])[] = []
  const asked: string[] = []
  const client = clientOf({ present: '', previous: 'FATAL: no\n' }, asked)
  const keeper = createLogKeeper(client, (_, lines) => told.push(lines))
  const pods = [inShop(crashed(1, 'terminated'))]
  const seen = observed({ objects: [watched(workload('Deployment'))], pods })
  keeper.update(seen, new AbortController().signal)
  keeper.update(seen, new AbortController().signal)
  await keeper.readNow([], ever)
  assert.deepEqual([told, asked], [[['FATAL: no']], ['present', 'previous']])
})

test('logs that may not be read are told once, with the permission that is missing', async () => {
  const { told, refusals } = await readNow(again, clientOf({ present: forbidden }))
  assert.deepEqual(told, [])
  assert.deepEqual(refusals, ['cannot read logs in shop: the identity lacks the permission to get pods/log'])
  const gone = new ApiError(404, 'NotFound', 'pods "p" not found', '')
  assert.deepEqual((await readNow(again, clientOf({ present: gone }))).refusals, [])
})

test('a log that nobody answers is asked for again when evidence is taken, and told as missing when the time is up', async () => {
  const pods = [inShop(crashed(1, 'terminated'))]
  const seen = observed({ objects: [watched(workload('Deployment'))], pods })
  const told: (readonly string[])[] = []
  let isAway = true
  const text = (_: string, { signal }: RequestOptions): Promise<string> =>
    isAway ? Promise.reject(new Error('socket hang up')) : signal ? Promise.resolve('FATAL: no\n') : Promise.reject()
  const keeper = createLogKeeper({ text } as unknown as ClusterClient, (_, lines) => told.push(lines))
  keeper.update(seen, ever)
  await turn()
  isAway = false
  await keeper.readNow([], ever)
  assert.deepEqual([told, keeper.refusals()], [[['FATAL: no']], []])

  const hung: AbortSignal[] = []
  const silence = (_: string, { signal }: RequestOptions): Promise<string> => {
    if (signal) hung.push(signal)
    return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new Error('aborted'))))
  }
  const mute = createLogKeeper({ text: silence } as unknown as ClusterClient, () => assert.fail('nothing came'))
  mute.update(seen, ever)
  await mute.readNow([], AbortSignal.timeout(20))
  assert.deepEqual(mute.refusals(), ['the log of Pod/p, container app, is missing: it did not come in time'])
  assert.deepEqual(
    hung.map(({ aborted }) => aborted),
    [true],
    'nobody waits any more',
  )
})
