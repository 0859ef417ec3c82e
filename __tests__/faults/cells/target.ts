// 10: what a rollback goes back to is broken itself.
import { chartOf } from '../../helpers/chart.ts'
import { until } from '../../helpers/cluster.ts'
import { ctr } from '../../testbed/containerd.ts'
import { instanceOf } from '../../testbed/paths.ts'
import type { Parts } from '../../scenarios/objects.ts'
import type { Templates } from '../../helpers/chart.ts'
import type { Cell } from '../cell.ts'
import { changed, gently, good } from '../charts.ts'
import type { Scene } from '../scene.ts'

const fault = 'its target is broken too'
/** The old pods are gone before the new ones come, so the undo has to start the target's anew. */
const recreate = { replicas: 2, strategy: { type: 'Recreate' } }
const failed: Cell['expect'] = {
  ends: ['kept'],
  status: ['rollback-failed'],
  says: /helm -n \S+ rollback shop 1/,
}

/** A name of the app's image that only this scene has, in a registry that nobody can ask. */
const passing = ({ namespace }: Scene): string => `127.0.0.1:1/passing:${namespace}`
const onPassing = (scene: Scene): Templates => good({ container: { image: passing(scene) }, spec: recreate })

/** The image that the good revision's pods run is on no registry and no node any more. */
async function loseImage(scene: Scene): Promise<void> {
  const instance = instanceOf(scene.testbed.name)
  await ctr(instance, ['images', 'tag', scene.testbed.images.app, passing(scene)])
  await scene.install(onPassing(scene))
  await ctr(instance, ['images', 'rm', '--sync', passing(scene)])
}

const failing = ({ testbed }: Scene): Templates =>
  changed({ container: { image: testbed.images.missing }, spec: recreate })

/** Reads a ConfigMap that is not of the release. */
const needsFlags = (container: Record<string, unknown> = {}): Parts => ({
  container: { envFrom: [{ configMapRef: { name: 'flags' } }], ...container },
  spec: recreate,
})

/** Helm calls it deployed, for nobody has waited for it. */
const neverReady =
  (spec: NonNullable<Parts['spec']>) =>
  async ({ runHelm, cluster, namespace }: Scene): Promise<void> => {
    const chart = chartOf(good({ args: ['serve', '--ready=false'], spec }))
    const run = await runHelm('upgrade', '--install', 'shop', chart)
    if (run.exitCode !== 0) throw new Error(run.stderr)
    await until(
      'its pods',
      async () => (await cluster.podHashes(namespace)).filter((pod) => pod.phase === 'Running').length === 2,
    )
  }

export const target: Cell[] = [
  {
    row: 10,
    fault,
    phase: 'its image has gone',
    good: null,
    prepare: loseImage,
    deploy: failing,
    inputs: { 'rollback-timeout': '15s' },
    expect: { ...failed, says: /passing[^]*helm -n \S+ rollback shop 1/ },
  },
  {
    row: 10,
    fault,
    phase: 'a ConfigMap it needs was deleted by hand',
    good: null,
    prepare: async ({ cluster, path, install }) => {
      await cluster.create(`${path}/configmaps`, { metadata: { name: 'flags' }, data: { on: 'yes' } })
      await install(good(needsFlags()))
      await cluster.remove(`${path}/configmaps/flags`)
    },
    deploy: ({ testbed }) => changed(needsFlags({ image: testbed.images.missing })),
    inputs: { 'rollback-timeout': '15s' },
    expect: failed,
  },
  ...[
    { words: '', spec: recreate },
    // While it has no ready pod, Kubernetes takes none of the failed revision's away.
    { words: ', maxUnavailable 0', spec: gently },
  ].map(({ words, spec }): Cell => ({
    row: 10,
    fault,
    phase: `it was deployed without a wait and never got ready${words}`,
    good: null,
    // Nobody served before the deploy either.
    stream: false,
    prepare: neverReady(spec),
    deploy: ({ testbed }) => changed({ container: { image: testbed.images.missing }, spec }),
    expect: { ends: ['before'], status: ['rolled-back'], says: /was not whole before the deploy: 0 of 2 pods ready/ },
    check: ({ runs: [run] }) =>
      (run?.report?.undo?.durationMs ?? Infinity) < 30_000 ? [] : ['it waited for what was not ready before'],
  })),
]
