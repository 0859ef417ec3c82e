// Runs that want the lock of one release of the real cluster, with nothing of the action around them.
import { randomBytes } from 'node:crypto'
import type { TestContext } from 'node:test'
import { KubeConfig } from '@kubernetes/client-node'
import { createClient } from '../../../src/cluster/client.ts'
import { systemClock, systemSteadyClock } from '../../../src/platform/clock.ts'
import { acquireLock, resumeLock, type LockResult } from '../../../src/release/acquire-lock.ts'
import type { AcquireOptions } from '../../../src/release/contend.ts'
import type { LeaseFacts, LockOwner } from '../../../src/release/lease.ts'
import type { Lock, LockPorts } from '../../../src/release/lock.ts'
import { heardLog } from '../../helpers/heard-log.ts'

export type Run = ReturnType<typeof openRun>

/** A run with a connection of its own; `isOver` is what GitHub says of whoever has the lock. */
export function openRun(context: TestContext, kubeconfig: string, namespace: string, isOver = false) {
  const config = new KubeConfig()
  config.loadFromFile(kubeconfig)
  const client = createClient(config)
  context.after(() => client.close())
  const said: string[] = []
  const ports: LockPorts = {
    client,
    clock: systemClock,
    steady: systemSteadyClock,
    log: heardLog(said),
    isAttemptCompleted: () => Promise.resolve(isOver),
  }
  const name = randomBytes(4).toString('hex')
  const owner: LockOwner = {
    identity: `https://github.example/org/shop/actions/runs/${name}#1`,
    runUrl: `https://github.example/org/shop/actions/runs/${name}`,
    repository: 'org/shop',
    runId: name,
    attempt: '1',
    actor: 'ada',
    timeoutSeconds: 900,
  }
  const options: AcquireOptions = { namespace, release: 'shop', takeOver: false, signal: new AbortController().signal }
  return {
    client,
    owner,
    said,
    acquire: (more: Partial<AcquireOptions> = {}) => acquireLock(ports, owner, { ...options, ...more }),
    resume: () => resumeLock(ports, owner.identity, options),
  }
}

/** The lock that a run got; throws when it got none. */
export async function held(asking: Promise<LockResult>): Promise<{ lock: Lock; stale: LeaseFacts | null }> {
  const result = await asking
  if (result.kind !== 'held') throw new Error(`no lock but ${JSON.stringify(result)}`)
  return result
}
