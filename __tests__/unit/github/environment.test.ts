import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Deployment, DeploymentStatus } from '../../../src/github/deployments.ts'
import { deploymentEnd, type DeploymentEnd } from '../../../src/github/deployment-end.ts'
import { readEnvironment } from '../../../src/github/environment.ts'
import { statuses, type Status } from '../../../src/report/model.ts'

const runUrl = 'https://github.example/org/shop/actions/runs/12'
const asker = { shas: ['head', 'merge'], runUrl, replaces: '' }
const seen = (id: number, states: string, changes: Partial<Deployment> & { logUrl?: string } = {}) => {
  const { logUrl = `${runUrl}/job/${id}`, ...rest } = changes
  const deployment = { id, sha: 'merge', isByWorkflow: true, run: '', step: '', ...rest }
  return { deployment, statuses: states.split(' ').map((state): DeploymentStatus => ({ state, logUrl })) }
}
const ofJob = (...all: ReturnType<typeof seen>[]): number | null => readEnvironment(all, asker).ofJob?.id ?? null

test('the deployment of the job has its run in its address, and has not ended', () => {
  for (const state of ['queued', 'pending', 'waiting', 'in_progress']) assert.equal(ofJob(seen(1, state)), 1)
  for (const state of ['success', 'failure', 'error', 'inactive'])
    assert.equal(ofJob(seen(1, `${state} in_progress`)), null)
  assert.equal(ofJob(seen(1, 'in_progress', { sha: 'head' })), 1)
  assert.equal(ofJob(seen(2, 'in_progress'), seen(1, 'in_progress')), 2)
  assert.deepEqual(readEnvironment([seen(1, 'in_progress')], asker).ofJob?.logUrl, `${runUrl}/job/1`)
})

test('ours, and those of other runs, commits and authors, are not it', () => {
  const addresses = [runUrl, `${runUrl}/attempts/1`, `${runUrl}3/job/1`, '', `https://evil.example/?${runUrl}/job/1`]
  for (const logUrl of addresses) assert.equal(ofJob(seen(1, 'in_progress', { logUrl })), null, logUrl)
  assert.equal(ofJob(seen(1, 'in_progress', { sha: 'other' })), null)
  assert.equal(ofJob(seen(1, 'in_progress', { isByWorkflow: false })), null)
  assert.equal(ofJob(), null)
})

test('those are active whose newest status is success', () => {
  const all = [seen(3, 'success in_progress'), seen(2, 'inactive success'), seen(1, 'success', { isByWorkflow: false })]
  assert.deepEqual(readEnvironment(all, asker).active, [3, 1])
})

test('a preview replaces those of its own, where others share the environment', () => {
  const all = [seen(3, 'success', { step: 'a/b/preview-7/pr-7' }), seen(2, 'success', { step: 'a/b/preview-8/pr-8' })]
  assert.deepEqual(readEnvironment(all, { ...asker, replaces: '/preview-8/pr-8' }).active, [2])
})

test('only what is deployed is a success, and what was cancelled or removed is no failure of the deploy', () => {
  const environmentUrl = 'https://shop.test'
  const end = (status: Status): DeploymentEnd => deploymentEnd({ status, revision: 3, environmentUrl })
  const ends = statuses.map((status) => [status, end(status).state, end(status).environmentUrl])
  assert.deepEqual(
    ends.filter(([, state, url]) => state !== 'failure' || url !== ''),
    [
      ['deployed', 'success', environmentUrl],
      ['cancelled', 'error', ''],
      ['removed', 'inactive', ''],
    ],
  )
  assert.equal(end('deployed').description, 'Deployed as revision 3')
  assert.equal(end('rolled-back').description, 'Not deployed; rolled back')
  assert.equal(deploymentEnd({ status: 'deployed', revision: 3, environmentUrl: null }).environmentUrl, '')
})
