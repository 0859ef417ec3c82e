// The accounts of `examples/rbac`, made on a testbed as their files say, and what their requests ask for in terms of RBAC.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseAllDocuments } from 'yaml'
import type { Rule } from './account.ts'
import type { ApiRequest } from './faulty-api.ts'
import type { Stage } from './stage.ts'

export type Manifest = {
  apiVersion: string
  kind: string
  metadata: { name: string; namespace?: string }
  rules?: Rule[]
}

const folder = fileURLToPath(new URL('../../examples/rbac/', import.meta.url))
const rbac = '/apis/rbac.authorization.k8s.io/v1'

/** The objects of one file of `examples/rbac`; its namespace becomes that of the test. */
export function readExample(file: string, namespace: string): Manifest[] {
  const text = readFileSync(folder + file, 'utf8').replaceAll(
    /namespace: (shop|previews)$/gm,
    `namespace: ${namespace}`,
  )
  return parseAllDocuments(text).map((document) => document.toJS() as Manifest)
}

/** Makes the objects in the stage's namespace and gives a token of their service account. */
export async function tokenOf({ cluster, path, namespace }: Stage, objects: readonly Manifest[]): Promise<string> {
  const places: Record<string, string> = {
    ServiceAccount: `${path}/serviceaccounts`,
    Role: `${rbac}/namespaces/${namespace}/roles`,
    RoleBinding: `${rbac}/namespaces/${namespace}/rolebindings`,
    ClusterRole: `${rbac}/clusterroles`,
    ClusterRoleBinding: `${rbac}/clusterrolebindings`,
  }
  for (const object of objects) await cluster.create(places[object.kind] ?? '', object)
  const account = objects.find(({ kind }) => kind === 'ServiceAccount')?.metadata.name
  const made = await cluster.create(`${path}/serviceaccounts/${account}/token`, { spec: { expirationSeconds: 3600 } })
  return (made['status'] as { token: string }).token
}

/** Makes the account of a file in the stage's namespace, changed if it is to be, and gives a token of it. */
export async function tokenOfExample(
  stage: Stage,
  file: string,
  change: (objects: Manifest[]) => void = () => undefined,
): Promise<string> {
  const objects = readExample(file, stage.namespace)
  change(objects)
  return tokenOf(stage, objects)
}

/** Every `group/resource verb` that the objects allow. */
export function allowed(objects: readonly Manifest[]): string[] {
  const rules = objects.flatMap(({ rules = [] }) => rules)
  return rules.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) => resources.flatMap((resource) => verbs.map((verb) => `${group}/${resource} ${verb}`))),
  )
}

const verbs: Readonly<Record<string, string>> = { POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' }

/** The `group/resource verb` that a request needs, as the API server asks RBAC; null for what is not an object, such as `/version`. */
export function asked({ method, path, isWatch }: Pick<ApiRequest, 'method' | 'path' | 'isWatch'>): string | null {
  const { pathname } = new URL(path, 'https://api')
  const found =
    /^\/(?:api\/v1|apis\/([^/]+)\/[^/]+)(?:\/namespaces\/[^/]+)?\/([^/]+)(?:\/([^/]+)(?:\/([^/]+))?)?$/.exec(pathname)
  if (!found) return null
  const [, group = '', resource, name, part] = found
  const reading = isWatch ? 'watch' : name === undefined ? 'list' : 'get'
  return `${group}/${resource}${part ? `/${part}` : ''} ${verbs[method] ?? reading}`
}
