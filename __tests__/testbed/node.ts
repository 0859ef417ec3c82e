import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

import { allocate, type Allocation } from './allocate.ts'
import { isReady } from './api.ts'
import type { Tools } from './cache.ts'
import { makeCertificates, type Certificates } from './certificates.ts'
import { ctr, startContainerd } from './containerd.ts'
import { firstServiceAddress, startApiserver, startControllers, startEtcd } from './controlplane.ts'
import { pause } from './host.ts'
import { importImages, registryImage } from './images.ts'
import { kubeconfigFor } from './kubeconfig.ts'
import { startKubelet } from './kubelet.ts'
import { appImage } from './names.ts'
import type { Instance } from './paths.ts'
import { findProcesses, type Started } from './processes.ts'
import { createStorageClass, waitForApiserver, waitForNode, waiterFor } from './ready.ts'
import { pushImage, startRegistry } from './registry.ts'
import type { Testbed } from './testbed.ts'

/** The programs that make a node, each a component with a log of that name. */
export const components = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'containerd',
  'kubelet',
  'docker-registry',
]

/** The description of a running instance, or undefined when it is not running as a whole. */
export async function runningTestbed(instance: Instance): Promise<Testbed | undefined> {
  if (!existsSync(fileOf(instance))) return undefined
  const testbed = JSON.parse(readFileSync(fileOf(instance), 'utf8')) as Testbed
  // On a busy machine the API server may be slow to answer; only a component that is gone means that it never will.
  for (let attempt = 0; attempt < 5; attempt++) {
    const running = findProcesses(instance).map(({ program }) => program)
    if (components.some((component) => !running.includes(component))) return undefined
    if (await isReady(testbed)) return testbed
    await pause(1000)
  }
  return undefined
}

/** Starts everything, from nothing to a cluster that runs pods. */
export async function startNode(instance: Instance, tools: Tools): Promise<Testbed> {
  const allocation = await allocate(instance)
  const certificates = await makeCertificates(instance, firstServiceAddress)
  const secret = () => randomBytes(16).toString('hex')
  const tokens = { admin: secret(), controllerManager: secret(), scheduler: secret(), kubelet: secret() }
  const testbed = describe(instance, allocation, certificates, tokens.admin, tools)

  const started: Started[] = []
  const waitFor = waiterFor(started)
  started.push(startEtcd(instance, allocation))
  started.push(startApiserver(instance, allocation, certificates, tokens, tools))
  started.push(startRegistry(instance, allocation.ports.registry))
  started.push(await startContainerd(instance, allocation.subnet))
  await waitFor('containerd answers', ['containerd'], async () => Boolean(await ctr(instance, ['version'])))
  await importImages(instance, tools.app)
  await waitForApiserver(waitFor, testbed)
  started.push(...startControllers(instance, certificates, tokens, testbed.server, tools))
  started.push(startKubelet(instance, allocation, certificates, tokens.kubelet, testbed.server, tools))
  await waitFor('the registry answers', ['docker-registry'], async () => {
    return (await fetch(`http://${testbed.registry}/v2/`)).ok
  })
  await pushImage(testbed.registry, 'app', '1', registryImage(tools.app, 'registry'))
  await createStorageClass(testbed)
  await waitForNode(waitFor, testbed, instance.nodeName)

  writeTools(testbed, tools)
  writeFileSync(testbed.kubeconfig, kubeconfigFor(testbed, { token: tokens.admin }), { mode: 0o600 })
  // Last: its presence says that the instance came up.
  writeFileSync(fileOf(instance), `${JSON.stringify(testbed, null, 2)}\n`, { mode: 0o600 })
  return testbed
}

function describe(
  instance: Instance,
  { ports }: Allocation,
  certificates: Certificates,
  adminToken: string,
  tools: Tools,
): Testbed {
  const registry = `127.0.0.1:${ports.registry}`
  return {
    name: instance.name,
    external: false,
    dir: instance.dir,
    kubeconfig: `${instance.dir}/kubeconfig`,
    server: `https://127.0.0.1:${ports.apiserver}`,
    caFile: certificates.ca,
    adminToken,
    clientCert: certificates.user,
    clientKey: certificates.userKey,
    helm3Dir: dirname(tools.helm3),
    helm4Dir: dirname(tools.helm4),
    toolsDir: `${instance.dir}/tools`,
    registry,
    nodeName: instance.nodeName,
    images: {
      app: `${appImage}:1`,
      app2: `${appImage}:2`,
      pulled: `${registry}/app:1`,
      missing: `${registry}/app:missing`,
    },
  }
}

function writeTools(testbed: Testbed, tools: Tools): void {
  mkdirSync(testbed.toolsDir, { recursive: true })
  for (const name of ['act', 'actionlint'] as const) {
    rmSync(`${testbed.toolsDir}/${name}`, { force: true })
    symlinkSync(tools[name], `${testbed.toolsDir}/${name}`)
  }
}

function fileOf(instance: Instance): string {
  return `${instance.dir}/testbed.json`
}
