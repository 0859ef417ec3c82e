import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseManifest } from '../../../src/cluster/manifest.ts'
import { splitHooks } from '../../../src/deploy/release-objects.ts'

const rendered = `---
# Source: shop/templates/settings.yaml
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {mode: "0644"}
---
# Source: shop/templates/migrate.yaml
apiVersion: batch/v1
kind: Job
metadata:
  name: migrate
  annotations: {"helm.sh/hook": "pre-install, pre-upgrade"}
`

test('hooks are told from the objects of a rendered chart, and both keep what they were', () => {
  const { manifest, hooks } = splitHooks(rendered)
  const [settings, ...more] = parseManifest(manifest)
  assert.equal(more.length, 0)
  assert.equal(settings?.source, 'shop/templates/settings.yaml')
  assert.deepEqual(settings?.object, parseManifest(rendered)[0]?.object)
  assert.deepEqual(
    hooks.map(({ name, kind, path, events }) => ({ name, kind, path, events })),
    [{ name: 'migrate', kind: 'Job', path: 'shop/templates/migrate.yaml', events: ['pre-install', 'pre-upgrade'] }],
  )
  assert.equal(parseManifest(hooks[0]?.manifest ?? '')[0]?.name, 'migrate')
})

test('a chart that renders nothing has nothing', () => {
  assert.deepEqual(splitHooks(''), { manifest: '', hooks: [] })
})
