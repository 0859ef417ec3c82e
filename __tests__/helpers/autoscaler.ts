// An autoscaler that wants more replicas than there are.
import { until } from './cluster.ts'
import type { Cluster } from './cluster.ts'

/** Makes one of at least three replicas for a Deployment, and waits until they are ready; gives what takes it away again. */
export async function scaleToThree(
  cluster: Pick<Cluster, 'create' | 'remove' | 'podHashes'>,
  namespace: string,
  name: string,
): Promise<() => Promise<void>> {
  const path = `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers`
  const target = { type: 'Utilization', averageUtilization: 80 }
  await cluster.create(path, {
    metadata: { name },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
      minReplicas: 3,
      maxReplicas: 5,
      metrics: [{ type: 'Resource', resource: { name: 'cpu', target } }],
    },
  })
  const areThree = async (): Promise<boolean> =>
    (await cluster.podHashes(namespace)).filter(({ ready }) => ready).length === 3
  await until('the autoscaler', areThree)
  return () => cluster.remove(`${path}/${name}`)
}
