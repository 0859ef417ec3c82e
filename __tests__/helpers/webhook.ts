// An admission webhook that has to agree to every new pod, and whose backend does not exist.
import type { Cluster } from './cluster.ts'

const configurations = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations'

/** Asks it in the namespaces with these labels; gives what takes it away again. */
export async function webhookDown(
  cluster: Pick<Cluster, 'create' | 'remove'>,
  name: string,
  matchLabels: Record<string, string>,
): Promise<() => Promise<void>> {
  await cluster.create(configurations, {
    metadata: { name },
    webhooks: [
      {
        name: 'policy.example.com',
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        timeoutSeconds: 2,
        clientConfig: { service: { name: 'gone', namespace: 'default' } },
        rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
        namespaceSelector: { matchLabels },
      },
    ],
  })
  return () => cluster.remove(`${configurations}/${name}`)
}

/** Asks it in one namespace. */
export function webhookDownIn(
  cluster: Pick<Cluster, 'create' | 'remove'>,
  namespace: string,
): Promise<() => Promise<void>> {
  return webhookDown(cluster, namespace, { 'kubernetes.io/metadata.name': namespace })
}
