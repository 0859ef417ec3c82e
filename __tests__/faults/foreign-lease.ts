// A lock that somebody else has: alive and slow, or dead.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Scene } from './scene.ts'

export const foreignRun = 'https://github.com/org/shop/actions/runs/99/attempts/1'
const name = 'atomic-helm.shop'

/** Takes the lock for a run that is none of ours. */
export async function takeForeignLease({ cluster, namespace }: Scene): Promise<void> {
  await cluster.create(pathOf(namespace), foreignLease())
}

/** Renews it for so long, as its owner would, and gives it back; throws when somebody deploys meanwhile. */
export async function holdForeignLease(scene: Scene, ms: number): Promise<void> {
  const { cluster, namespace } = scene
  const [before, end] = [(await scene.records()).length, Date.now() + ms]
  while (Date.now() < end) {
    await cluster.patch(`${pathOf(namespace)}/${name}`, { spec: { renewTime: microTime() } }).catch(() => undefined)
    await sleep(2000)
  }
  const after = (await scene.records()).length
  await cluster.remove(`${pathOf(namespace)}/${name}`)
  if (after !== before) throw new Error('it deployed although somebody who lives had the lock')
}

/** Deletes the lock, whoever has it. */
export async function deleteLease({ cluster, namespace }: Scene): Promise<void> {
  await cluster.remove(`${pathOf(namespace)}/${name}`)
}

function pathOf(namespace: string): string {
  return `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`
}

function microTime(): string {
  return new Date().toISOString().replace('Z', '000Z')
}

function foreignLease(): object {
  return {
    metadata: {
      name,
      annotations: {
        'atomic-helm.dev/run-url': foreignRun,
        'atomic-helm.dev/phase': 'deploy',
        'atomic-helm.dev/timeout-seconds': '600',
      },
    },
    spec: {
      holderIdentity: `${foreignRun}#0001`,
      leaseDurationSeconds: 30,
      acquireTime: microTime(),
      renewTime: microTime(),
      leaseTransitions: 0,
    },
  }
}
