// What Helm calls deployed although it does nothing is a warning, and the deploy counts.
import assert from 'node:assert/strict'
import { deployment, writeChart } from '../../helpers/chart.ts'
import { sideBySide, staged } from '../../helpers/majors.ts'

const meta = (name: string): object => ({ metadata: { name } })
const service = JSON.stringify({
  apiVersion: 'v1',
  kind: 'Service',
  ...meta('web'),
  spec: { selector: { app: 'wbe' }, ports: [{ port: 80, targetPort: 8080 }] },
})
const labels = { app: 'agent' }
const nowhere = JSON.stringify({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  ...meta('agent'),
  spec: {
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: { nodeSelector: { disk: 'none' }, containers: [{ name: 'agent', image: 'testbed.local/app:1' }] },
    },
  },
})
const suspended = JSON.stringify({
  apiVersion: 'batch/v1',
  kind: 'Job',
  ...meta('later'),
  spec: {
    suspend: true,
    template: { spec: { restartPolicy: 'Never', containers: [{ name: 'work', image: 'testbed.local/app:1' }] } },
  },
})

const remarks: [name: string, files: Record<string, string>, warning: RegExp][] = [
  ['a paused Deployment', { web: deployment('web', ['serve'], {}, { paused: true }) }, /Deployment\/web: it is paused/],
  [
    'a Deployment scaled to 0',
    { web: deployment('web', ['serve'], {}, { replicas: 0 }) },
    /Deployment\/web: it is scaled to 0/,
  ],
  ['a DaemonSet that fits no node', { agent: nowhere }, /DaemonSet\/agent: it fits no node/],
  ['a Service that selects nothing', { web: deployment('web', ['serve']), service }, /Service\/web: it selects no pod/],
  ['a suspended Job', { web: deployment('web', ['serve']), later: suspended }, /Job\/later: it is suspended/],
]

sideBySide('a warning is', () => {
  for (const [name, files, warning] of remarks) {
    staged(name, {}, async ({ deploy }) => {
      const templates = Object.entries(files).map(([file, text]) => [`templates/${file}.yaml`, text])
      const run = await deploy({ chart: writeChart(Object.fromEntries(templates)) })
      assert.equal(run.status, 'deployed', run.log)
      assert.equal(run.report.warnings.length, 1, run.log)
      assert.match(run.report.warnings[0] ?? '', warning)
      assert.match(run.log, warning)
    })
  }
})
