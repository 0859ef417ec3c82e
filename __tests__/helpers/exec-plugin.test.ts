// Tokens of the plugin really end, for Helm and for whoever else uses the kubeconfig.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openApi } from './cluster/api.ts'
import { writeExecPlugin } from './exec-plugin.ts'
import { startFaultyApi } from './faulty-api.ts'
import { runHelm } from './helm.ts'
import { helmMajors, useTestbed } from './testbed.ts'

const testbed = await useTestbed()
const namespaces = '/api/v1/namespaces'

test('a token lives as long as it says', async () => {
  const plugin = writeExecPlugin(testbed.adminToken, { livesMs: 2000 })
  const api = await startFaultyApi(testbed, plugin)
  try {
    const cluster = openApi(api.kubeconfig)
    assert.ok((await cluster.list(namespaces)).length > 0)
    assert.equal(plugin.calls(), 1)
    for (const { dir } of helmMajors(testbed)) {
      const { exitCode, stderr } = await runHelm(dir, api.kubeconfig, ['list', '--all-namespaces'])
      assert.equal(exitCode, 0, stderr)
    }
    const afterHelm = plugin.calls()
    assert.ok(afterHelm > 1)
    await sleep(2500)
    await cluster.list(namespaces)
    assert.equal(plugin.calls(), afterHelm + 1)
    assert.equal(plugin.exchange(`until-${Math.floor(Date.now() / 1000) - 1}`), undefined)
  } finally {
    await api.close()
  }
})

test('it fails when told', async () => {
  const plugin = writeExecPlugin(testbed.adminToken, { failsAt: 2 })
  const api = await startFaultyApi(testbed, plugin)
  try {
    await openApi(api.kubeconfig).list(namespaces)
    await assert.rejects(openApi(api.kubeconfig).list(namespaces), /token endpoint|exec|ENOENT|undefined/i)
    await openApi(api.kubeconfig).list(namespaces)
    assert.equal(plugin.calls(), 3)
  } finally {
    await api.close()
  }
})
