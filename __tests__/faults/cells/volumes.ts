// 11: volumes, whose claims can grow and never shrink.
import { rmSync } from 'node:fs'
import type { Templates } from '../../helpers/chart.ts'
import { until } from '../../helpers/cluster.ts'
import type { Picture } from '../../helpers/picture.ts'
import { object, set } from '../../scenarios/objects.ts'
import { instanceOf } from '../../testbed/paths.ts'
import type { Cell } from '../cell.ts'
import { changed, config, good } from '../charts.ts'
import { differences } from '../manifest.ts'
import type { Scene } from '../scene.ts'

const claimed = (storage: string, storageClassName: string): object => ({
  accessModes: ['ReadWriteOnce'],
  storageClassName,
  resources: { requests: { storage } },
})
const claim = (storage: string, { namespace }: Scene): object =>
  object('v1', 'PersistentVolumeClaim', 'data', { spec: claimed(storage, namespace) })

/** A StatefulSet whose pod keeps its data on a claim of its own. */
const stateful = (storage: string, { namespace }: Scene, args: string[] = ['serve']): Templates => ({
  web: set('StatefulSet', {
    args,
    container: { volumeMounts: [{ name: 'data', mountPath: '/data' }] },
    spec: {
      replicas: 1,
      volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: claimed(storage, namespace) }],
    },
  }),
  settings: config('settings', { greeting: args.join(' ') }),
})

/** A class of storage, named like the namespace, that can grow, with one volume of 2 GiB; then the good revision that claims it. */
const onVolume =
  (templates: (scene: Scene) => Templates) =>
  async (scene: Scene): Promise<void> => {
    const { cluster, namespace: name, path, after, install, testbed } = scene
    const directory = `${instanceOf(testbed.name).dir}/volumes/${name}`
    const classes = '/apis/storage.k8s.io/v1/storageclasses'
    const provisioner = 'kubernetes.io/no-provisioner'
    after(() => rmSync(directory, { recursive: true, force: true }))
    after(() => cluster.remove(`${classes}/${name}`))
    after(() => cluster.remove(`/api/v1/persistentvolumes/${name}`))
    await cluster.create(classes, { metadata: { name }, provisioner, allowVolumeExpansion: true })
    await cluster.create('/api/v1/persistentvolumes', {
      metadata: { name },
      spec: {
        capacity: { storage: '2Gi' },
        accessModes: ['ReadWriteOnce'],
        storageClassName: name,
        persistentVolumeReclaimPolicy: 'Retain',
        hostPath: { path: directory, type: 'DirectoryOrCreate' },
      },
    })
    await install(templates(scene))
    await until('the claim is bound', async () => {
      const [found] = (await cluster.list(`${path}/persistentvolumeclaims`)) as unknown as {
        status: { phase: string }
      }[]
      return found?.status.phase === 'Bound'
    })
  }

const restored = { ends: ['before'] as const, status: ['rolled-back'] }
const withClaim = { row: 11, good: null, prepare: onVolume((scene) => ({ ...good(), data: claim('2Gi', scene) })) }

/** Nobody shrinks a volume, but what served before serves again. */
async function allElseIsBack({ picture, before }: Scene): Promise<string[]> {
  const serving = ({ pods }: Picture): string => JSON.stringify(pods.map(({ name, ready }) => [name, ready]))
  const seen = await picture()
  const names = ['Deployment/web', 'Service/web', 'ConfigMap/settings']
  return [
    ...names.flatMap((name) => differences(seen.objects[name], before.objects[name], name)),
    ...(serving(seen) === serving(before) ? [] : [`pods: ${serving(seen)}, were: ${serving(before)}`]),
  ]
}

/** Helm stops at the claim, before it takes away what the failed revision added. */
function leftOverIsTold({ runs, namespace }: Scene): string[] {
  const commands = runs.at(-1)?.report?.undo?.commands ?? []
  return commands.includes(`kubectl -n ${namespace} delete configmap extra`)
    ? []
    : [`the report says ${commands.join()}`]
}

export const volumes: Cell[] = [
  {
    ...withClaim,
    fault: 'PVC shrinks',
    phase: 'the API refuses it',
    deploy: (scene) => ({ ...changed({ args: ['serve', '--message=new'] }), data: claim('1Gi', scene) }),
    expect: restored,
  },
  {
    row: 11,
    fault: 'PVC shrinks',
    phase: 'in the template of a StatefulSet',
    good: null,
    prepare: onVolume((scene) => stateful('2Gi', scene)),
    deploy: (scene) => stateful('1Gi', scene, ['serve', '--message=new']),
    expect: restored,
  },
  {
    ...withClaim,
    fault: 'PVC grows',
    phase: 'in the failing revision, and cannot shrink again',
    deploy: (scene) => ({
      ...changed({ container: { image: scene.testbed.images.missing } }),
      data: claim('3Gi', scene),
    }),
    // Helm calls its own rollback failed, and puts all else back.
    expect: {
      ends: ['kept'],
      status: ['rollback-failed'],
      drifts: ['PersistentVolumeClaim/data'],
      says: /storage: Forbidden: field can not be less than/,
    },
    check: async (scene) => [...(await allElseIsBack(scene)), ...leftOverIsTold(scene)],
  },
]
