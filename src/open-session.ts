import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import type { ClusterClient } from './cluster/client.ts'
import { createDiscovery } from './cluster/discovery.ts'
import type { ClusterIdentity } from './cluster/identity.ts'
import type { LoadedKubeconfig } from './cluster/kubeconfig.ts'
import type { RunContext } from './context/context.ts'
import { createObserver } from './deploy/observer.ts'
import { diagnosisOptions, type Session } from './deploy/session.ts'
import { attemptStatus } from './github/attempt-status.ts'
import { createGitHub } from './github/octokit.ts'
import type { HelmBinary } from './helm/binary.ts'
import { requestRate } from './helm/request-rate.ts'
import type { Inputs } from './inputs/inputs.ts'
import { processStarter } from './platform/process.ts'
import { helmEnvironment, workspaceOf } from './prepare-helm.ts'
import { lockOwner } from './release/lease.ts'
import { disabledLock, type IsAttemptCompleted } from './release/lock.ts'
import { openStorage, type StorageDriver } from './release/storage.ts'
import { evidencePolicy } from './report/evidence.ts'
import type { World } from './world.ts'

/** What is known of where and with what a run works. */
export interface Place {
  readonly inputs: Inputs
  readonly kubeconfig: LoadedKubeconfig
  readonly client: ClusterClient
  readonly driver: StorageDriver
  readonly namespace: string
  readonly helm: HelmBinary
  readonly cluster: ClusterIdentity
}

/** Opens everything that the transaction works with; asks nobody anything. The lock comes later. */
export function openSession(world: World, context: RunContext, place: Place): Session {
  const { inputs, kubeconfig, client, driver, namespace, helm, cluster } = place
  const { clock, log, secrets, files, journal, cancel } = world
  return {
    inputs,
    target: { release: inputs.release, namespace, kubeconfigPath: kubeconfig.path, kubeContext: inputs.kubeContext },
    helm,
    kubeVersion: cluster.version,
    env: { ...helmEnvironment(world.env, world.system, dirname(helm.path)), ...requestRate(world.env) },
    system: world.system,
    workspace: workspaceOf(world.env),
    folder: files.folder,
    client,
    discovery: createDiscovery(client),
    storage: openStorage(client, clock, driver, namespace, inputs.release),
    observer: createObserver(client, clock, diagnosisOptions(inputs)),
    clock,
    log,
    secrets,
    tellsPodLines: evidencePolicy(inputs, context) === 'full',
    start: processStarter(files.folder),
    journal,
    stop: cancel,
    owner: lockOwner(context, inputs.timeoutMs + inputs.rollbackTimeoutMs, hostname(), randomUUID()),
    isAttemptCompleted: asksGitHub(inputs, context),
    lock: disabledLock(),
  }
}

function asksGitHub({ githubToken }: Inputs, { repository, apiUrl, serverUrl }: RunContext): IsAttemptCompleted {
  if (!githubToken || !repository) return () => Promise.resolve(false)
  return attemptStatus(createGitHub(githubToken, apiUrl), repository, serverUrl)
}
