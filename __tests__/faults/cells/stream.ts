// Nobody notices: a two-replica service that an update never takes below two loses no request, from before the failing deploy to after
// its undo. All cells with that service are judged by it; these are about nothing else, and stand after the last row of the list.
import { web } from '../../scenarios/objects.ts'
import type { Templates } from '../../helpers/chart.ts'
import type { Cell } from '../cell.ts'
import { changed } from '../charts.ts'
import { once, shows } from '../moments.ts'
import type { Scene } from '../scene.ts'

const served: Pick<Cell, 'row' | 'fault'> = { row: 19, fault: 'requests go on' }
const restored = { ends: ['before'] as const, status: ['rolled-back'] }
const cancelled = { ends: ['before'] as const, status: ['cancelled'] }
const neverReady = changed({ args: ['serve', '--ready=false'] })

/** Its web server has taken over from the old one when it fails for another reason: the undo has to change them back. */
function besideMissing({ testbed }: Scene): Templates {
  const worker = web({ name: 'worker', container: { image: testbed.images.missing } })
  return { ...changed({ args: ['serve', '--message=new'] }), worker }
}

/** Both new pods serve, and the old ones are gone or going. */
const tookOver =
  ({ cluster, namespace }: Scene) =>
  async (): Promise<boolean> => {
    const live = await cluster.get(`/apis/apps/v1/namespaces/${namespace}/deployments/web`)
    const { spec, status, metadata } = live as unknown as Deployment
    const isSeen = spec.template.spec.containers[0]?.args?.includes('--message=new') === true
    return isSeen && status.observedGeneration === metadata.generation && status.replicas === 2 && isUp(status)
  }

type Status = { observedGeneration?: number; replicas?: number; updatedReplicas?: number; readyReplicas?: number }
type Deployment = {
  metadata: { generation: number }
  spec: { template: { spec: { containers: { args?: string[] }[] } } }
  status: Status
}

function isUp({ updatedReplicas, readyReplicas }: Status): boolean {
  return updatedReplicas === 2 && readyReplicas === 2
}

export const stream: Cell[] = [
  {
    ...served,
    phase: 'the image does not exist',
    deploy: ({ testbed }) => changed({ container: { image: testbed.images.missing } }),
    expect: restored,
  },
  { ...served, phase: 'it never gets ready', deploy: neverReady, inputs: { timeout: '15s' }, expect: restored },
  { ...served, phase: 'it crashes', deploy: changed({ args: ['crash', 'FATAL: no licence'] }), expect: restored },
  {
    ...served,
    phase: 'cancel in the wait',
    deploy: neverReady,
    disturb: (scene) => ({ cancelWhen: once(scene, shows.waiting) }),
    expect: cancelled,
  },
  {
    ...served,
    phase: 'it has taken over when another workload fails',
    deploy: besideMissing,
    inputs: { timeout: '20s', 'fail-fast': 'false' },
    expect: restored,
  },
  {
    ...served,
    phase: 'cancel when it has taken over',
    deploy: besideMissing,
    inputs: { 'fail-fast': 'false' },
    disturb: (scene) => ({ cancelWhen: once(scene, tookOver) }),
    expect: cancelled,
  },
  {
    ...served,
    phase: 'runner lost when it has taken over, then the next run',
    deploy: besideMissing,
    inputs: { 'fail-fast': 'false' },
    disturb: (scene) => ({ killWhen: { when: once(scene, tookOver), who: 'both' }, noPost: true }),
    next: true,
    expect: { ends: ['new'], status: ['deployed'] },
  },
]
