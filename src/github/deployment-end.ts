import type { Report, Status } from '../report/model.ts'

/** How a deployment ends. Fixed words only: an environment's page is as public as its repository. */
export interface DeploymentEnd {
  readonly state: 'success' | 'failure' | 'error' | 'inactive'
  readonly description: string
  /** Empty unless it is deployed and its URL is known. */
  readonly environmentUrl: string
}

/** What a run that was lost says: nobody knows how it ended. */
export const cutOff: DeploymentEnd = { state: 'error', description: 'The run was cut off', environmentUrl: '' }

/**
 * `success` only for what is deployed; `failure` for a deploy that failed, whatever became of it; `error` for one that was not carried
 * through, since the API has no word for cancelled.
 */
export function deploymentEnd({ status, revision, environmentUrl }: DeployedReport): DeploymentEnd {
  if (status === 'deployed') {
    const description = revision === null ? 'Deployed' : `Deployed as revision ${revision}`
    return { state: 'success', description, environmentUrl: environmentUrl ?? '' }
  }
  if (status === 'removed') return { state: 'inactive', description: 'The preview was removed', environmentUrl: '' }
  if (status === 'cancelled') return { state: 'error', description: 'Cancelled', environmentUrl: '' }
  return { state: 'failure', description: words[status] ?? 'Not deployed', environmentUrl: '' }
}

/** What a deployment is told of a run. */
export type DeployedReport = Pick<Report, 'status' | 'revision' | 'environmentUrl'>

const words: Partial<Record<Status, string>> = {
  'rolled-back': 'Not deployed; rolled back',
  uninstalled: 'Not deployed; removed again',
  'rollback-failed': 'Not deployed; the rollback failed too',
  kept: 'Failed, and kept as it is',
  rejected: 'Rejected; nothing was changed',
}
