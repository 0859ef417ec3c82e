import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { temporaryDirectory } from '../helpers/temporary.ts'

const command = fileURLToPath(new URL('../../.ci/diagnose.ts', import.meta.url))
const report = fileURLToPath(new URL('../fixtures/recordings/crash-that-runs-again.json', import.meta.url))

function diagnose(...args: string[]): { code: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...args], { encoding: 'utf8' })
  return { code: status, stdout, stderr }
}

/** A report that differs in that. */
function changed(changes: object): string {
  const path = join(temporaryDirectory('report'), 'report.json')
  writeFileSync(path, JSON.stringify({ ...(JSON.parse(readFileSync(report, 'utf8')) as object), ...changes }))
  return path
}

test('a report is judged again from its recording alone', () => {
  const { code, stdout } = diagnose(report)
  assert.equal(code, 0)
  assert.deepEqual(stdout.trim().split('\n'), [
    '11 changes in 41.0 s',
    'ended: doomed',
    'first verdict after 40.0 s: crash-loop',
    '',
    'crash-loop: Deployment/web: container app exited with 1 three times',
    '  FATAL: password authentication failed',
    '  → Read the log of its last run: it ends with the cause',
  ])
})

test('what the run itself found is told where it differs', () => {
  const findings = [{ class: 'not-ready', resource: { kind: 'Deployment', name: 'web' } }]
  assert.match(diagnose(changed({ findings })).stdout, /The run itself found: not-ready Deployment\/web\n$/)
})

test('a report without a recording, or none, is refused', () => {
  assert.deepEqual(diagnose(changed({ timeline: null })), {
    code: 1,
    stdout: '',
    stderr: 'This report holds no recording: nothing was watched, or it is of an older version\n',
  })
  assert.deepEqual([diagnose().code, diagnose().stderr], [1, 'usage: npm run diagnose -- report.json\n'])
})
