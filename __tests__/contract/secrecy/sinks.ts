// Everything that anybody can read of a run, and that no secret is in any of it.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { giveaways } from '../../fixtures/planted-secrets.ts'
import type { Deployed, Stage } from '../../helpers/stage.ts'
import { watch } from '../chart/watch.ts'

/** One secret: where it is planted and how it tries to come out. */
export type Row = {
  name: string
  /** What must not be seen. */
  secret: string
  /** What stands around it, and has to be seen, or nobody has tried. */
  around: string
}

/** Deploys while somebody looks at the arguments of every Helm; then checks each row everywhere, and tells of all that are bad at once. */
export async function deployWatched(
  stage: Stage,
  rows: () => readonly Row[],
  deploy: () => Promise<Deployed>,
): Promise<Deployed> {
  const watching = await watch(rows().flatMap(({ secret }) => giveaways(secret)))
  const run = await deploy()
  const { programs } = await watching.end()
  const helm = programs.filter(({ command }) => /\/helm /.test(command))
  assert.ok(
    helm.some(({ command }) => / (?:upgrade|template|show|version) /.test(`${command} `)),
    'Helm was seen',
  )
  assertSecret(rows(), {
    ...sinksOf(run),
    deployments: JSON.stringify(stage.github.deployments()),
    "Helm's arguments": helm.map(({ command }) => command).join('\n'),
  })
  return run
}

/** What a run leaves. What the runner itself masks may name the secret: that is how it gets to know it. */
export function sinksOf(run: Deployed): Record<string, string> {
  return {
    log: run.log.replaceAll(/^::add-mask::.*$/gm, ''),
    comment: run.comment,
    summary: run.summary,
    report: readFileSync(run.outputs['report-file'] ?? '', 'utf8'),
    outputs: JSON.stringify(run.outputs),
    'the state for post': JSON.stringify(run.main.state),
    annotations: JSON.stringify(run.annotations),
  }
}

/** No sink shows a secret in any form; some sink shows what stands around each. */
export function assertSecret(rows: readonly Row[], sinks: Readonly<Record<string, string>>): void {
  const shown = rows.flatMap(({ name, secret }) =>
    Object.entries(sinks).flatMap(([sink, text]) => {
      const found = giveaways(secret).find((form) => text.includes(form) || joined(text).includes(form))
      return found === undefined ? [] : [`${sink} shows ${name}: ${aroundOf(text, found)}`]
    }),
  )
  const silent = rows.flatMap(({ name, around }) =>
    Object.values(sinks).some((text) => text.includes(around)) ? [] : [`nobody tells ${around} of ${name}`],
  )
  assert.deepEqual([shown, silent], [[], []])
}

/** The text without its breaks of lines, as they are and as lists of JSON have them: a secret may go over one. */
function joined(text: string): string {
  return text.replaceAll(/\r?\n[ \t]*(?:\d+\.\ds[ \t]+)?|\\n[ \t]*|",\s*"/g, '')
}

function aroundOf(text: string, found: string): string {
  const at = text.indexOf(found)
  return text.slice(Math.max(0, at - 60), at + found.length + 20)
}
