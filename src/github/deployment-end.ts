import type { Report, Status } from '../report/model.ts'

/** How a deployment ends. Fixed words only: an environment's page is as public as its repository. */
export interface DeploymentEnd {
  readonly state: 'success' | 'failure' | 'error' | 'inactive'
  readonly description: string
}

/** What a run that was lost says: nobody knows how it ended. */
export const cutOff: DeploymentEnd = { state: 'error', description: 'The run was cut off' }

/**
 * `success` only for what is deployed; `failure` for a deploy that failed, whatever became of it; `error` for one that was not carried
 * through, since the API has no word for cancelled.
 */
export function deploymentEnd({ status, revision }: Pick<Report, 'status' | 'revision'>): DeploymentEnd {
  if (status === 'deployed')
    return { state: 'success', description: revision === null ? 'Deployed' : `Deployed as revision ${revision}` }
  if (status === 'removed') return { state: 'inactive', description: 'The preview was removed' }
  if (status === 'cancelled') return { state: 'error', description: 'Cancelled' }
  return { state: 'failure', description: words[status] ?? 'Not deployed' }
}

const words: Partial<Record<Status, string>> = {
  'rolled-back': 'Not deployed; rolled back',
  uninstalled: 'Not deployed; removed again',
  'rollback-failed': 'Not deployed; the rollback failed too',
  kept: 'Failed, and kept as it is',
  rejected: 'Rejected; nothing was changed',
}
