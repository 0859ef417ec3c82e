// A watch of the cluster for tests: what happens to the objects of one kind, as it happens.
import { request } from 'node:https'
import type { RequestOptions } from 'node:https'
import { KubeConfig } from '@kubernetes/client-node'
import { openApi } from './cluster/api.ts'
import type { KubeObject } from './cluster/api.ts'

export type WatchEvent = { type: string; object: KubeObject }

/** Watches a list path from now on; what is there already comes as no event. Ends when the connection does. */
export async function openWatch(
  kubeconfig: string,
  path: string,
  onEvent: (type: string, object: KubeObject) => void,
): Promise<{ close: () => void }> {
  const list = await openApi(kubeconfig).get(path)
  const config = new KubeConfig()
  config.loadFromFile(kubeconfig)
  const stop = new AbortController()
  const options: RequestOptions = { method: 'GET', agent: false, signal: stop.signal }
  await config.applyToHTTPSOptions(options)
  const query = `watch=true&resourceVersion=${String(list?.metadata['resourceVersion'])}`
  const url = new URL(`${path}${path.includes('?') ? '&' : '?'}${query}`, config.getCurrentCluster()?.server)
  const call = request(url, options, (response) => {
    let rest = ''
    response.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines.filter(Boolean)) {
        const { type, object } = JSON.parse(line) as WatchEvent
        onEvent(type, object)
      }
    })
    response.on('error', () => undefined)
  })
  call.on('error', () => undefined).end()
  return { close: () => stop.abort() }
}
