// A steady stream of requests to a Service, as its users would send them, and what becomes of each.
import { get } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Cluster } from './cluster.ts'

export type Stream = {
  /** Answered with 200. */
  answered: () => number
  /** Ends it when what is on its way has come back, and says of each request that was lost why. */
  end: () => Promise<string[]>
}
type Slice = { endpoints?: Endpoint[] | null; ports?: { port: number }[] | null }
type Endpoint = { addresses: string[]; conditions?: { ready?: boolean | null } }

const everyMs = 40
const lookMs = 100
/** A view of the addresses that is older is not sent by: then this process has had no time to look, which says nothing of the service. */
const freshMs = 1000
/** A pod on a machine of two busy cores may well take a second. */
const answerMs = 5000

/**
 * Starts a stream to a Service that has ready endpoints. There is no kube-proxy on the testbed, so it does itself what that does: each
 * request goes to the next of the addresses that the EndpointSlices call ready, known at most a moment later than they change. A pod
 * that is told to stop therefore still gets some, as everywhere, and has to serve on for that moment. Nothing is tried twice.
 */
export async function openStream({ list }: Cluster, namespace: string, service: string): Promise<Stream> {
  const slices = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices?resourceVersion=0&labelSelector=kubernetes.io%2Fservice-name%3D${service}`
  const lost: string[] = []
  const state = { isOver: false, ready: [] as string[], lookedAt: 0, sent: 0, answered: 0 }
  const look = async (): Promise<void> => {
    const lookedAt = performance.now()
    state.ready = ((await list(slices)) as unknown as Slice[]).flatMap(({ endpoints, ports }) =>
      (endpoints ?? [])
        .filter(({ conditions }) => conditions?.ready !== false)
        .flatMap(({ addresses }) => addresses.map((address) => `${address}:${ports?.[0]?.port}`)),
    )
    state.lookedAt = lookedAt
  }
  const sendOne = async (): Promise<void> => {
    if (performance.now() - state.lookedAt > freshMs) return
    const address = state.ready[state.sent % Math.max(1, state.ready.length)]
    const at = new Date().toISOString().slice(11, 23)
    state.sent += 1
    const problem = address === undefined ? 'no endpoint is ready' : await ask(`http://${address}/`)
    if (problem === undefined) state.answered += 1
    else lost.push(`${at} ${address ?? 'nobody'}: ${problem}`)
  }
  await look()
  const looking = (async () => {
    for (; !state.isOver; await sleep(lookMs)) {
      // An API server that is away changes no addresses: they are as they were.
      await look().catch(() => (state.lookedAt = performance.now()))
    }
  })()
  const underWay: Promise<void>[] = []
  const timer = setInterval(() => underWay.push(sendOne()), everyMs)
  return {
    answered: () => state.answered,
    async end() {
      clearInterval(timer)
      state.isOver = true
      await Promise.all([looking, ...underWay])
      return lost
    },
  }
}

/** Asks once over a connection of its own; gives what went wrong. */
function ask(url: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const call = get(url, { agent: false, timeout: answerMs }, (response) => {
      response.resume()
      response.once('error', (error) => resolve(error.message))
      response.once('end', () => resolve(response.statusCode === 200 ? undefined : `answers ${response.statusCode}`))
    })
    call.once('timeout', () => call.destroy(new Error('no answer')))
    call.once('error', (error) => resolve(error.message))
  })
}
