import type { KubeObject } from '../cluster/types.ts'

/** Where a load balancer answers, by the status of its Service or Ingress: a name, else an IP address; null while there is neither. */
export function balancerHost(seen: KubeObject | null): string | null {
  const { status } = (seen ?? {}) as { readonly status?: BalancerStatus }
  const [first] = status?.loadBalancer?.ingress ?? []
  return first?.hostname || first?.ip || null
}

interface BalancerStatus {
  readonly loadBalancer?: { readonly ingress?: readonly { readonly hostname?: string; readonly ip?: string }[] | null }
}
