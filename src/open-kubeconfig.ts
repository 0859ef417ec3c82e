import { classifyKubeconfig, loadKubeconfig, type LoadedKubeconfig } from './cluster/kubeconfig.ts'
import type { Inputs } from './inputs/inputs.ts'
import type { Problem } from './platform/errors.ts'
import { secretsOfPlugin } from './report/secrets.ts'
import type { World } from './world.ts'

/** The kubeconfig that the inputs name, or every reason why it cannot be used; what it keeps secret is shown nowhere from now on. */
export function openKubeconfig(
  { env, system, files, secrets }: World,
  { kubeconfig, kubeContext }: Inputs,
): LoadedKubeconfig | readonly Problem[] {
  const ports = { env, system, writePrivate: files.write, folder: files.folder }
  const loaded = loadKubeconfig(classifyKubeconfig(kubeconfig), kubeContext, ports)
  if ('config' in loaded) secrets.learn(credentials(loaded))
  return loaded
}

/** What the kubeconfig holds in plain text and would open the cluster to anybody. */
function credentials({ config }: LoadedKubeconfig): string[] {
  const user = config.getCurrentUser()
  const exec = user?.exec as { readonly env?: readonly { readonly name: string; readonly value: string }[] } | undefined
  const own = [user?.token, user?.password, user?.keyData, decoded(user?.keyData)]
  return [...own, ...secretsOfPlugin(exec?.env ?? [])].filter(
    (text): text is string => typeof text === 'string' && text !== '',
  )
}

/** A key as people know it: lines that begin and end with dashes. */
function decoded(keyData: string | undefined): string {
  return Buffer.from(keyData ?? '', 'base64').toString('utf8')
}
