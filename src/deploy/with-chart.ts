import { fetchChart } from '../chart/fetch.ts'
import type { UpgradeRequest } from '../helm/argv.ts'
import { explainFailure } from './explain.ts'
import { nothing, type TransactionResult } from './outcome.ts'
import type { OnPhase, Session } from './session.ts'

/** Works with a chart that is on this machine, whole and verified; without one nothing is begun, and the result says why. */
export async function withChart(
  session: Session,
  request: UpgradeRequest,
  onPhase: OnPhase,
  work: (request: UpgradeRequest) => Promise<TransactionResult>,
): Promise<TransactionResult> {
  if (request.chart.kind === 'oci' || request.chart.kind === 'repository') onPhase('get the chart')
  const fetched = await fetchChart(session, request.chart)
  if (fetched.kind === 'problem') return { ...nothing, problems: [fetched.problem], chartDigest: fetched.digest }
  if (fetched.kind === 'helm') return refusedByHelm(session, request, fetched.error)
  session.journal.note({ chartDigest: fetched.digest })
  return { ...(await work({ ...request, chart: fetched.chart })), chartDigest: fetched.digest }
}

/** Helm would not even begin. */
export async function refusedByHelm(
  session: Session,
  request: UpgradeRequest,
  error: string,
): Promise<TransactionResult> {
  const { findings } = await explainFailure(session, { kind: 'helm-failed', error }, request)
  return { ...nothing, findings }
}
