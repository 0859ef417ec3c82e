// The cluster's API with nothing of the product in between: paths in, JSON out.
import { request } from 'node:https'
import type { RequestOptions } from 'node:https'
import { KubeConfig } from '@kubernetes/client-node'

export type KubeObject = {
  apiVersion?: string
  kind?: string
  metadata: {
    name: string
    namespace?: string
    uid?: string
    labels?: Record<string, string>
    annotations?: Record<string, string>
    ownerReferences?: { kind: string; name: string; controller?: boolean }[]
    deletionTimestamp?: string
    [field: string]: unknown
  }
  [field: string]: unknown
}
export type Api = {
  /** The object, or undefined when it is not there. */
  get: (path: string) => Promise<KubeObject | undefined>
  list: (path: string) => Promise<KubeObject[]>
  create: (path: string, body: object) => Promise<KubeObject>
  /** A JSON merge patch. */
  patch: (path: string, body: object) => Promise<KubeObject>
  /** Also when it is not there. */
  remove: (path: string) => Promise<void>
}
type Answer = { status: number; body: unknown }

/** Opens the cluster that a kubeconfig's present context names. */
export function openApi(kubeconfig: string): Api {
  const config = new KubeConfig()
  config.loadFromFile(kubeconfig)
  const server = config.getCurrentCluster()?.server
  if (server === undefined) throw new Error(`${kubeconfig} names no cluster`)

  const call = async (method: string, path: string, body?: object): Promise<Answer> => {
    const options: RequestOptions = { method, timeout: 30_000, agent: false }
    await config.applyToHTTPSOptions(options)
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
    options.headers = {
      ...(options.headers as Record<string, string>),
      accept: 'application/json',
      'content-type': type,
    }
    return send(new URL(path, server), options, body)
  }
  const expect = async (method: string, path: string, body?: object): Promise<unknown> => {
    const answer = await call(method, path, body)
    if (answer.status < 300) return answer.body
    throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
  }
  return {
    async get(path) {
      const { status, body } = await call('GET', path)
      if (status === 404) return undefined
      if (status >= 300) throw new Error(`GET ${path}: ${status} ${JSON.stringify(body)}`)
      return body as KubeObject
    },
    list: async (path) => ((await expect('GET', path)) as { items?: KubeObject[] }).items ?? [],
    create: async (path, body) => (await expect('POST', path, body)) as KubeObject,
    patch: async (path, body) => (await expect('PATCH', path, body)) as KubeObject,
    async remove(path) {
      const { status, body } = await call('DELETE', path)
      if (status >= 300 && status !== 404) throw new Error(`DELETE ${path}: ${status} ${JSON.stringify(body)}`)
    },
  }
}

function send(url: URL, options: RequestOptions, body: object | undefined): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request(url, options, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8')
        const isJson = (response.headers['content-type'] ?? '').includes('json')
        resolve({ status: response.statusCode ?? 0, body: isJson ? (JSON.parse(text) as unknown) : text })
      })
    })
    call.on('timeout', () => call.destroy(new Error(`${options.method} ${url.href}: no answer within 30 s`)))
    call.on('error', reject)
    call.end(body === undefined ? undefined : JSON.stringify(body))
  })
}
