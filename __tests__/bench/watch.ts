// A witness of its own: it watches a whole cluster beside the action and notes when a namespace first showed what a rule needs.
import { request } from 'node:https'
import type { RequestOptions } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import { KubeConfig } from '@kubernetes/client-node'
import type { KubeObject } from '../helpers/cluster/api.ts'

/** Gives the moment, ms since 1970, at which a verdict is certain by what an object shows now; null when it shows nothing of the kind. */
export type Certain = (object: Seen, now: number) => number | null
export type Seen = KubeObject & { kind: string }
export type Watcher = {
  /** From now on, what appears in the namespace is judged. */
  expect: (namespace: string, certain: Certain) => void
  /** When it first was certain; null so far. */
  certainAt: (namespace: string) => number | null
  stop: () => void
}

const collections: Record<string, string> = {
  Pod: '/api/v1/pods',
  ReplicaSet: '/apis/apps/v1/replicasets',
  Job: '/apis/batch/v1/jobs',
  Event: '/api/v1/events',
}

/** Starts watching. */
export async function openWatcher(kubeconfig: string): Promise<Watcher> {
  const config = new KubeConfig()
  config.loadFromFile(kubeconfig)
  const server = config.getCurrentCluster()?.server ?? ''
  const stop = new AbortController()
  const expected = new Map<string, Certain>()
  const certain = new Map<string, number>()
  const see = (object: Seen): void => {
    const { namespace = '' } = object.metadata
    const at = certain.has(namespace) ? null : (expected.get(namespace)?.(object, Date.now()) ?? null)
    if (at !== null) certain.set(namespace, at)
  }
  for (const [kind, path] of Object.entries(collections)) {
    const options: RequestOptions = { signal: stop.signal, agent: false }
    await config.applyToHTTPSOptions(options)
    void follow(new URL(`${path}?watch=1&resourceVersion=0`, server), options, (object) => see({ ...object, kind }))
  }
  return {
    expect: (namespace, rule) => void expected.set(namespace, rule),
    certainAt: (namespace) => certain.get(namespace) ?? null,
    stop: () => stop.abort(),
  }
}

/** Begins anew whenever a watch ends; what is told twice is seen twice, and only the first sight counts. */
async function follow(url: URL, options: RequestOptions, see: (object: KubeObject) => void): Promise<void> {
  while (options.signal?.aborted === false) {
    await watch(url, options, see).catch(() => undefined)
    await sleep(50)
  }
}

function watch(url: URL, options: RequestOptions, see: (object: KubeObject) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const call = request(url, options, (response) => {
      let rest = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        const lines = (rest + chunk).split('\n')
        rest = lines.pop() ?? ''
        for (const line of lines) {
          const { type, object } = JSON.parse(line) as { type: string; object: KubeObject }
          if (type !== 'ERROR') see(object)
        }
      })
      response.on('error', reject)
      response.on('end', resolve)
    })
    call.on('error', reject)
    call.end()
  })
}
