// The fixture charts render with every Helm, and fail in the ways that they promise.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fixtureChart, runHelm } from './helm.ts'
import { helmMajors, useTestbed } from './testbed.ts'

const testbed = await useTestbed()

for (const { major, dir } of helmMajors(testbed)) {
  const helm = (...args: string[]): ReturnType<typeof runHelm> => runHelm(dir, testbed.kubeconfig, args)

  for (const chart of ['shop', 'settings', 'store', 'agent']) {
    test(`Helm ${major} accepts ${chart}`, async () => {
      const lint = await helm('lint', '--strict', fixtureChart(chart))
      assert.equal(lint.exitCode, 0, lint.stdout + lint.stderr)
      const rendered = await helm('template', chart, fixtureChart(chart))
      assert.equal(rendered.exitCode, 0, rendered.stderr)
    })
  }

  for (const [values, expected] of [
    ['crash=true', /args: \[crash, 'FATAL: password authentication failed for user "shop"'\]/],
    ['slowStart=3s', /--ready-after=3s, --ready=true/],
    ['neverReady=true', /--ready=false/],
    ['configKey=missing', /key: missing/],
    ['image.tag=2', /image: testbed\.local\/app:2/],
    ['migrate.run=fail', /hook-delete-policy: hook-failed,before-hook-creation/],
    ['job=fail', /name: shop-index-1/],
    ['track=canary', /matchLabels:\n(.*\n){2}.*track: canary/],
  ] as const) {
    test(`Helm ${major} renders shop with ${values}`, async () => {
      const { stdout, stderr } = await helm('template', 'shop', fixtureChart('shop'), '--set', values)
      assert.match(stdout, expected, stderr)
    })
  }

  for (const [values, expected] of [
    ['broken=template', /configmap\.yaml:10:22/],
    ['broken=yaml', /YAML parse error on shop\/templates\/configmap\.yaml/],
    ['replicas=two', /\/replicas.*got string, want integer/],
  ] as const) {
    test(`Helm ${major} refuses shop with ${values}`, async () => {
      const { exitCode, stderr } = await helm('template', 'shop', fixtureChart('shop'), '--set', values)
      assert.equal(exitCode, 1)
      assert.match(stderr, expected)
    })
  }
}
