// A login is seen by nobody else of the machine: not among the arguments of any process, not in the environment of one that is not
// the step itself, not in a file that others can read, and not afterwards.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { basicOf, startRegistry, startRepository } from '../../helpers/charts-server.ts'
import type { Login, Registry, Repository } from '../../helpers/charts-server.ts'
import { runHelm } from '../../helpers/helm.ts'
import { sideBySide, staged } from '../../helpers/majors.ts'
import { temporaryDirectory } from '../../helpers/temporary.ts'
import { execKubeconfig, relabel } from './renderer.ts'
import { anyHelm, assertHidden, chartName, formsOf, inputsOf, newLogin, packageVersions } from './shelf.ts'
import { filesWith, watch } from './watch.ts'
import type { Program } from './watch.ts'

type Way = { inputs: Record<string, string>; commands: RegExp[] }

const archives = await packageVersions('0.1.0')

async function openRegistry(context: TestContext, login: Login): Promise<Registry> {
  const registry = await startRegistry({ login })
  context.after(registry.close)
  for (const archive of archives) await registry.push(anyHelm, archive)
  return registry
}

async function openRepository(context: TestContext, login: Login): Promise<Repository> {
  const repository = await startRepository(anyHelm, archives, { login })
  context.after(repository.close)
  return repository
}

const ofRepository = [/helm repo add .*--password-stdin/, /helm pull /, /helm upgrade/]
const ways: Record<string, (context: TestContext, login: Login) => Promise<Way>> = {
  'given for a registry': async (context, login) => ({
    inputs: { chart: `oci://${(await openRegistry(context, login)).host}/charts/${chartName}`, ...inputsOf(login) },
    commands: [/helm registry login .*--password-stdin/, /helm pull oci:/, /helm upgrade/, /helm registry logout/],
  }),
  'given for a repository': async (context, login) => ({
    inputs: { chart: chartName, repo: (await openRepository(context, login)).url, ...inputsOf(login) },
    commands: ofRepository,
  }),
  'in the URL of a repository': async (context, login) => {
    const { url } = await openRepository(context, login)
    const repo = url.replace('//', `//${login.username}:${encodeURIComponent(login.password)}@`)
    return { inputs: { chart: chartName, repo }, commands: ofRepository }
  },
}

/** The step itself: its inputs come in its environment. */
const isStep = ({ command }: Program): boolean => /\/node \S+\/dist\/(main|post)\.js$/.test(command)

/** A helm that takes its time, so that nobody who looks every few milliseconds can miss it. */
function slowHelm(real: string): string {
  const directory = temporaryDirectory('slow')
  writeFileSync(join(directory, 'helm'), `#!/bin/sh\nsleep 0.05\nexec ${real}/helm "$@"\n`, { mode: 0o755 })
  return directory
}

sideBySide('a login', () => {
  for (const [name, prepare] of Object.entries(ways)) {
    staged(`${name} is seen by nobody`, {}, async ({ deploy, testbed }, { major, dir }, context) => {
      const login = newLogin()
      const secrets = Object.values(formsOf(login))
      const { inputs, commands } = await prepare(context, login)
      const [temp, home] = [temporaryDirectory('temp'), temporaryDirectory('home')]
      const [renderer, exec] = [relabel(major), execKubeconfig(testbed)]
      const kubeconfig = join(temporaryDirectory('kube'), 'config')
      writeFileSync(kubeconfig, exec.kubeconfig, { mode: 0o600 })
      const watching = await watch(secrets, temp)
      const run = await deploy(
        { ...inputs, 'helm-args': `--plain-http\n--post-renderer=${renderer.name}`, comment: 'always' },
        { kubeconfig, path: [slowHelm(dir)], env: { RUNNER_TEMP: temp, HOME: home, ...renderer.env } },
      )
      const { programs, files } = await watching.end()
      assert.equal(run.status, 'deployed', run.log)
      assert.equal(run.temp, temp)

      for (const command of [...commands, /run\.sh/, /credentials/])
        assert.ok(
          programs.some((program) => command.test(program.command)),
          `${command} was seen`,
        )
      assert.deepEqual(
        programs.filter(({ inArguments }) => inArguments.length > 0),
        [],
      )
      for (const given of [renderer.given(), exec.given()]) {
        assert.match(given, /^HOME=/m)
        assert.deepEqual(
          secrets.filter((secret) => given.includes(secret)),
          [],
        )
      }

      assert.ok(files.length > 0, 'the file with the login was seen')
      for (const { path, mode, directoryMode } of files) assert.equal(`${mode} ${directoryMode}`, '600 700', path)
      for (const directory of [temp, home]) assert.deepEqual(filesWith(directory, secrets), [])
      assertHidden(run, login)

      const knowing = programs.filter(({ inEnvironment }) => inEnvironment.length > 0)
      assert.ok(knowing.some(isStep), 'the step was seen')
      assert.deepEqual(
        knowing.filter((program) => !isStep(program)),
        [],
      )
    })
  }
})

test('whoever looks at all processes sees arguments, environments and files', async () => {
  const directory = temporaryDirectory('watched')
  const login = newLogin()
  const { username, password } = login
  const watching = await watch(Object.values(formsOf(login)), directory)
  mkdirSync(join(directory, 'open'))
  writeFileSync(join(directory, 'open', 'file'), `x${password}x`, { mode: 0o644 })
  // As short-lived as what the action starts.
  await runHelm(anyHelm, '', ['registry', 'login', '127.0.0.1:9', `-u=${username}`, `-p=${password}`])
  await sleep(20)
  const { programs, files } = await watching.end()
  assert.ok(
    programs.some(({ command, inArguments }) => /registry login/.test(command) && inArguments.includes(password)),
  )
  assert.deepEqual(
    files.map(({ mode }) => mode),
    ['644'],
  )
})

test('whoever looks at all processes sees the environment of one that becomes another', async () => {
  const login = newLogin()
  const watching = await watch(Object.values(formsOf(login)))
  const env = { PATH: '/usr/bin:/bin', AUTH: `Basic ${basicOf(login)}` }
  await once(spawn('sh', ['-c', 'exec sleep 0.08'], { env }), 'exit')
  const { programs } = await watching.end()
  const seen = programs.filter(({ inEnvironment }) =>
    inEnvironment.includes(formsOf(login)['base64 of user:password'] ?? ''),
  )
  assert.deepEqual(
    seen.map(({ command }) => command).filter((command) => !command.startsWith('sh ')),
    ['sleep 0.08'],
  )
})
