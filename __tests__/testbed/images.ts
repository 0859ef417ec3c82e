import { readFileSync, rmSync, writeFileSync } from 'node:fs'

import { ctr } from './containerd.ts'
import { archiveOf, imageOf, programLayer, type Image } from './image.ts'
import { appImage, sandboxImage } from './names.ts'
import type { Instance } from './paths.ts'

/** An image for a registry: it does what those on the node do, but its label gives it a digest of its own. */
export function registryImage(program: string, label: string): Image {
  return imageOf(programLayer(readFileSync(program)), { command: ['serve'], labels: { 'testbed.local/for': label } })
}

/** Puts the images that no registry serves onto the node: the app in two versions, and what holds a pod together. */
export async function importImages(instance: Instance, program: string): Promise<void> {
  const archive = `${instance.dir}/images.tar`
  writeImages(archive, program)
  await ctr(instance, ['images', 'import', archive])
  rmSync(archive)
}

/** Writes these images as an archive, which `ctr`, kind and minikube take. */
export function writeImages(archive: string, program: string): void {
  const layer = programLayer(readFileSync(program))
  const app = (version: string) => imageOf(layer, { command: ['serve'], env: { APP_VERSION: version } })
  const images = {
    [sandboxImage]: imageOf(layer, { command: ['pause'] }),
    [`${appImage}:1`]: app('1'),
    [`${appImage}:2`]: app('2'),
  }
  writeFileSync(archive, archiveOf(images))
}
