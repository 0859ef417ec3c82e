// Values reach Helm in the documented order, verbatim.
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeChart } from '../../helpers/chart.ts'
import type { KubeObject } from '../../helpers/cluster/api.ts'
import { fixtureChart } from '../../helpers/helm.ts'
import { sideBySide, staged } from '../../helpers/majors.ts'
import { temporaryDirectory } from '../../helpers/temporary.ts'

const chart = writeChart({
  'templates/all.yaml': `{apiVersion: v1, kind: ConfigMap, metadata: {name: all}, data: {values: {{ toJson .Values | quote }}}}`,
})

function workspace(files: Record<string, string>): string {
  const directory = join(temporaryDirectory('workspace'), 'work')
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(directory, path, '..'), { recursive: true })
    writeFileSync(join(directory, path), text)
  }
  return directory
}

function valuesOf(map: KubeObject | undefined): unknown {
  return JSON.parse((map?.['data'] as { values: string } | undefined)?.values ?? 'null')
}

sideBySide('values', () => {
  staged(
    'come from files, inline YAML and assignments, each over those before',
    {},
    async ({ deploy, cluster, path }) => {
      const files = {
        'deploy/10-base.yaml': 'a: base\nb: base\nc: base\nd: base\ne: base\nf: base\ng: base',
        'deploy/20-more.yaml': 'b: more\nc: more\nd: more\ne: more\nf: more\ng: more',
        'last.yaml': 'c: last\nd: last\ne: last\nf: last\ng: last',
        'text.txt': 'from a file, with $HOME and "quotes"\n',
      }
      const run = await deploy(
        {
          chart,
          'value-files': 'deploy/*.yaml\nlast.yaml',
          values: 'd: inline\ne: inline\nf: inline\ng: inline',
          'set-json': 'e={"is": ["json", 1]}\nf=true\ng=1',
          set: 'f=set\ng=set\nlist={x,y}\nwith\\.dot=a\\,b $HOME `id`',
          'set-string': 'g=1e3',
          'set-file': 'file=text.txt',
        },
        { workspace: workspace(files) },
      )
      assert.equal(run.status, 'deployed', run.log)
      assert.deepEqual(valuesOf(await cluster.get(`${path}/configmaps/all`)), {
        a: 'base',
        b: 'more',
        c: 'last',
        d: 'inline',
        e: { is: ['json', 1] },
        f: 'set',
        g: '1e3',
        list: ['x', 'y'],
        'with.dot': 'a,b $HOME `id`',
        file: files['text.txt'],
      })
    },
  )

  staged('of before are forgotten unless reuse-values is set', {}, async ({ deploy, cluster, path }) => {
    const values = async (): Promise<unknown> => valuesOf(await cluster.get(`${path}/configmaps/all`))
    await deploy({ chart, set: 'a=1' })
    const kept = await deploy({ chart, set: 'b=2', 'reuse-values': 'true' })
    assert.equal(kept.status, 'deployed', kept.log)
    assert.deepEqual(await values(), { a: 1, b: 2 })
    const reset = await deploy({ chart })
    assert.deepEqual([reset.status, reset.outputs['changed']], ['deployed', 'true'])
    assert.deepEqual(await values(), {})
  })
})

sideBySide('a chart of one ConfigMap', () => {
  staged('is deployed, with all outputs', {}, async ({ deploy, cluster, namespace, helm }, { major, dir }) => {
    const run = await deploy({ chart: fixtureChart('settings') })
    const version = /v(\d+\.\d+\.\d+)/.exec((await helm('version', '--short')).stdout)?.[1]
    const { 'report-file': file, ...outputs } = run.outputs
    assert.ok(file?.startsWith(run.temp))
    assert.ok(version?.startsWith(String(major)))
    assert.deepEqual(outputs, {
      status: 'deployed',
      reason: `shop is deployed to ${namespace} as revision 1, and complete`,
      'failing-resources': '[]',
      revision: '1',
      'previous-revision': '',
      rollback: 'none',
      changed: 'true',
      'environment-url': '',
      'helm-version': version,
      'helm-path': join(dir, 'helm'),
      release: 'shop',
      namespace,
      'chart-digest': '',
      'comment-url': '',
    })
    const again = await deploy({ chart: fixtureChart('settings'), 'report-file': join(run.workspace, 'report.json') })
    assert.deepEqual([again.outputs['revision'], again.outputs['changed']], ['2', 'false'])
    assert.equal(again.outputs['report-file'], join(run.workspace, 'report.json'))
    const records = await cluster.releases(namespace)
    assert.deepEqual(
      records.map(({ status }) => status),
      ['superseded', 'deployed'],
    )
    assert.equal(run.comment, '')
    assert.match(run.summary, /is deployed/)
  })
})
