import { createHash } from 'node:crypto'
import { arch } from 'node:os'

import { tar } from './tar.ts'

/** A piece of an image, as registries and archives know it. */
export interface Blob {
  mediaType: string
  digest: string
  size: number
  content: Buffer
}

/** A container image of one layer. */
export interface Image {
  manifest: Blob
  config: Blob
  layer: Blob
}

interface Settings {
  command: string[]
  /** The program of the layer when left out. */
  entrypoint?: string[]
  env?: Record<string, string>
  /** Labels make images that do the same differ in their digest. */
  labels?: Record<string, string>
}

/** A layer that holds a program as /app, and a /tmp for it. */
export function programLayer(program: Buffer): Blob {
  const content = tar([
    { name: 'tmp/', mode: 0o1777 },
    { name: 'app', mode: 0o755, content: program },
  ])
  return blob('application/vnd.oci.image.layer.v1.tar', content)
}

/** An image that runs /app of that layer. */
export function imageOf(layer: Blob, settings: Settings): Image {
  const config = json('application/vnd.oci.image.config.v1+json', {
    architecture: arch() === 'x64' ? 'amd64' : arch(),
    os: 'linux',
    config: {
      Entrypoint: settings.entrypoint ?? ['/app'],
      Cmd: settings.command,
      Env: Object.entries({ PATH: '/', ...settings.env }).map(([name, value]) => `${name}=${value}`),
      WorkingDir: '/',
      Labels: settings.labels ?? {},
    },
    rootfs: { type: 'layers', diff_ids: [layer.digest] },
    history: [{ created_by: 'testbed' }],
  })
  const manifest = json('application/vnd.oci.image.manifest.v1+json', {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: descriptor(config),
    layers: [descriptor(layer)],
  })
  return { manifest, config, layer }
}

/** An archive (OCI layout) of images by name, as `ctr images import` takes it. */
export function archiveOf(images: Record<string, Image>): Buffer {
  const manifests = Object.entries(images).map(([name, { manifest }]) => {
    return { ...descriptor(manifest), annotations: { 'io.containerd.image.name': name } }
  })
  const index = { schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests }
  const blobs = Object.values(images).flatMap(({ manifest, config, layer }) => [layer, config, manifest])
  const distinct = new Map(blobs.map((each) => [each.digest, each]))
  const files = [...distinct.values()].map(({ digest, content }) => {
    return { name: `blobs/${digest.replace(':', '/')}`, mode: 0o644, content }
  })
  return tar([
    { name: 'oci-layout', mode: 0o644, content: '{"imageLayoutVersion":"1.0.0"}' },
    { name: 'index.json', mode: 0o644, content: JSON.stringify(index) },
    ...files,
  ])
}

function json(mediaType: string, value: object): Blob {
  return blob(mediaType, Buffer.from(JSON.stringify(value)))
}

function blob(mediaType: string, content: Buffer): Blob {
  const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`
  return { mediaType, digest, size: content.length, content }
}

function descriptor({ mediaType, digest, size }: Blob) {
  return { mediaType, digest, size }
}
