import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Cluster, KubeConfig } from '@kubernetes/client-node'
import { parse } from 'yaml'

/** Loads one kubeconfig file, and notes its users' token files. Throws when it cannot be read or is none. */
export function loadFile(config: KubeConfig, file: string, tokenFiles: Map<string, string>): void {
  readTokenFiles(readFileSync(file, 'utf8'), dirname(resolve(file)), tokenFiles)
  config.loadFromFile(file)
}

interface RawKubeconfig {
  readonly clusters?: unknown
  readonly users?: readonly { readonly name?: string; readonly user?: { readonly tokenFile?: string } | null }[]
}

/** Checks that a text is a kubeconfig, and notes its users' token files, relative to its folder. */
export function readTokenFiles(yaml: string, folder: string, tokenFiles: Map<string, string>): void {
  let content: RawKubeconfig | null
  try {
    content = parse(yaml) as RawKubeconfig | null
  } catch {
    // The parser's message quotes the file, which holds credentials.
    throw new Error('it is not valid YAML')
  }
  if (!Array.isArray(content?.clusters)) throw new Error('it has no `clusters`, so it is not a kubeconfig')
  for (const { name, user } of content.users ?? []) {
    if (name && user?.tokenFile && !tokenFiles.has(name)) tokenFiles.set(name, resolve(folder, user.tokenFile))
  }
}

/** The `exec` entry of a kubeconfig's user. */
export interface ExecPlugin {
  readonly apiVersion?: string
  readonly provideClusterInfo?: boolean
  env?: { name: string; value: string }[] | null
}

/** What kubectl tells a credential plugin about its call (client-go exec.go); the kubeconfig library leaves it out. */
export function tellExecInfo(exec: ExecPlugin, cluster: Cluster): void {
  const info = {
    apiVersion: exec.apiVersion ?? 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    spec: {
      interactive: false,
      ...(exec.provideClusterInfo
        ? {
            cluster: {
              server: cluster.server,
              'certificate-authority-data': cluster.caData,
              'insecure-skip-tls-verify': cluster.skipTLSVerify,
            },
          }
        : {}),
    },
  }
  exec.env = [...(exec.env ?? []), { name: 'KUBERNETES_EXEC_INFO', value: JSON.stringify(info) }]
}

/** Helm and we must use the same credentials, so the pod's service account becomes a kubeconfig that both read. */
export function inClusterKubeconfig(env: Readonly<Record<string, string | undefined>>): string {
  const host = env['KUBERNETES_SERVICE_HOST']
  if (!host) throw new Error('KUBERNETES_SERVICE_HOST is not set: this runner is not in a cluster')
  const folder = '/var/run/secrets/kubernetes.io/serviceaccount'
  const address = host.includes(':') ? `[${host}]` : host
  const server = `https://${address}:${env['KUBERNETES_SERVICE_PORT'] ?? '443'}`
  const namespace = readFileSync(`${folder}/namespace`, 'utf8').trim()
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'in-cluster', cluster: { server, 'certificate-authority': `${folder}/ca.crt` } }],
    users: [{ name: 'service-account', user: { tokenFile: `${folder}/token` } }],
    contexts: [{ name: 'in-cluster', context: { cluster: 'in-cluster', user: 'service-account', namespace } }],
    'current-context': 'in-cluster',
  })
}
