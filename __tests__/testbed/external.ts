import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, dirname } from 'node:path'

import { KubeConfig } from '@kubernetes/client-node'

import { run, which } from './host.ts'
import { appImage } from './names.ts'
import type { Testbed } from './testbed.ts'

const why = 'A cluster of our own needs Linux and root'

/** An image that no node can pull, as nobody listens there. */
const unreachable = '127.0.0.1:1/app:missing'

/** The cluster that KUBECONFIG names, for machines that cannot run a node; what only our own node has is left empty. */
export async function externalTestbed(name: string): Promise<Testbed> {
  const files = (process.env['KUBECONFIG'] || `${homedir()}/.kube/config`).split(delimiter).filter(existsSync)
  const kubeconfig = files[0]
  if (!kubeconfig) {
    throw new Error(`${why}, and KUBECONFIG names no other cluster. Start one (kind, minikube) and set KUBECONFIG.`)
  }
  const helm = which('helm')
  if (!helm)
    throw new Error(`${why}. For the cluster of ${kubeconfig} a \`helm\` on PATH is needed, and there is none.`)
  await run(helm, ['list', '--kubeconfig', kubeconfig, '--max', '1']).catch((error: Error) => {
    throw new Error(`${why}, and the cluster of ${kubeconfig} does not answer: ${error.message}`)
  })
  const act = which('act')
  const major = /^v(\d+)/.exec(await run(helm, ['version', '--template', '{{.Version}}']))?.[1]
  return {
    name,
    external: true,
    dir: '',
    kubeconfig,
    server: serverOf(kubeconfig),
    caFile: '',
    adminToken: '',
    clientCert: '',
    clientKey: '',
    helm3Dir: major === '3' ? dirname(helm) : '',
    helm4Dir: major === '4' ? dirname(helm) : '',
    toolsDir: act ? dirname(act) : '',
    registry: '',
    nodeName: '',
    images: { app: `${appImage}:1`, app2: `${appImage}:2`, pulled: '', missing: unreachable },
  }
}

/** Which cluster is used and why, what has to be loaded into it first, and what can be tested there. */
export function externalNotice(testbed: Testbed, archive: string): string {
  return `${why}: using the cluster of ${testbed.kubeconfig} and the helm on PATH. It is left as it is by \`down\`.
Its nodes need the image of the tests, which no registry has; load it once:
  kind load image-archive ${archive}
  minikube image load ${archive}
There run unit, and of contract, e2e and scenarios what needs neither both Helms nor programs of Debian nor a registry or
credentials of our own node. The rest is skipped by name, with the reason.`
}

/** Why a test file cannot run with a cluster that is not ours, by its path below __tests__; undefined when it can. */
export function whyNotThere({ external, toolsDir }: Testbed, path: string): string | undefined {
  if (!external) return undefined
  if (/^contract\/(chart|setup)\/|^helpers\/charts/.test(path))
    return 'needs both Helms, and registries and proxies that are Debian packages'
  if (/^e2e\/|^helpers\/act/.test(path) && toolsDir === '') return 'needs act on PATH'
  return undefined
}

function serverOf(kubeconfig: string): string {
  const config = new KubeConfig()
  config.loadFromFile(kubeconfig)
  return config.getCurrentCluster()?.server ?? ''
}
