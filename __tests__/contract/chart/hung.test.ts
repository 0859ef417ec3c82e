// A registry or repository that takes the connection and never answers: Helm would wait for ever, and is ended.
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { fetchChart } from '../../../src/chart/fetch.ts'
import type { Session } from '../../../src/deploy/session.ts'
import type { ChartSource } from '../../../src/inputs/files.ts'
import { parseInputs } from '../../../src/inputs/parse.ts'
import { systemClock } from '../../../src/platform/clock.ts'
import { processStarter } from '../../../src/platform/process.ts'
import { sha256Of } from '../../helpers/downloads.ts'
import { startSilence } from '../../helpers/proxy.ts'
import { temporaryDirectory } from '../../helpers/temporary.ts'
import { helmMajors, useTestbed } from '../../helpers/testbed.ts'
import type { HelmMajor } from '../../helpers/testbed.ts'
import { inputsOf, newLogin } from './shelf.ts'

const majors = helmMajors(await useTestbed())
const isFetch = (ms: number): boolean => ms === 120_000

/** As much of a session as fetching needs, by a clock on which two minutes are two seconds; tells how the processes ended. */
function openSession({ dir, major }: HelmMajor, raw: Record<string, string>): { session: Session; ended: string[] } {
  const folder = temporaryDirectory('private')
  const ended: string[] = []
  const start = processStarter(folder)
  const { inputs } = parseInputs((name) => ({ release: 'shop', ...raw })[name] ?? '')
  const session: Partial<Session> = {
    inputs,
    folder,
    workspace: folder,
    env: { PATH: '/usr/bin:/bin', HOME: folder },
    helm: { path: join(dir, 'helm'), version: `v${major}.0.0`, major, origin: 'installed' },
    clock: { ...systemClock, sleep: (ms, signal) => systemClock.sleep(isFetch(ms) ? 2000 : ms, signal) },
    log: { line: () => undefined } as unknown as Session['log'],
    stop: new AbortController().signal,
    start(command, args, options) {
      const running = start(command, args, options)
      void running.exited.then(({ code, signal }) => ended.push(`${args.slice(0, 2).join(' ')} ${signal ?? code}`))
      return running
    },
  }
  return { session: session as Session, ended }
}

/** A chart whose lock names a dependency of that repository. */
function chartWith(repository: string): string {
  const chart = join(temporaryDirectory('chart'), 'app')
  const dependencies = [{ name: 'shelf', version: '0.1.0', repository }]
  // As Helm has it: what is asked for, and what was found (resolver.HashReq).
  const digest = `sha256:${sha256Of(Buffer.from(JSON.stringify([dependencies, dependencies])))}`
  mkdirSync(chart)
  writeFileSync(
    join(chart, 'Chart.yaml'),
    JSON.stringify({ apiVersion: 'v2', name: 'app', version: '1.0.0', dependencies }),
  )
  writeFileSync(join(chart, 'Chart.lock'), JSON.stringify({ dependencies, digest }))
  return chart
}

const login = inputsOf(newLogin())
const cases: [
  what: string,
  of: (host: string) => { chart: ChartSource; raw: Record<string, string> },
  command: string,
][] = [
  [
    'a registry, when the chart is pulled',
    (host) => ({
      chart: { kind: 'oci', reference: `oci://${host}/charts/shelf` },
      raw: { chart: `oci://${host}/charts/shelf`, 'chart-version': '0.1.0', 'helm-args': '--plain-http' },
    }),
    'pull',
  ],
  [
    'a registry, at the login',
    (host) => ({
      chart: { kind: 'oci', reference: `oci://${host}/charts/shelf` },
      raw: { chart: `oci://${host}/charts/shelf`, 'helm-args': '--plain-http', ...login },
    }),
    'registry',
  ],
  [
    'a repository, at the login',
    (host) => ({
      chart: { kind: 'repository', reference: 'shelf' },
      raw: { chart: 'shelf', repo: `http://${host}`, ...login },
    }),
    'repo',
  ],
  [
    'a repository, when dependencies are built',
    (host) => {
      const reference = chartWith(`http://${host}`)
      return { chart: { kind: 'directory', reference }, raw: { chart: reference } }
    },
    'dependency',
  ],
]

describe('Helm is ended when it is never answered by', { concurrency: 4 }, () => {
  for (const helm of majors)
    for (const [what, of, command] of cases)
      test(`${what} (Helm ${helm.major})`, async (context) => {
        const { chart, raw } = of(await startSilence(context))
        const { session, ended } = openSession(helm, raw)
        const begun = performance.now()
        const fetched = await fetchChart(session, chart)
        assert.ok(fetched.kind === 'helm', JSON.stringify(fetched))
        assert.match(fetched.error, new RegExp(`^helm ${command} took longer than 2m`))
        assert.match(ended.at(-1) ?? '', new RegExp(`^${command} .*SIGKILL$`))
        assert.ok(performance.now() - begun > 1900)
      })
})
