import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, dirname } from 'node:path'

import { run, which } from './host.ts'
import type { Testbed } from './testbed.ts'

const why = 'A cluster of our own needs Linux and root'

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
  const tool = which('act') ?? which('actionlint')
  const major = /^v(\d+)/.exec(await run(helm, ['version', '--template', '{{.Version}}']))?.[1]
  return {
    name,
    external: true,
    dir: '',
    kubeconfig,
    server: '',
    caFile: '',
    adminToken: '',
    clientCert: '',
    clientKey: '',
    helm3Dir: major === '3' ? dirname(helm) : '',
    helm4Dir: major === '4' ? dirname(helm) : '',
    toolsDir: tool ? dirname(tool) : '',
    registry: '',
    nodeName: '',
    images: { app: '', app2: '', pulled: '', missing: '' },
  }
}

/** One sentence that says which cluster is used and why. */
export function externalNotice(testbed: Testbed): string {
  return `${why}: using the cluster of ${testbed.kubeconfig} and the helm on PATH. It is left as it is by \`down\`.`
}
