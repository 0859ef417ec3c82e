import { ensurePackages } from './apt.ts'
import { ensureTools } from './cache.ts'
import type { Tools } from './cache.ts'
import { externalNotice, externalTestbed } from './external.ts'
import { canRunNode } from './host.ts'
import type { Image } from './image.ts'
import { registryImage, writeImages } from './images.ts'
import { onInterrupt } from './interrupt.ts'
import { withLock } from './lock.ts'
import { runningTestbed, startNode } from './node.ts'
import { cacheDir, instanceOf, type Instance } from './paths.ts'
import { tailOf } from './processes.ts'
import { say, withProgress } from './progress.ts'
import type { ComponentError } from './ready.ts'
import { anythingLeft, teardown } from './teardown.ts'

/** A cluster to test against, as `testbed.json` in the directory of the instance has it. */
export interface Testbed {
  name: string
  /** Not ours, but the cluster of KUBECONFIG: then whatever only our own node has is an empty string. */
  external: boolean
  dir: string
  /** An administrator's, with a token. `kubeconfigFor` makes others. */
  kubeconfig: string
  server: string
  caFile: string
  adminToken: string
  /** Of another administrator. */
  clientCert: string
  clientKey: string
  /** Directories that each hold a `helm`. */
  helm3Dir: string
  helm4Dir: string
  /** Holds `act` and `actionlint`. */
  toolsDir: string
  /** host:port of a registry over plain HTTP, without credentials. */
  registry: string
  nodeName: string
  /** `app` and `app2` are on the node; `pulled` is in the registry; `missing` is a tag that it does not have. */
  images: { app: string; app2: string; pulled: string; missing: string }
}

export { callApi } from './api.ts'
export { kubeconfigFor } from './kubeconfig.ts'
export { pushImage } from './registry.ts'

/** The name of the testbed to use when none is given. */
export function defaultName(): string {
  return process.env['ATOMIC_TESTBED'] || 'default'
}

/** The testbed of that name, started first unless it runs. */
export async function ensureTestbed(name = defaultName()): Promise<Testbed> {
  const instance = instanceOf(name)
  if (!canRunNode()) {
    const testbed = await externalTestbed(name)
    const archive = `${cacheDir()}/images.tar`
    writeImages(archive, (await ensureTools(['app'])).app)
    say(externalNotice(testbed, archive))
    return testbed
  }
  const running = await runningTestbed(instance)
  if (running) return running
  const tools = await ensureBuilt()
  return withInstance(instance, async () => {
    // Somebody else may have started it while we waited.
    const running = await runningTestbed(instance)
    if (running) return running
    if (anythingLeft(instance)) {
      say(`testbed ${name} is there but not whole: starting afresh`)
      await teardown(instance)
    }
    const start = () => cleaningUp(instance, () => startNode(instance, tools))
    return await withProgress(`starting testbed ${name}, about 6 s`, start)
  })
}

/** Installs and builds whatever a node of our own needs: minutes on a machine that has nothing yet, nothing afterwards. */
export async function ensureBuilt(): Promise<Tools> {
  await ensurePackages()
  return ensureTools()
}

/** Stops the testbed of that name and removes all traces of it; a cluster that is not ours is left alone. */
export async function stopTestbed(name = defaultName()): Promise<void> {
  const instance = instanceOf(name)
  if (!canRunNode()) return say('The cluster is not ours: nothing to stop.')
  await withInstance(instance, () => teardown(instance))
}

/** An image for `pushImage`: it does what the testbed's does, but the label gives it a digest of its own. */
export async function labelledImage(label: string): Promise<Image> {
  return registryImage((await ensureTools()).app, label)
}

function withInstance<T>(instance: Instance, work: () => Promise<T>): Promise<T> {
  return withLock(`instance-${instance.id}`, work)
}

// A start that fails or is interrupted leaves nothing behind but what explains it, on stderr.
async function cleaningUp<T>(instance: Instance, work: () => Promise<T>): Promise<T> {
  let interrupted = false
  const forget = onInterrupt(() => {
    interrupted = true
    say('interrupted: cleaning up')
    return teardown(instance)
  })
  try {
    return await work()
  } catch (error) {
    // What we have just killed is no news.
    if (interrupted) return await new Promise<never>(() => {})
    const { components = [] } = error as Partial<ComponentError>
    for (const component of components) say(`--- last lines of ${component}:\n${tailOf(instance, component)}`)
    await teardown(instance)
    throw error
  } finally {
    forget()
  }
}
