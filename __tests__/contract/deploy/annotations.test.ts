// Errors stand at the line of the chart or the values that they come from, as the diff of a pull request shows it.
import assert from 'node:assert/strict'
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { deployment } from '../../helpers/chart.ts'
import { fixtureChart } from '../../helpers/helm.ts'
import { sideBySide, staged } from '../../helpers/majors.ts'
import type { Deployed } from '../../helpers/stage.ts'
import { temporaryDirectory } from '../../helpers/temporary.ts'

function workspaceOf(files: Record<string, string>): string {
  const workspace = join(temporaryDirectory('workspace'), 'work')
  cpSync(fixtureChart('shop'), join(workspace, 'charts/shop'), { recursive: true })
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(workspace, path)), { recursive: true })
    writeFileSync(join(workspace, path), text)
  }
  return workspace
}

/** `file:line title` of each error, in the order in which the runner shows them. */
function errorsOf({ main }: Deployed): string[] {
  return main.commands
    .filter(({ name }) => name === 'error')
    .map(({ properties: { file = '', line = '', title = '' } }) => `${file}:${line} ${title}`)
}

const small = { 'small/Chart.yaml': 'apiVersion: v2\nname: small\nversion: 0.1.0\n' }

sideBySide('an annotation', () => {
  staged('is on the tag in the value file that sets it last', {}, async ({ install, deploy, namespace, testbed }) => {
    await install('shop')
    const base = `image:\n  repository: ${testbed.registry}/absent\n  tag: "1"\n`
    const files = { 'base.yaml': base, 'prod.yaml': '# production\nimage:\n  tag: nowhere\n' }
    const workspace = workspaceOf(files)
    const inputs = { chart: 'charts/shop', 'value-files': 'base.yaml\nprod.yaml' }
    const run = await deploy(inputs, { workspace })
    assert.equal(run.status, 'rolled-back', run.log)
    assert.deepEqual(errorsOf(run), [`prod.yaml:3 shop was not deployed to namespace ${namespace}`])
    const inline = await deploy({ ...inputs, set: 'image.tag=elsewhere' }, { workspace })
    assert.deepEqual(
      errorsOf(inline),
      [`: shop was not deployed to namespace ${namespace}`],
      'what the workflow gives is in no file',
    )
  })

  staged(
    'is on the line of the template that names what is missing, and on each',
    {},
    async ({ deploy, namespace }) => {
      const reading = (name: string, map: string): string =>
        deployment(name, ['serve'], { envFrom: [{ configMapRef: { name: map } }] }).replace('"envFrom"', '\n"envFrom"')
      const files = {
        ...small,
        'small/templates/a.yaml': reading('a', 'a-flags'),
        'small/templates/b.yaml': reading('b', 'b-flags'),
        'small/templates/fine.yaml': deployment('fine', ['serve']),
      }
      const run = await deploy({ chart: './small', timeout: '90s' }, { workspace: workspaceOf(files) })
      // Which of the two was seen first is by chance.
      const errors = errorsOf(run)
      const [first, other] = errors[0]?.startsWith('small/templates/a.yaml') ? ['a', 'b'] : ['b', 'a']
      assert.deepEqual(errors, [
        `small/templates/${first}.yaml:2 shop was not installed in namespace ${namespace}`,
        `small/templates/${other}.yaml:2 Deployment ${other} failed too`,
      ])
    },
  )

  staged('is on the value that breaks the schema', {}, async ({ install, deploy }) => {
    await install('shop')
    const files = { 'prod.yaml': 'greeting: hello\nreplicas: two\n' }
    const run = await deploy({ chart: 'charts/shop', 'value-files': 'prod.yaml' }, { workspace: workspaceOf(files) })
    assert.equal(run.status, 'rejected', run.log)
    assert.match(errorsOf(run).join('\n'), /^prod\.yaml:2 /)
  })

  staged('is on the line at which a template cannot be parsed', {}, async ({ install, deploy }) => {
    await install('shop')
    const files = { 'charts/shop/templates/more.yaml': 'kind: ConfigMap\n{{ if }}\n' }
    const run = await deploy({ chart: 'charts/shop' }, { workspace: workspaceOf(files) })
    assert.match(errorsOf(run).join('\n'), /^charts\/shop\/templates\/more\.yaml:2 /)
  })

  staged('is on the line at which values are no YAML', {}, async ({ install, deploy }) => {
    await install('shop')
    const values = { 'prod.yaml': 'greeting: hello\nreplicas: a: b\n' }
    const given = await deploy({ chart: 'charts/shop', 'value-files': 'prod.yaml' }, { workspace: workspaceOf(values) })
    assert.match(errorsOf(given).join('\n'), /^prod\.yaml:2 /)
    const own = await deploy(
      { chart: 'charts/shop' },
      { workspace: workspaceOf({ 'charts/shop/values.yaml': 'a: 1\nb:\n  c: 2\n d: 3\n' }) },
    )
    assert.match(errorsOf(own).join('\n'), /^charts\/shop\/values\.yaml:4 /)
  })

  staged('is in no file for a subchart that is an archive', {}, async ({ deploy, helm, namespace }) => {
    const files = {
      ...small,
      'sub/Chart.yaml': 'apiVersion: v2\nname: sub\nversion: 0.1.0\n',
      'sub/templates/web.yaml': deployment('web', ['serve'], { image: 'testbed.local/app:nowhere' }),
      'small/charts/.keep': '',
    }
    const workspace = workspaceOf(files)
    await helm('package', join(workspace, 'sub'), '--destination', join(workspace, 'small/charts'))
    const run = await deploy({ chart: './small' }, { workspace })
    assert.equal(run.status, 'uninstalled', run.log)
    assert.deepEqual(errorsOf(run), [`: shop was not installed in namespace ${namespace}`])
  })
})
