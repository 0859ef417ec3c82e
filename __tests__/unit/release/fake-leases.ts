// The Leases of an API server in memory: resourceVersions, preconditions and watches as the real one has them.
import { ApiError, type ClusterClient, type RequestOptions } from '../../../src/cluster/client.ts'
import type { Lease } from '../../../src/release/lease.ts'
import type { FakeTime } from './fake-time.ts'

type Event = { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: Lease; version: number }
type Preconditions = { uid?: string; resourceVersion?: string }
type Request = { method: string; path: string }
/** What a request meets instead of an answer: an error, at once or after it took effect. */
type Fault = { when: (request: Request) => boolean; error: Error; afterEffect?: boolean; times: number }

const start = Date.parse('2026-11-22T10:00:00Z')

/** An API server that has only Leases. */
export function fakeLeases(time: FakeTime) {
  const leases = new Map<string, Lease>()
  const events: Event[] = []
  const watchers = new Set<() => void>()
  let version = 100

  function store(type: Event['type'], name: string, lease: Lease): Lease {
    version++
    const object = { ...lease, metadata: { ...lease.metadata, resourceVersion: String(version) } }
    if (type === 'DELETED') leases.delete(name)
    else leases.set(name, object)
    events.push({ type, object, version })
    for (const wake of watchers) wake()
    watchers.clear()
    return object
  }

  function post(path: string, lease: Lease): Lease {
    const name = lease.metadata.name
    if (leases.has(name)) throw apiError(409, path, 'AlreadyExists')
    return store('ADDED', name, { ...lease, metadata: { ...lease.metadata, uid: `uid-${version}` } })
  }

  function put(path: string, lease: Lease): Lease {
    const name = lease.metadata.name
    const present = leases.get(name)
    if (!present || !holds(present, lease.metadata)) throw apiError(409, path, 'Conflict')
    // An update that changes nothing is none.
    if (JSON.stringify(present) === JSON.stringify(lease)) return present
    return store('MODIFIED', name, lease)
  }

  function remove(path: string, preconditions: Preconditions = {}): object {
    const name = nameIn(path)
    const present = leases.get(name)
    if (!present) throw apiError(404, path, 'NotFound')
    if (!holds(present, preconditions)) throw apiError(409, path, 'Conflict')
    store('DELETED', name, present)
    return {}
  }

  function read(path: string): unknown {
    if (path.includes('?')) {
      const name = /metadata\.name%3D([^&]+)/.exec(path)?.[1] ?? ''
      return { metadata: { resourceVersion: String(version) }, items: [...leases.values()].filter(named(name)) }
    }
    const present = leases.get(nameIn(path))
    if (!present) throw apiError(404, path, 'NotFound')
    return present
  }

  /** The way from one machine to the server, which can break, and that machine's own idea of the time. */
  function machine(offsetMs = 0) {
    const requests: string[] = []
    const faults: Fault[] = []
    const state = { offsetMs, isDown: false, frozenMs: null as number | null }
    const cutOff = new Set<() => void>()

    async function request<T>(
      method: string,
      path: string,
      { signal, timeoutMs = 15_000 }: RequestOptions,
      work: () => unknown,
    ): Promise<T> {
      requests.push(`${method} ${path.includes('watch=1') ? 'watch' : (path.split('/').at(-1) ?? '')}`)
      await Promise.resolve()
      signal?.throwIfAborted()
      if (state.isDown) {
        await time.clock.sleep(timeoutMs, signal)
        throw new Error('the connection timed out')
      }
      const fault = faults.find(({ times, when }) => times > 0 && when({ method, path }))
      if (fault) fault.times--
      if (fault && fault.afterEffect !== true) throw fault.error
      const answer = structuredClone(work())
      await Promise.resolve()
      if (fault) throw fault.error
      return answer as T
    }

    async function* lines(path: string, signal: AbortSignal): AsyncGenerator<string> {
      await request('GET', path, { signal }, () => null)
      let seen = Number(/resourceVersion=(\d+)/.exec(path)?.[1])
      const isOurs = named(/metadata\.name%3D([^&]+)/.exec(path)?.[1] ?? '')
      for (;;) {
        const news = events.filter(({ version, object }) => version > seen && isOurs(object))
        seen = version
        for (const { type, object } of news) yield JSON.stringify({ type, object })
        if (events.some(({ version }) => version > seen)) continue
        await new Promise<void>((resolve, reject) => {
          const broken = (): void => reject(new Error('the connection is broken'))
          watchers.add(resolve)
          cutOff.add(broken)
          signal.addEventListener('abort', broken)
        })
      }
    }

    const client: ClusterClient = {
      get: (path, options = {}) => request('GET', path, options, () => read(path)),
      send: (method, path, options = {}) =>
        request(method, path, options, () => {
          const body = structuredClone(options.body) as Lease & { preconditions?: Preconditions }
          if (method === 'POST') return post(path, body)
          return method === 'PUT' ? put(path, body) : remove(path, body.preconditions)
        }),
      text: () => Promise.reject(new Error('nothing asks for text')),
      lines,
      now: () => state.frozenMs ?? start + time.steady.now() + state.offsetMs,
      persist: () => undefined,
      close: () => undefined,
    }
    return {
      client,
      requests,
      state,
      fail: (method: string, error: Error, { times = 1, afterEffect = false, path = '' } = {}) =>
        faults.push({
          when: (asked) => asked.method === method && asked.path.includes(path),
          error,
          times,
          afterEffect,
        }),
      /** From now on no answer comes, and watches break. */
      cut: () => {
        state.isDown = true
        for (const broken of cutOff) broken()
      },
      mend: () => (state.isDown = false),
    }
  }

  return {
    machine,
    lease: (name = 'atomic-helm.shop') => leases.get(name),
    /** What others do to a Lease, without being asked. */
    set: (lease: Lease) => store(leases.has(lease.metadata.name) ? 'MODIFIED' : 'ADDED', lease.metadata.name, lease),
    drop: (name = 'atomic-helm.shop') => store('DELETED', name, leases.get(name) as Lease),
  }
}

/** An answer of the API server that is not a success. */
export function apiError(status: number, path = '', reason = '', message = `HTTP ${status}`): ApiError {
  return new ApiError(status, reason, message, path)
}

export type Machine = ReturnType<ReturnType<typeof fakeLeases>['machine']>

function holds({ metadata }: Lease, { uid, resourceVersion }: Preconditions): boolean {
  const isSame = uid === undefined || uid === metadata.uid
  return isSame && (resourceVersion === undefined || resourceVersion === metadata.resourceVersion)
}

function nameIn(path: string): string {
  return decodeURIComponent(path.split('/').at(-1) ?? '')
}

function named(name: string): (lease: Lease) => boolean {
  return ({ metadata }) => metadata.name === name
}
