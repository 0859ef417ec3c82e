// What the user has told Helm before stays as it is, and stays of use; our own login is taken back, whatever becomes of the step.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after } from 'node:test'
import { startRegistry, startRepository } from '../../helpers/charts-server.ts'
import { sideBySide, staged } from '../../helpers/majors.ts'
import { runAction } from '../../helpers/runner.ts'
import { temporaryDirectory } from '../../helpers/temporary.ts'
import { authsOf, homeWith, keychain, registryConfig, repositoryConfig } from './home.ts'
import {
  anyHelm,
  assertHidden,
  chartName,
  deployedVersion,
  formsOf,
  inputsOf,
  newLogin,
  packageVersions,
} from './shelf.ts'
import { filesWith, watch } from './watch.ts'

const [login, another] = [newLogin(), newLogin()]
const secrets = Object.values(formsOf(login))
const archives = await packageVersions('0.1.0')
const registry = await startRegistry({ login })
const repository = await startRepository(anyHelm, archives, { login })
after(async () => {
  await registry.close()
  await repository.close()
})
for (const archive of archives) await registry.push(anyHelm, archive)

const fromRegistry = { chart: `oci://${registry.host}/charts/${chartName}`, 'helm-args': '--plain-http' }
const fromRepository = { chart: chartName, repo: repository.url }

sideBySide('what the user has told Helm', () => {
  staged('stays as it is, and is not in the way', {}, async (stage) => {
    const { username, password } = another
    // The same registry and the same repository, with a login that does not open them.
    const home = homeWith({
      [registryConfig]: authsOf(registry.host, another),
      [repositoryConfig]: { apiVersion: '', repositories: [{ name: 'mine', url: repository.url, username, password }] },
    })
    for (const inputs of [fromRegistry, fromRepository]) {
      const temp = temporaryDirectory('temp')
      const watching = await watch(secrets, temp)
      const env = { HOME: home.path, RUNNER_TEMP: temp }
      const run = await stage.deploy({ ...inputs, ...inputsOf(login) }, { env })
      const { files } = await watching.end()
      assert.equal(run.status, 'deployed', run.log)
      assert.ok(files.length > 0, 'the file with the login was seen')
      for (const { path, mode, directoryMode } of files) assert.equal(`${mode} ${directoryMode}`, '600 700', path)
      home.assertSame()
      for (const directory of [temp, home.path]) assert.deepEqual(filesWith(directory, secrets), [])
      for (const one of [login, another]) assertHidden(run, one)
    }
  })

  for (const [where, file] of [
    ['with `helm registry login`', registryConfig],
    ['with `docker login`', '.docker/config.json'],
  ] as const) {
    staged(`by a login ${where} opens the registry`, {}, async (stage) => {
      const home = homeWith({ [file]: authsOf(registry.host, login) })
      const run = await stage.deploy(fromRegistry, { env: { HOME: home.path } })
      assert.equal(run.status, 'deployed', run.log)
      assert.equal(await deployedVersion(stage), '0.1.0')
      home.assertSame()
      assertHidden(run, login)
      assert.doesNotMatch(run.log, /logged out/)
    })
  }

  staged('by a login in a keychain opens the registry', {}, async (stage, { dir }) => {
    const spy = keychain('spy', login)
    const home = homeWith({ [registryConfig]: { credsStore: 'spy' } })
    const run = await stage.deploy(fromRegistry, { env: { HOME: home.path }, path: [dir, spy.directory] })
    assert.equal(run.status, 'deployed', run.log)
    assert.deepEqual([...new Set(spy.calls())], ['get'])
  })

  for (const [where, name, config] of [
    ['of the configuration', 'spy', { [registryConfig]: { credsStore: 'spy' } }],
    ['for this registry', 'spy', { [registryConfig]: { credHelpers: { [registry.host]: 'spy' } } }],
    ['of Docker', 'spy', { '.docker/config.json': { credsStore: 'spy' } }],
    ['of the system', 'secretservice', {}],
  ] as const) {
    staged(`in a keychain ${where} is neither replaced nor lost`, {}, async (stage, { dir }) => {
      const spy = keychain(name, another)
      const home = homeWith(config)
      const options = { env: { HOME: home.path }, path: [dir, spy.directory] }
      const run = await stage.deploy({ ...fromRegistry, ...inputsOf(login) }, options)
      assert.equal(run.status, 'deployed', run.log)
      assert.match(run.log, /logged out of /)
      assert.deepEqual(
        spy.calls().filter((call) => call !== 'get'),
        [],
      )
      home.assertSame()
    })
  }
})

sideBySide('a step that is killed', () => {
  for (const moment of ['registry login', 'pull', 'upgrade']) {
    staged(`at \`helm ${moment}\` leaves no login behind`, {}, async ({ namespace, testbed, cluster }, { dir }) => {
      const [temp, home, killer] = ['temp', 'home', 'killer'].map(temporaryDirectory) as [string, string, string]
      const copy = join(killer, 'copy')
      // Kills the step, its parent, once the command is done; keeps what is there then.
      const script = [
        '#!/bin/sh',
        `case "$*" in`,
        `"${moment} "*) ${dir}/helm "$@"; code=$?; cat ${temp}/atomic-helm-*/helm/registry.json >${copy}; kill -9 $PPID; exit $code;;`,
        'esac',
        `exec ${dir}/helm "$@"`,
      ]
      writeFileSync(join(killer, 'helm'), script.join('\n'), { mode: 0o755 })
      const inputs = { ...fromRegistry, ...inputsOf(login), release: 'shop', namespace, 'helm-version': 'installed' }
      const env = { RUNNER_TEMP: temp, HOME: home }
      const run = await runAction({ inputs, env, path: [killer], kubeconfig: testbed.kubeconfig })
      assert.equal(run.main.exitCode, 137, run.log)
      assert.ok(
        secrets.some((secret) => readFileSync(copy, 'utf8').includes(secret)),
        'it was logged in',
      )
      assert.equal(run.post?.exitCode, 0, run.log)
      assert.match(run.post?.lines.join('\n') ?? '', new RegExp(`logged out of ${registry.host}`))
      assert.deepEqual(run.warnings, [])
      for (const directory of [temp, home]) assert.deepEqual(filesWith(directory, secrets), [])
      if (moment !== 'upgrade') assert.deepEqual(await cluster.releases(namespace), [])
    })
  }

  staged('before it has logged in is no trouble', {}, async ({ namespace, testbed }, { dir }) => {
    const [temp, killer] = ['temp', 'killer'].map(temporaryDirectory) as [string, string]
    const script = `#!/bin/sh\n[ "$1 $2" != "registry login" ] || kill -9 $PPID $$\nexec ${dir}/helm "$@"\n`
    writeFileSync(join(killer, 'helm'), script, { mode: 0o755 })
    const inputs = { ...fromRegistry, ...inputsOf(login), release: 'shop', namespace, 'helm-version': 'installed' }
    const run = await runAction({ inputs, env: { RUNNER_TEMP: temp }, path: [killer], kubeconfig: testbed.kubeconfig })
    assert.deepEqual([run.main.exitCode, run.post?.exitCode, run.warnings], [137, 0, []], run.log)
    assert.deepEqual(filesWith(temp, secrets), [])
  })
})
