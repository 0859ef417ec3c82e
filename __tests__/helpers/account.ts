// A service account that may do only what a test says.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { kubeconfigFor } from '../testbed/testbed.ts'
import type { Stage } from './stage.ts'
import { temporaryDirectory } from './temporary.ts'

export type Rule = { apiGroups: string[]; resources: string[]; verbs: string[]; resourceNames?: string[] }

/** Makes the account in the stage's namespace and gives the path of its kubeconfig. */
export async function kubeconfigOfAccount(
  { cluster, namespace, path, testbed }: Pick<Stage, 'cluster' | 'namespace' | 'path' | 'testbed'>,
  rules: Rule[],
): Promise<string> {
  const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`
  const metadata = { name: 'deployer' }
  await cluster.create(`${path}/serviceaccounts`, { metadata })
  await cluster.create(`${rbac}/roles`, { metadata, rules })
  await cluster.create(`${rbac}/rolebindings`, {
    metadata,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'deployer' },
    subjects: [{ kind: 'ServiceAccount', name: 'deployer', namespace }],
  })
  const made = await cluster.create(`${path}/serviceaccounts/deployer/token`, { spec: { expirationSeconds: 3600 } })
  const { token } = made['status'] as { token: string }
  return kubeconfigFileOf({ testbed, namespace }, token)
}

/** Writes the kubeconfig of a token for the stage's namespace and gives its path. */
export function kubeconfigFileOf({ testbed, namespace }: Pick<Stage, 'testbed' | 'namespace'>, token: string): string {
  const file = join(temporaryDirectory('account'), 'kubeconfig')
  writeFileSync(file, kubeconfigFor(testbed, { token }, namespace), { mode: 0o600 })
  return file
}

/** May deploy, and may read neither events nor the logs of pods. */
export function withoutEventsAndLogs(stage: Stage): Promise<string> {
  const all = (apiGroups: string[], resources: string[]): Rule => ({ apiGroups, resources, verbs: ['*'] })
  return kubeconfigOfAccount(stage, [
    all([''], ['pods', 'secrets', 'configmaps', 'services', 'persistentvolumeclaims']),
    all(['apps'], ['deployments', 'replicasets', 'statefulsets', 'daemonsets']),
    all(['batch'], ['jobs']),
  ])
}
