// Everything in a cluster, cluster-scoped objects included, to see what a test has left anywhere.
import type { Api } from './api.ts'

type Resource = { name: string; kind: string; verbs: string[] }

/** Events come and go by themselves, and so do the slices and metrics that controllers keep; the address of a Service is named by a number. */
const ignored = new Set([
  'Event',
  'EndpointSlice',
  'Endpoints',
  'IPAddress',
  'PodMetrics',
  'NodeMetrics',
  'ComponentStatus',
])

/** Every object of the cluster as `kind namespace/name` with its uid; without those of the stages of other tests. */
export async function wholeCluster(api: Api): Promise<Record<string, string>> {
  const groups = (await api.get('/apis'))?.['groups'] as { preferredVersion: { groupVersion: string } }[]
  const bases = ['/api/v1', ...groups.map(({ preferredVersion }) => `/apis/${preferredVersion.groupVersion}`)]
  const found = await Promise.all(
    bases.map(async (base) => {
      const resources = ((await api.get(base))?.['resources'] ?? []) as Resource[]
      const listed = resources.filter(
        ({ name, kind, verbs }) => verbs.includes('list') && !name.includes('/') && !ignored.has(kind),
      )
      return Promise.all(
        listed.map(async ({ name, kind }) => (await api.list(`${base}/${name}`)).map((object) => ({ kind, object }))),
      )
    }),
  )
  const isOfStage = (name: string): boolean => /^[a-z]+-[\da-f]{8}(-|$)/.test(name)
  return Object.fromEntries(
    found
      .flat(2)
      .filter(({ object: { metadata } }) => !isOfStage(metadata.namespace ?? metadata.name))
      .map(({ kind, object: { metadata } }) => [
        `${kind} ${metadata.namespace ?? ''}/${metadata.name}`,
        metadata.uid ?? '',
      ]),
  )
}
