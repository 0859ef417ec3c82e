// Annotations in the chart stand above the rules, for one resource.
import assert from 'node:assert/strict'
import { deployment, writeChart } from '../../helpers/chart.ts'
import { sideBySide, staged } from '../../helpers/majors.ts'

function annotated(image: string, annotations: Record<string, string>): string {
  const object = JSON.parse(deployment('web', ['serve'], { image })) as { metadata: object }
  return writeChart({ 'templates/web.yaml': JSON.stringify({ ...object, metadata: { name: 'web', annotations } }) })
}

sideBySide('an annotation', () => {
  staged('keeps a resource from ending the deploy before the timeout', {}, async ({ deploy, testbed }) => {
    const chart = annotated(testbed.images.missing, { 'atomic-helm.dev/fail-fast': 'off' })
    const run = await deploy({ chart, timeout: '25s' })
    assert.equal(run.status, 'uninstalled', run.log)
    assert.equal(run.report.findings[0]?.class, 'image-pull')
    assert.ok(deployMs(run) >= 24_000, JSON.stringify(run.report.phases))
  })

  staged('gives a resource more time', {}, async ({ deploy, testbed }) => {
    const run = await deploy({ chart: annotated(testbed.images.missing, { 'atomic-helm.dev/grace': '20s' }) })
    assert.equal(run.status, 'uninstalled', run.log)
    assert.ok(deployMs(run) >= 20_000 && deployMs(run) < 60_000, JSON.stringify(run.report.phases))
  })

  staged('that is wrong is a warning, and the default holds', {}, async ({ deploy, testbed }) => {
    const wrong = { 'atomic-helm.dev/grace': 'soon', 'atomic-helm.dev/fail-fast': 'never' }
    const run = await deploy({ chart: annotated(testbed.images.missing, wrong) })
    assert.equal(run.status, 'uninstalled', run.log)
    assert.ok(deployMs(run) < 30_000, JSON.stringify(run.report.phases))
    const [warning, ...more] = run.report.warnings
    assert.deepEqual(more, [])
    assert.match(warning ?? '', /^Deployment\/web: .*fail-fast is "never".*grace is "soon".*the default holds$/)
  })

  staged('is not needed for pods without a node: an input judges them early', {}, async ({ deploy }) => {
    const pod = { template: { metadata: { labels: { app: 'web' } }, spec: podOnNoNode } }
    const chart = writeChart({ 'templates/web.yaml': deployment('web', ['serve'], {}, pod) })
    const run = await deploy({ chart, 'unschedulable-grace': '8s' })
    assert.equal(run.status, 'uninstalled', run.log)
    assert.equal(run.report.findings[0]?.class, 'unschedulable')
    assert.match(run.report.findings[0]?.cause ?? '', /node affinity\/selector/)
    assert.ok(deployMs(run) < 30_000, JSON.stringify(run.report.phases))
  })
})

const podOnNoNode = { nodeSelector: { disk: 'none' }, containers: [{ name: 'app', image: 'testbed.local/app:1' }] }

function deployMs({ report }: { report: { phases: { name: string; durationMs: number }[] } }): number {
  return report.phases.find(({ name }) => name === 'deploy')?.durationMs ?? 0
}
