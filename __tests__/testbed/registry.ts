import { mkdirSync, writeFileSync } from 'node:fs'

import type { Blob, Image } from './image.ts'
import type { Instance } from './paths.ts'
import { start, type Started } from './processes.ts'

/** Starts a registry without credentials on a loopback port. */
export function startRegistry(instance: Instance, port: number): Started {
  const dir = `${instance.dir}/registry`
  mkdirSync(dir, { recursive: true })
  const config = {
    version: '0.1',
    log: { level: 'warn', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: dir }, delete: { enabled: true } },
    http: { addr: `127.0.0.1:${port}` },
  }
  // JSON is YAML.
  writeFileSync(`${instance.dir}/registry.yml`, JSON.stringify(config, null, 2))
  return start(instance, 'docker-registry', 'docker-registry', ['serve', `${instance.dir}/registry.yml`])
}

/**
 * Puts an image into a registry that speaks plain HTTP. For one that asks for credentials (`user:password`) use an image
 * with a label of its own: once a node has pulled an image with credentials, every pod that uses the same image, whatever
 * its name, must have them.
 */
export async function pushImage(
  host: string,
  repository: string,
  tag: string,
  image: Image,
  login?: string,
): Promise<void> {
  const base = `http://${host}/v2/${repository}`
  const headers: Record<string, string> = login ? { authorization: `Basic ${btoa(login)}` } : {}
  for (const blob of [image.layer, image.config]) await pushBlob(base, blob, headers)
  const manifest = { ...headers, 'content-type': image.manifest.mediaType }
  await send('PUT', `${base}/manifests/${tag}`, manifest, image.manifest.content)
}

async function pushBlob(base: string, blob: Blob, headers: Record<string, string>): Promise<void> {
  const begun = await send('POST', `${base}/blobs/uploads/`, headers)
  const upload = new URL(begun.headers.get('location') ?? '', base)
  upload.searchParams.set('digest', blob.digest)
  await send('PUT', upload.href, { ...headers, 'content-type': 'application/octet-stream' }, blob.content)
}

async function send(method: string, url: string, headers: Record<string, string>, body?: Buffer): Promise<Response> {
  const response = await fetch(url, { method, headers, ...(body && { body: new Uint8Array(body) }) })
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${await response.text()}`)
  await response.arrayBuffer()
  return response
}
