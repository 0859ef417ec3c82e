import type { Container, Pod, Probe, Toleration } from '../cluster/types.ts'

/** What a container asks for: image, command, probes, requests, limits. */
export function containerExcerpt(spec: Container | undefined): Record<string, string> {
  const found: Record<string, string> = {}
  if (spec?.image) found['image'] = spec.image
  const command = [...(spec?.command ?? []), ...(spec?.args ?? [])].join(' ')
  if (command) found['command'] = command
  if (spec?.readinessProbe) found['readiness probe'] = probeText(spec.readinessProbe)
  if (spec?.startupProbe) found['startup probe'] = probeText(spec.startupProbe)
  if (spec?.livenessProbe) found['liveness probe'] = probeText(spec.livenessProbe)
  const requests = amounts(spec?.resources?.requests)
  if (requests) found['requests'] = requests
  const limits = amounts(spec?.resources?.limits)
  if (limits) found['limits'] = limits
  return found
}

function amounts(resources: Readonly<Record<string, string>> = {}): string {
  return Object.entries(resources)
    .map(([name, amount]) => `${name} ${amount}`)
    .join(', ')
}

/** What a pod asks for that has no container yet: what the scheduler and the node go by. */
export function podExcerpt({ spec }: Pod): Record<string, string> {
  const found: Record<string, string> = {}
  const containers = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])]
  for (const { name, image, resources } of containers) {
    const of = containers.length > 1 ? ` of ${name}` : ''
    if (image) found[`image${of}`] = image
    const requests = amounts(resources?.requests)
    if (requests) found[`requests${of}`] = requests
  }
  const selector = Object.entries(spec?.nodeSelector ?? {}).map(([key, value]) => `${key}=${value}`)
  if (selector.length > 0) found['node selector'] = selector.join(', ')
  const tolerations = (spec?.tolerations ?? []).flatMap(tolerationText)
  if (tolerations.length > 0) found['tolerations'] = tolerations.join(', ')
  return found
}

/** As kubectl writes it; not those that every pod is given. */
function tolerationText({ key, operator, value, effect }: Toleration): string[] {
  if (key?.startsWith('node.kubernetes.io/')) return []
  const what = key ? (operator === 'Exists' || !value ? key : `${key}=${value}`) : 'everything'
  return [effect ? `${what}:${effect}` : what]
}

/** A probe in words: `GET /readyz on port 8080`. */
export function probeText(probe: Probe): string {
  if (probe.httpGet) return `GET ${probe.httpGet.path ?? '/'} on port ${probe.httpGet.port}`
  if (probe.tcpSocket) return `TCP connection to port ${probe.tcpSocket.port}`
  if (probe.grpc) return `gRPC health on port ${probe.grpc.port}`
  return probe.exec ? `command ${(probe.exec.command ?? []).join(' ')}` : 'unknown probe'
}
