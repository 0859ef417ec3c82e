// A chart directory gets the dependencies that its lock asks for, from wherever they are, and only when they are not there.
import assert from 'node:assert/strict'
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after } from 'node:test'
import { packageChart, startRegistry, startRepository } from '../../helpers/charts-server.ts'
import { fixtureChart } from '../../helpers/helm.ts'
import { sideBySide, staged } from '../../helpers/majors.ts'
import type { Deployed, Stage } from '../../helpers/stage.ts'
import { witnessHelm } from '../../helpers/witness.ts'
import { knownName, vendor, workspaceWith, writeDependencies } from './application.ts'
import type { Dependency } from './application.ts'
import { homeWith, repositoryConfig } from './home.ts'
import {
  anyHelm,
  assertHidden,
  assertNotFound,
  assertUntouched,
  chartName,
  deployedVersion,
  inputsOf,
  newLogin,
  packageVersions,
} from './shelf.ts'

const login = newLogin()
const archives = await packageVersions('0.1.0', '0.2.0')
const settings = await packageChart(anyHelm, fixtureChart('settings'), '0.3.0')
const [registry, closed, open] = await Promise.all([
  startRegistry({ login }),
  startRepository(anyHelm, archives, { login }),
  startRepository(anyHelm, [...archives, settings]),
])
after(() => Promise.all([registry.close(), closed.close(), open.close()]))
for (const archive of archives) await registry.push(anyHelm, archive)

const registryServer = { host: registry.host, login }
const repositoryServer = { url: closed.url, login }
const oci = `oci://${registry.host}/charts`
const needs = (repository: string, version = '~0.1.0'): Dependency => ({ name: chartName, version, repository })
const app = { chart: './app' }
const ofRegistry = { ...app, repo: oci, 'helm-args': '--plain-http', ...inputsOf(login) }
const ofRepository = { ...app, repo: closed.url, ...inputsOf(login) }

async function assertBuilt(stage: Stage, run: Deployed, ...names: string[]): Promise<void> {
  assert.equal(run.status, 'deployed', run.log)
  assert.equal(run.outputs['chart-digest'], '')
  assert.equal(await deployedVersion(stage), '0.1.0')
  assert.deepEqual(readdirSync(join(run.workspace, 'app', 'charts')).sort(), [...names].sort())
  assertHidden(run, login)
}

sideBySide('a dependency', () => {
  staged('comes from a repository that Helm was never told of', {}, async (stage) => {
    const workspace = await workspaceWith([needs(open.url)])
    const run = await stage.deploy(app, { workspace })
    await assertBuilt(stage, run, `${chartName}-0.1.0.tgz`)
    assert.match(run.log, /Chart\.lock: shelf 0\.1\.0/)
  })

  staged('comes from a repository with a login', {}, async (stage) => {
    const workspace = await workspaceWith([needs(`${closed.url}/`)], repositoryServer)
    await assertBuilt(stage, await stage.deploy(ofRepository, { workspace }), `${chartName}-0.1.0.tgz`)
  })

  staged('comes from a repository whose login the user has told Helm', {}, async (stage) => {
    const repositories = [{ name: knownName, url: closed.url, ...login }]
    for (const repository of [closed.url, `@${knownName}`]) {
      const home = homeWith({ [repositoryConfig]: { apiVersion: '', repositories } })
      const workspace = await workspaceWith([needs(repository)], repositoryServer)
      const run = await stage.deploy(app, { workspace, env: { HOME: home.path } })
      await assertBuilt(stage, run, `${chartName}-0.1.0.tgz`)
      home.assertSame()
    }
  })

  staged('comes although another repository that the user has told Helm is down', {}, async (stage) => {
    const home = homeWith({
      [repositoryConfig]: { apiVersion: '', repositories: [{ name: 'down', url: 'http://127.0.0.1:9' }] },
      '.cache/helm/repository/down-index.yaml': { apiVersion: 'v1', entries: {} },
    })
    const workspace = await workspaceWith([needs(open.url)])
    const run = await stage.deploy(app, { workspace, env: { HOME: home.path } })
    await assertBuilt(stage, run, `${chartName}-0.1.0.tgz`)
    home.assertSame()
  })

  staged('comes from a registry with a login', {}, async (stage) => {
    const workspace = await workspaceWith([needs(oci)], registryServer)
    await assertBuilt(stage, await stage.deploy(ofRegistry, { workspace }), `${chartName}-0.1.0.tgz`)
  })

  staged('comes from a folder of the workspace', {}, async (stage) => {
    const workspace = await workspaceWith([needs(`file://../libs/${chartName}`)])
    await assertBuilt(stage, await stage.deploy(app, { workspace }), `${chartName}-0.1.0.tgz`)
  })

  staged('may come from another place than the next', {}, async (stage) => {
    const others = [needs(oci), { name: 'settings', version: '0.3.0', repository: open.url }]
    const workspace = await workspaceWith(others, registryServer)
    const run = await stage.deploy(ofRegistry, { workspace })
    await assertBuilt(stage, run, `${chartName}-0.1.0.tgz`, 'settings-0.3.0.tgz')
  })

  staged('that is there is not fetched', {}, async (stage, { dir }, context) => {
    const own = await startRepository(anyHelm, archives)
    context.after(own.close)
    const workspace = await workspaceWith([needs(own.url)])
    await vendor(workspace)
    const [witness, before] = [witnessHelm(dir), own.requests().length]
    const run = await stage.deploy(app, { workspace, path: [witness.directory] })
    await assertBuilt(stage, run, `${chartName}-0.1.0.tgz`)
    assert.equal(own.requests().length, before)
    assert.deepEqual(
      witness.calls().filter(([command]) => command === 'dependency'),
      [],
    )
    assert.doesNotMatch(run.log, /Chart\.lock/)
  })

  staged('is fetched once, and is there for the next run', {}, async (stage, _helm, context) => {
    const own = await startRepository(anyHelm, archives)
    context.after(own.close)
    const workspace = await workspaceWith([needs(own.url)])
    await assertBuilt(stage, await stage.deploy(app, { workspace }), `${chartName}-0.1.0.tgz`)
    const before = own.requests().length
    await assertBuilt(stage, await stage.deploy(app, { workspace }), `${chartName}-0.1.0.tgz`)
    assert.equal(own.requests().length, before)
  })
})

