// Text from charts, pods and the cluster that wants to be more than text, through the bundle in real workflows: none of it sets an
// output, a state or a mask, is a command, or is anything but text in what a browser shows of comment and summary.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { hostileStrings } from '../fixtures/hostile-strings.ts'
import type { WorkflowRun } from '../helpers/act.ts'
import { until } from '../helpers/cluster.ts'
import type { KubeObject } from '../helpers/cluster/api.ts'
import { ensurePackages } from '../helpers/packages.ts'
import type { Report, Stage } from '../helpers/stage.ts'
import { helmMajors, useTestbed } from '../helpers/testbed.ts'
import { ensureChromium } from '../rendered/chromium.ts'
import { batched, canBeName, chartFiles, isForHelm3, namesInChart, roles, sayable } from './hostile.ts'
import { setWorkflows } from './workflows.ts'
import type { Workflows } from './workflows.ts'

ensurePackages(fileURLToPath(new URL('../rendered', import.meta.url)), 'the packages that render')
await ensureChromium()
// Loaded only now: their packages have just been installed.
const { referencesIn } = await import('../rendered/github.ts')
const { openReader } = await import('../rendered/page.ts')
const { lookAt } = await import('./look.ts')

const majors = helmMajors(await useTestbed())
const { outputs: declared } = parse(readFileSync(new URL('../../action.yml', import.meta.url), 'utf8')) as {
  outputs: Record<string, unknown>
}
const texts = [...new Set(hostileStrings.map(sayable))].filter((text) => text.trim() !== '')
const names = texts.filter(canBeName)
const batches = [...batched(texts.filter((text) => !isForHelm3(text))), ...batched(texts.filter(isForHelm3))]

const ourColours = [0, 1, 2, 31, 32, 33].map((code) => `\u001B[${String(code)}m`)

type Told = { comment: string; summary: string }
const tolds: Told[] = []

/** Says the texts in events of the pod, while it lives; without a pod the workflow tells why there is none. */
async function tellEvents({ cluster, path, namespace }: Stage, said: readonly string[]): Promise<void> {
  const list = async (): Promise<KubeObject | undefined> =>
    ((await cluster.get(`${path}/pods?labelSelector=job-name%3Dwork`)) as { items?: KubeObject[] }).items?.[0]
  const pod = await until('the pod', list, 30_000).catch(() => undefined)
  if (pod === undefined) return
  const { name, uid } = pod.metadata
  const now = new Date().toISOString()
  for (const [index, message] of said.entries())
    await cluster.create(`${path}/events`, {
      metadata: { name: `hostile-${String(index)}`, namespace },
      involvedObject: { apiVersion: 'v1', kind: 'Pod', name, uid, namespace },
      reason: 'FailedHostile',
      type: 'Warning',
      message: message.slice(0, 1000),
      count: 1,
      firstTimestamp: now,
      lastTimestamp: now,
    })
}

async function deployHostile(
  { stage, run: runWorkflow }: Workflows,
  said: readonly string[],
  named: readonly string[],
) {
  await stage.install('settings')
  const [run] = await Promise.all([
    runWorkflow({ files: chartFiles(said, named), vars: { CHART: 'plant' } }),
    tellEvents(stage, said),
  ])
  return { run, comment: stage.github.comments(7).at(-1)?.body ?? '' }
}

/** Nothing is set, obeyed or said but by us; every text has come as far as the report. */
function assertInert(run: WorkflowRun, said: readonly string[]): void {
  const all = [...run.lines, ...run.notes].join('\n')
  assert.deepEqual([run.success, run.outcome], [false, 'failure'], all)
  const { status, rollback, release, revision, 'previous-revision': previous } = run.outputs
  assert.deepEqual([status, rollback, release, revision, previous], ['rolled-back', 'restored', 'shop', '3', '1'], all)
  assert.deepEqual(Object.keys(run.outputs).sort(), Object.keys(declared).sort())
  assert.equal(run.errors.length, 1)
  const obeyed = run.commands.filter((one) => !/^(?:group|endgroup|summary|error)\b/.test(one))
  const ours = obeyed.filter(
    (one) => /^set-output [\w-]+=/.test(one) && (/^set-output ([\w-]+)=/.exec(one)?.[1] as string) in declared,
  )
  assert.deepEqual(
    obeyed.filter((one) => !ours.includes(one)),
    [],
  )
  assert.ok(
    run.steps.some(({ stage, outcome }) => stage === 'Post' && outcome === 'success'),
    'post is as always',
  )
  const { findings } = JSON.parse(readFileSync(run.outputs['report-file'] ?? '', 'utf8')) as Report
  const { logs = [], events = [] } = findings[0]?.evidence ?? {}
  assert.ok(
    events.some(({ reason }) => reason === 'FailedHostile'),
    all,
  )
  assert.ok(logs.length >= said.length, `${String(logs.length)} lines of ${String(said.length)} texts`)
  assert.equal(logs.at(-1), 'FATAL: the end of all')
  const plain = ourColours.reduce((log, code) => log.replaceAll(code, ''), run.lines.join('\n'))
  assert.doesNotMatch(plain.replaceAll(/[\t\n]/g, ''), /[\p{Cc}\u202A-\u202E\u2066-\u2069]/u)
}

describe('hostile text', { concurrency: 3 }, () => {
  const [harmless] = batched(Array.from({ length: 24 }, (_, index) => `harmless ${String(index)}`)) as [string[]]
  const all = [harmless, ...batches]
  for (const [index, said] of all.entries()) {
    const helm = said.some(isForHelm3) ? majors.find(({ major }) => major === 3) : majors[index % majors.length]
    test(`does nothing in a workflow: ${String(index)} of ${String(batches.length)}, ${String(said.length)} texts`, async (context) => {
      assert.ok(helm)
      const workflows = await setWorkflows(context, helm, [roles])
      const named = Array.from({ length: namesInChart }, (_, at) =>
        index === 0 ? `harmless-${String(at)}` : (names[(index * namesInChart + at) % names.length] ?? ''),
      )
      const { run, comment } = await deployHostile(workflows, said, named)
      assertInert(run, said)
      assert.deepEqual(workflows.stage.github.violations(), [])
      assert.ok(comment.isWellFormed() && run.summary.isWellFormed())
      tolds[index] = { comment, summary: run.summary }
    })
  }
})

test('hostile text is text in a browser', async () => {
  assert.ok(texts.length >= 150 && names.length >= 60, `${String(texts.length)} texts, ${String(names.length)} names`)
  assert.equal(tolds.filter(Boolean).length, batches.length + 1, 'all have been told')
  const reader = await openReader()
  after(() => reader.close())
  for (const place of ['comment', 'summary'] as const) {
    const seen = await lookAt(
      reader,
      tolds.map((told) => told[place]),
      place,
    )
    const [harmless, ...others] = seen
    for (const [index, one] of others.entries()) {
      const where = `${place} ${String(index + 1)}`
      assert.deepEqual([one.written, referencesIn(one.prose)], [[], []], where)
      for (const link of one.active) assert.match(link, /^a https:\/\/github\.com\/org\/shop\//, where)
      assert.deepEqual([one.structure, one.titles], [harmless?.structure, harmless?.titles], where)
    }
    assert.deepEqual(reader.trouble(), [])
  }
})
