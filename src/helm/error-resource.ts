import type { ResourceRef } from '../health/finding.ts'

interface ResourcePattern {
  readonly pattern: RegExp
  readonly kind: number
  readonly name: number
  readonly namespace?: number
  /** The namespace is the manifest's, where none means the release's; elsewhere none means that there is none. */
  readonly isAsWritten?: boolean
}

const resourcePatterns: readonly ResourcePattern[] = [
  {
    pattern: /(?:server-side apply failed for|conflict occurred while applying) object (\S*?)\/(\S+) \S*, Kind=(\w+)/,
    namespace: 1,
    name: 2,
    kind: 3,
  },
  { pattern: /cannot (?:patch|create|replace) "([^"]+)" with kind (\w+)/, name: 1, kind: 2 },
  { pattern: /\b([A-Z]\w+) "([^"]+)" in namespace "([^"]*)" exists/, kind: 1, name: 2, namespace: 3 },
  { pattern: /\b([A-Z]\w+) "([^"]+)" exists and cannot be imported/, kind: 1, name: 2 },
  {
    pattern:
      /resource mapping not found for name: "([^"]+)" namespace: "([^"]*)" from "[^"]*": no matches for kind "([^"]+)"/,
    name: 1,
    namespace: 2,
    kind: 3,
    isAsWritten: true,
  },
  { pattern: /\b([A-Z]\w+)(?:\.[a-z0-9.]+)? "([^"]+)" is invalid/, kind: 1, name: 2 },
  {
    pattern: /failed to create (?:typed patch object|resource) \((\S*?)\/(\S+?); \S*, Kind=(\w+)\)/,
    namespace: 1,
    name: 2,
    kind: 3,
  },
  { pattern: /resource (\w+)\/([^/\s]*)\/(\S+) not ready/, kind: 1, namespace: 2, name: 3 },
]

/** Plural resource names in Kubernetes' "forbidden" messages, as kinds. */
const plurals: Readonly<Record<string, string>> = {
  configmaps: 'ConfigMap',
  secrets: 'Secret',
  services: 'Service',
  serviceaccounts: 'ServiceAccount',
  pods: 'Pod',
  'deployments.apps': 'Deployment',
  'statefulsets.apps': 'StatefulSet',
  'daemonsets.apps': 'DaemonSet',
  'jobs.batch': 'Job',
  'cronjobs.batch': 'CronJob',
  'ingresses.networking.k8s.io': 'Ingress',
  'roles.rbac.authorization.k8s.io': 'Role',
  'rolebindings.rbac.authorization.k8s.io': 'RoleBinding',
  persistentvolumeclaims: 'PersistentVolumeClaim',
  'networkpolicies.networking.k8s.io': 'NetworkPolicy',
  'poddisruptionbudgets.policy': 'PodDisruptionBudget',
  'horizontalpodautoscalers.autoscaling': 'HorizontalPodAutoscaler',
}

/** The object that an error of Helm's or the API server's names; null when it names none. */
export function resourceIn(text: string, namespace: string): ResourceRef | null {
  // Helm's own record is no object of the release.
  if (/\bsh\.helm\.release\.v1\./.test(text)) return null
  for (const { pattern, kind, name, namespace: ns, isAsWritten } of resourcePatterns) {
    const match = pattern.exec(text)
    if (!match) continue
    const told = ns === undefined ? undefined : match[ns]
    const settled = isAsWritten ? told || namespace : (told ?? namespace)
    return { kind: match[kind] ?? '', name: match[name] ?? '', namespace: settled }
  }
  const plural = /\b([a-z.0-9]+) "([^"]+)" is forbidden/.exec(text)
  const kind = plurals[plural?.[1] ?? '']
  return plural && kind ? { kind, name: plural[2] ?? '', namespace } : null
}
