// What the tests of this folder deploy from registries and repositories, and what has to hold of every way there.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { writeChart } from '../../helpers/chart.ts'
import { basicOf, packageChart } from '../../helpers/charts-server.ts'
import type { Login } from '../../helpers/charts-server.ts'
import type { Deployed, Stage } from '../../helpers/stage.ts'
import { helmMajors, useTestbed } from '../../helpers/testbed.ts'

/** The directory of a Helm that prepares what the tests need, whatever Helm they are about. */
export const anyHelm = helmMajors(await useTestbed())[0]?.dir ?? ''

/** The name of the chart, and of the ConfigMap in it, which says which version it is. */
export const chartName = 'shelf'

/** Its only template. */
export const template = [
  'apiVersion: v1',
  'kind: ConfigMap',
  'metadata:',
  `  name: ${chartName}`,
  // What a post-renderer changes.
  '  labels: {rendered-by: nobody}',
  'data:',
  '  version: {{ .Chart.Version | quote }}',
].join('\n')

/** The directory of the chart, in version 0.1.0. */
export const shelf = writeChart({ 'templates/version.yaml': template }, chartName)

/** Packages the chart once for each version. Gives the archives. */
export async function packageVersions(...versions: string[]): Promise<string[]> {
  return Promise.all(versions.map((version) => packageChart(anyHelm, shelf, version)))
}

/** The version that is in the cluster. */
export async function deployedVersion({ cluster, path }: Stage): Promise<string | undefined> {
  const map = await cluster.get(`${path}/configmaps/${chartName}`)
  return (map?.['data'] as { version: string } | undefined)?.version
}

/** Credentials that nobody else has, with characters that URLs, shells and JSON would rather not have. */
export function newLogin(): Login {
  const id = (): string => randomBytes(6).toString('hex')
  return { username: `robot-${id()}`, password: `Pw-${id()}/+%"'<& $x` }
}

/** The inputs of a login. */
export function inputsOf({ username, password }: Login): Record<string, string> {
  return { 'repo-username': username, 'repo-password': password }
}

/** Everything that gives the password away, by name. */
export function formsOf(login: Login): Record<string, string> {
  const { username, password } = login
  const withoutPadding = (text: string): string => text.replaceAll('=', '')
  return {
    password,
    'base64 of the password': withoutPadding(Buffer.from(password).toString('base64')),
    'user:password': `${username}:${password}`,
    'base64 of user:password': withoutPadding(basicOf(login)),
    // However the rest of it is escaped: in a URL, in JSON, for a shell.
    'beginning of the password': password.slice(0, 15),
  }
}

/** Nothing that anybody can read shows the password in any form. */
export function assertHidden(run: Deployed, login: Login): void {
  const places: Record<string, string> = {
    log: run.log,
    comment: run.comment,
    summary: run.summary,
    report: readFileSync(run.outputs['report-file'] ?? '', 'utf8'),
    outputs: JSON.stringify(run.outputs),
    annotations: JSON.stringify(run.annotations),
  }
  for (const [place, text] of Object.entries(places))
    for (const [what, form] of Object.entries(formsOf(login)))
      assert.ok(!text.includes(form), `${place} shows the ${what}:\n${text}`)
}

/** The run was rejected before anything came into the cluster. */
export async function assertUntouched({ cluster, namespace }: Stage, run: Deployed): Promise<void> {
  assert.deepEqual([run.status, run.outputs['revision']], ['rejected', ''], run.log)
  assert.deepEqual(await cluster.releases(namespace), [])
  assert.deepEqual(await cluster.normalisedObjects(namespace), {})
}

/** The chart could not be had: the one finding says so, with advice that matches, and nothing came into the cluster. */
export async function assertNotFound(stage: Stage, run: Deployed, advice: RegExp): Promise<void> {
  await assertUntouched(stage, run)
  const [finding, ...more] = run.report.findings
  assert.deepEqual([finding?.class, more], ['chart-not-found', []], run.log)
  assert.match((finding as { advice?: string } | undefined)?.advice ?? '', advice)
}

/** The problems that a run was rejected for, each with its remedy. */
export function problemsOf(run: Deployed): { problem: string; remedy: string }[] {
  return (run.report as Deployed['report'] & { problems: { problem: string; remedy: string }[] }).problems
}
