// Extra arguments of Helm reach the commands that they are for, and no others.
import assert from 'node:assert/strict'
import { after } from 'node:test'
import { startRegistry, startRepository } from '../../helpers/charts-server.ts'
import { sideBySide, staged } from '../../helpers/majors.ts'
import { witnessHelm } from '../../helpers/witness.ts'
import { workspaceWith } from './application.ts'
import { anyHelm, assertUntouched, chartName, inputsOf, newLogin, packageVersions, problemsOf, shelf } from './shelf.ts'

const login = newLogin()
const archives = await packageVersions('0.1.0')
const [registry, repository] = await Promise.all([
  startRegistry({ login, tls: 'mutual' }),
  startRepository(anyHelm, archives, { login }),
])
after(() => Promise.all([registry.close(), repository.close()]))
for (const archive of archives) await registry.push(anyHelm, archive)

const certificates = [
  `--ca-file=${registry.caFile}`,
  `--cert-file=${registry.caFile}`,
  `--key-file=${registry.keyFile}`,
]
const pulling = ['--devel', '--keyring=/none']
const rendering = ['--skip-crds', '--enable-dns', '--disable-openapi-validation', '--skip-schema-validation']
const printing = ['--hide-notes', '--render-subchart-notes']
const all = [...certificates, '--pass-credentials', ...pulling, ...rendering, ...printing]
const deploying = { template: rendering, upgrade: [...rendering, ...printing] }

/** Which of these arguments each command of Helm got; commands that got none are left out. */
function received(calls: string[][], args: string[]): Record<string, string[]> {
  const found: Record<string, string[]> = {}
  for (const call of calls) {
    const name = call.slice(0, /^(registry|repo|dependency)$/.test(call[0] ?? '') ? 2 : 1).join(' ')
    const here = args.filter((argument) => call.includes(argument))
    if (here.length > 0) found[name] = here
  }
  return found
}

sideBySide('extra arguments', () => {
  staged('reach what a registry is asked with, and what renders', {}, async (stage, { dir }) => {
    const witness = witnessHelm(dir)
    const chart = `oci://${registry.host}/charts/${chartName}`
    const inputs = { chart, ...inputsOf(login), 'helm-args': all.join('\n') }
    const run = await stage.deploy(inputs, { path: [witness.directory] })
    assert.equal(run.status, 'deployed', run.log)
    assert.deepEqual(received(witness.calls(), all), {
      'registry login': certificates,
      pull: [...certificates, '--pass-credentials', ...pulling],
      ...deploying,
    })
  })

  staged('reach what a repository is asked with', {}, async (stage, { dir }) => {
    const witness = witnessHelm(dir)
    const args = [...all, '--plain-http']
    const inputs = { chart: chartName, repo: repository.url, ...inputsOf(login), 'helm-args': args.join('\n') }
    const run = await stage.deploy(inputs, { path: [witness.directory] })
    assert.equal(run.status, 'deployed', run.log)
    assert.deepEqual(received(witness.calls(), args), {
      'repo add': [...certificates, '--pass-credentials'],
      pull: [...certificates, '--pass-credentials', ...pulling, '--plain-http'],
      ...deploying,
    })
  })

  staged('reach what fetches dependencies', {}, async (stage, { dir }) => {
    const oci = `oci://${registry.host}/charts`
    const dependency = { name: chartName, version: '0.1.0', repository: oci }
    const workspace = await workspaceWith([dependency], { host: registry.host, login, flags: certificates })
    const witness = witnessHelm(dir)
    const inputs = { chart: './app', repo: oci, ...inputsOf(login), 'helm-args': all.join('\n') }
    const run = await stage.deploy(inputs, { workspace, path: [witness.directory] })
    assert.equal(run.status, 'deployed', run.log)
    assert.deepEqual(received(witness.calls(), all), {
      'registry login': certificates,
      'dependency build': certificates,
      ...deploying,
    })
  })

  staged('may have their value after a space, or say true and false', {}, async (stage, { dir }) => {
    const witness = witnessHelm(dir)
    const run = await stage.deploy(
      { chart: shelf, 'helm-args': '  --post-renderer-args one two\n\n--skip-crds=true\n--enable-dns=false  ' },
      { path: [witness.directory] },
    )
    assert.equal(run.status, 'deployed', run.log)
    const args = ['--post-renderer-args=one two', '--skip-crds=true', '--enable-dns=false']
    assert.deepEqual(received(witness.calls(), args), { template: args, upgrade: args })
  })

  staged('about server-side apply reach the upgrade, and nothing before it', { only: 4 }, async (stage, { dir }) => {
    const witness = witnessHelm(dir)
    const args = ['--server-side=true', '--force-conflicts']
    const run = await stage.deploy({ chart: shelf, 'helm-args': args.join('\n') }, { path: [witness.directory] })
    assert.equal(run.status, 'deployed', run.log)
    assert.deepEqual(received(witness.calls(), args), { upgrade: args })
  })

  staged('that only Helm 4 knows are rejected', { only: 3 }, async (stage) => {
    const run = await stage.deploy({ chart: shelf, 'helm-args': '--server-side=false\n--force-conflicts' })
    await assertUntouched(stage, run)
    const problems = problemsOf(run)
    const flags = problems.map(({ problem }) => /--[a-z-]+/.exec(problem)?.[0])
    assert.deepEqual(flags, ['--server-side', '--force-conflicts'])
    for (const { problem, remedy } of problems)
      assert.match(`${problem}: ${remedy}`, /needs Helm 4 or newer.*helm-version: 4/)
  })
})
