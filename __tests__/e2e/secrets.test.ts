// Secrets that a pod prints, through the bundle in a real workflow: none is in anything that act has, or that GitHub was told.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { assertSecret } from '../contract/secrecy/sinks.ts'
import type { Row } from '../contract/secrecy/sinks.ts'
import { newSecret, shapes, ways } from '../fixtures/planted-secrets.ts'
import { helmMajors, useTestbed } from '../helpers/testbed.ts'
import { chartFiles, roles } from './hostile.ts'
import { setWorkflows, token } from './workflows.ts'

const majors = helmMajors(await useTestbed())
const secret = newSecret('of-the-value-file')

type Planted = { row: Row; line: string }
const planted: Planted[] = [
  ...Object.entries(ways).map(([name, write]) => ({ name, line: write(secret), secret })),
  ...Object.entries(shapes).map(([name, [line, hidden]]) => ({ name, line, secret: hidden })),
].map(({ name, line, secret: hidden }, index) => {
  const around = `planted-${String(index)}-first`
  return { row: { name, secret: hidden, around }, line: `${around} ${line}` }
})
const half = Math.ceil(planted.length / 2)

describe('a secret that a pod prints', { concurrency: 2 }, () => {
  for (const [index, helm] of majors.entries())
    test(`is nowhere in a workflow (Helm ${String(helm.major)})`, async (context) => {
      const { stage, run: runWorkflow } = await setWorkflows(context, helm, [roles])
      await stage.install('settings')
      // A log shows its last 25 lines: each Helm is told one half.
      const told = planted.slice(index * half, (index + 1) * half)
      assert.ok(told.length >= 18)
      const run = await runWorkflow({
        files: {
          ...chartFiles(
            told.map(({ line }) => line),
            ['reader'],
          ),
          // What a diff shows of a ConfigMap is what somebody has put there for everybody to read.
          'plant/templates/map.yaml': '',
          'plant/templates/NOTES.txt': 'The password is {{ .Values.password }}',
          'deploy/values.yaml': JSON.stringify({ password: secret }),
        },
        vars: { CHART: 'plant' },
      })
      assert.equal(run.outputs['status'], 'rolled-back', run.lines.join('\n'))
      const notes = await stage.helm('get', 'notes', 'shop', '--revision=2')
      assert.ok(notes.stdout.includes(secret), 'the notes of the chart have it')
      const rows = [...told.map(({ row }) => row), { name: 'the token', secret: token, around: 'planted-' }]
      assertSecret(rows, {
        log: run.lines.join('\n'),
        "act's own words": run.notes.join('\n'),
        commands: run.commands.join('\n'),
        errors: run.errors.join('\n'),
        summary: run.summary,
        outputs: JSON.stringify(run.outputs),
        report: readFileSync(run.outputs['report-file'] ?? '', 'utf8'),
        'all that GitHub was told': JSON.stringify(stage.github.requests().map(({ body }) => body)),
      })
    })
})

test('whoever looks finds a secret in each way of writing it', () => {
  for (const { row, line } of planted)
    assert.throws(() => assertSecret([row], { log: `0.1s  ${line}`, comment: line }), /shows/, row.name)
})
