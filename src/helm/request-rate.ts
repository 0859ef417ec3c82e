/**
 * How fast Helm may ask, for its environment; nothing when the user has settled it. Helm's client lets 100 requests through and then five a
 * second. Helm 4's wait reads every ReplicaSet of a Deployment at each change of one, so that with ten old revisions it falls behind
 * the cluster by many seconds, and by more than the timeout. The API server guards itself (API Priority and Fairness). ADR 27.
 */
export function requestRate(env: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  if (env['HELM_QPS'] || env['HELM_BURST_LIMIT']) return {}
  return { HELM_QPS: '100', HELM_BURST_LIMIT: '200' }
}
