import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { KubeConfig } from '@kubernetes/client-node'
import type { Problem } from '../platform/errors.ts'
import { describeError } from '../platform/errors.ts'
import { kubeconfigFiles, type System } from '../platform/system.ts'
import { inClusterKubeconfig, loadFile, readTokenFiles, tellExecInfo, type ExecPlugin } from './kubeconfig-file.ts'

/** Where the credentials for the cluster come from: the `kubeconfig` input, told apart. */
export type KubeconfigSource =
  | { readonly kind: 'environment' }
  | { readonly kind: 'in-cluster' }
  | { readonly kind: 'content'; readonly yaml: string }
  | { readonly kind: 'path'; readonly path: string }

/** A kubeconfig ready for use: `config` for our own calls, `path` for Helm (null: Helm finds it as we did). */
export interface LoadedKubeconfig {
  readonly config: KubeConfig
  readonly path: string | null
  readonly contextName: string
  readonly namespace: string
  readonly server: string
  /** The current user's token file, with its full path; null when there is none. */
  readonly tokenFile: string | null
}

/** Tells path, raw YAML and base64 apart; an empty input means the environment's kubeconfig. */
export function classifyKubeconfig(input: string): KubeconfigSource {
  const text = input.trim()
  if (text === '') return { kind: 'environment' }
  if (text === 'in-cluster') return { kind: 'in-cluster' }
  if (looksLikeKubeconfig(text)) return { kind: 'content', yaml: input }
  const compact = text.replaceAll(/\s/g, '')
  if (/^[A-Za-z0-9+/]+={0,2}$/.test(compact)) {
    const decoded = Buffer.from(compact, 'base64').toString('utf8')
    if (looksLikeKubeconfig(decoded)) return { kind: 'content', yaml: decoded }
  }
  return { kind: 'path', path: text }
}

function looksLikeKubeconfig(text: string): boolean {
  return /^\s*\{/.test(text) || /^(apiVersion|kind|clusters|contexts|current-context|users|preferences)\s*:/m.test(text)
}

export interface KubeconfigPorts {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly system: System
  /** Writes a file of mode 0600 that the post step removes, and gives its path. */
  readonly writePrivate: (name: string, content: string) => string
  /** The folder of such files: relative paths in given YAML are relative to it. */
  readonly folder: string
}

/** Loads the kubeconfig and chooses the context, or tells every reason why it cannot. */
export function loadKubeconfig(
  source: KubeconfigSource,
  context: string,
  ports: KubeconfigPorts,
): LoadedKubeconfig | readonly Problem[] {
  const config = new KubeConfig()
  const tokenFiles = new Map<string, string>()
  let path: string | null = null
  try {
    switch (source.kind) {
      case 'content': {
        readTokenFiles(source.yaml, ports.folder, tokenFiles)
        config.loadFromString(source.yaml)
        path = ports.writePrivate('kubeconfig', source.yaml)
        break
      }
      case 'path':
        loadFile(config, source.path, tokenFiles)
        path = source.path
        break
      case 'in-cluster':
        path = ports.writePrivate('kubeconfig', inClusterKubeconfig(ports.env))
        loadFile(config, path, tokenFiles)
        break
      case 'environment':
        loadFromEnvironment(config, ports, tokenFiles)
        break
    }
  } catch (error) {
    return [
      {
        problem: `\`kubeconfig\`: ${sourceName(source)} cannot be used: ${describeError(error)}`,
        remedy: 'Give the path of a kubeconfig file, its YAML, or the YAML in base64, or set KUBECONFIG',
      },
    ]
  }
  return chooseContext(config, context, path, tokenFiles)
}

function chooseContext(
  config: KubeConfig,
  context: string,
  path: string | null,
  tokenFiles: ReadonlyMap<string, string>,
): LoadedKubeconfig | readonly Problem[] {
  const names = config.getContexts().map(({ name }) => name)
  if (context) config.setCurrentContext(context)
  const chosen = config.getCurrentContext()
  const found = config.getContextObject(chosen)
  if (!found) {
    const what = context
      ? `\`kube-context\`: the kubeconfig has no context "${context}"`
      : 'The kubeconfig names no current context'
    return [{ problem: what, remedy: names.length ? `It has: ${names.join(', ')}` : 'It has no context at all' }]
  }
  const cluster = config.getCurrentCluster()
  if (!cluster) {
    return [
      {
        problem: `The kubeconfig's context "${chosen}" names the cluster "${found.cluster}", which the file does not have`,
        remedy: 'Add the cluster to the kubeconfig, or choose another `kube-context`',
      },
    ]
  }
  const user = config.getCurrentUser()
  if (user?.exec) tellExecInfo(user.exec as ExecPlugin, cluster)
  const tokenFile = (user && !user.token && tokenFiles.get(user.name)) || null
  const namespace = found.namespace ?? 'default'
  return { config, path, contextName: chosen, namespace, server: cluster.server, tokenFile }
}

function loadFromEnvironment(
  config: KubeConfig,
  { env, system }: KubeconfigPorts,
  tokenFiles: Map<string, string>,
): void {
  const files = kubeconfigFiles(env, system, homedir(), existsSync)
  let loaded = 0
  const missing: unknown[] = []
  for (const file of files) {
    const next = new KubeConfig()
    try {
      loadFile(next, file, tokenFiles)
    } catch (error) {
      // As kubectl does: of several files, those that do not exist are left out.
      if ((error as { code?: string }).code !== 'ENOENT') throw error
      missing.push(error)
      continue
    }
    if (loaded++ === 0) config.loadFromFile(file)
    else config.mergeConfig(next, true)
    // As kubectl does: the first file that names a current context decides.
    if (!config.getCurrentContext() && next.getCurrentContext()) config.setCurrentContext(next.getCurrentContext())
  }
  if (loaded === 0) throw new Error('no kubeconfig was found', { cause: missing[0] })
}

function sourceName(source: KubeconfigSource): string {
  switch (source.kind) {
    case 'content':
      return 'the given YAML'
    case 'path':
      return `the file "${source.path}"`
    case 'in-cluster':
      return "the pod's service account"
    case 'environment':
      return 'the kubeconfig of the environment (KUBECONFIG, else ~/.kube/config)'
  }
}