sideBySide('a chart is rejected', () => {
  staged('when its lock is out of step with Chart.yaml', {}, async (stage) => {
    const workspace = await workspaceWith([needs(open.url)])
    writeDependencies(workspace, [needs(open.url, '~0.2.0')])
    const run = await stage.deploy(app, { workspace })
    await assertUntouched(stage, run)
    assert.match(run.outputs['reason'] ?? '', /lock file \(Chart\.lock\) is out of sync/)
  })

  staged('when it has no lock and lacks its dependencies', {}, async (stage, { dir }) => {
    const workspace = await workspaceWith([needs(open.url)])
    rmSync(join(workspace, 'app', 'Chart.lock'))
    const witness = witnessHelm(dir)
    const run = await stage.deploy(app, { workspace, path: [witness.directory] })
    await assertNotFound(stage, run, /helm dependency/)
    assert.match(run.outputs['reason'] ?? '', /missing in charts\/ directory: shelf/)
    assert.deepEqual(
      witness.calls().filter(([command]) => command === 'dependency'),
      [],
    )
    assert.equal(existsSync(join(workspace, 'app', 'charts')), false)
  })

  staged('when its lock cannot be read', {}, async (stage) => {
    const workspace = await workspaceWith([needs(open.url)])
    for (const text of ['dependencies: [', 'dependencies: {name: shelf}', '- shelf', 'dependencies:\n- null']) {
      writeFileSync(join(workspace, 'app', 'Chart.lock'), text)
      const run = await stage.deploy(app, { workspace })
      await assertUntouched(stage, run)
      assert.match(run.outputs['reason'] ?? '', /Chart\.lock/, text)
    }
  })

  staged('when the login does not open where its dependency is', {}, async (stage) => {
    const [fromRegistry, fromRepository] = await Promise.all([
      workspaceWith([needs(oci)], registryServer),
      workspaceWith([needs(closed.url)], repositoryServer),
    ])
    const wrong = { 'repo-password': `${login.password}-not` }
    for (const [inputs, workspace] of [
      [{ ...ofRegistry, ...wrong }, fromRegistry],
      [{ ...app, 'helm-args': '--plain-http' }, fromRegistry],
      [{ ...ofRepository, ...wrong }, fromRepository],
      [app, fromRepository],
    ] as const) {
      const run = await stage.deploy(inputs, { workspace })
      await assertNotFound(stage, run, /repo-username.*repo-password/)
      assertHidden(run, login)
    }
  })

  staged('when the repository of its dependency does not answer', {}, async (stage) => {
    const own = await startRepository(anyHelm, archives)
    const workspace = await workspaceWith([needs(own.url)])
    await own.close()
    await assertNotFound(stage, await stage.deploy(app, { workspace }), /`repo`/)
  })
})
