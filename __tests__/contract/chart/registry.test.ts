// A chart comes from a registry that asks for a login, and it is the one that is meant.
import assert from 'node:assert/strict'
import { after } from 'node:test'
import { startRegistry } from '../../helpers/charts-server.ts'
import { sideBySide, staged } from '../../helpers/majors.ts'
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
  problemsOf,
} from './shelf.ts'

const login = newLogin()
const archives = await packageVersions('0.1.0', '0.2.0', '1.0.0')
const registry = await startRegistry({ login })
const overTls = await startRegistry({ login, tls: 'server' })
after(async () => {
  await registry.close()
  await overTls.close()
})
for (const archive of archives) await registry.push(anyHelm, archive)
await overTls.push(anyHelm, archives[0] ?? '')

const chart = `oci://${registry.host}/charts/${chartName}`
const plain = { chart, 'helm-args': '--plain-http' }
const inputs = { ...plain, ...inputsOf(login), 'chart-version': '0.1.0' }
const wrong = `sha256:${'0'.repeat(64)}`

sideBySide('a registry', () => {
  staged('gives a chart whose digest it tells itself', {}, async (stage) => {
    const run = await stage.deploy({ ...inputs, comment: 'always' })
    assert.equal(run.status, 'deployed', run.log)
    assert.equal(run.outputs['chart-digest'], await registry.digest(`charts/${chartName}`, '0.1.0'))
    assert.equal(await deployedVersion(stage), '0.1.0')
    assert.ok(run.comment)
    assertHidden(run, login)
    assert.match(run.post?.lines.join('\n') ?? '', new RegExp(`logged out of ${registry.host}`))
  })

  staged('gives the chart that `chart-digest` asks for, and no other', {}, async (stage) => {
    const digest = await registry.digest(`charts/${chartName}`, '0.1.0')
    const first = await stage.deploy({ ...inputs, 'chart-digest': digest })
    const again = await stage.deploy({ ...inputs, 'chart-digest': digest.replace('sha256:', '').toUpperCase() })
    assert.deepEqual([first.status, again.status, again.outputs['revision']], ['deployed', 'deployed', '2'], again.log)
    const before = await stage.picture()
    const moved = await stage.deploy({ ...inputs, 'chart-version': '0.2.0', 'chart-digest': digest })
    assert.equal(moved.status, 'rejected', moved.log)
    assert.equal(moved.outputs['chart-digest'], await registry.digest(`charts/${chartName}`, '0.2.0'))
    assert.deepEqual(await stage.picture(), before)
    assert.equal((await stage.cluster.releases(stage.namespace)).length, 2)
  })

  staged('gives nothing when the digest is another', {}, async (stage) => {
    const found = await registry.digest(`charts/${chartName}`, '0.1.0')
    const run = await stage.deploy({ ...inputs, 'chart-digest': wrong })
    await assertUntouched(stage, run)
    const [problem, ...more] = problemsOf(run)
    assert.deepEqual(more, [])
    assert.ok(problem?.problem.includes(wrong) && problem.problem.includes(found), problem?.problem)
    for (const text of [run.outputs['reason'], run.errors[0], run.comment, run.summary])
      assert.ok(text?.includes(wrong) && text.includes(found), text)
    assert.equal(run.outputs['chart-digest'], found)
  })

  staged('refuses a wrong password', {}, async (stage) => {
    const run = await stage.deploy({ ...inputs, 'repo-password': `${login.password}-not` })
    await assertNotFound(stage, run, /repo-username.*repo-password/)
    assertHidden(run, login)
  })

  staged('refuses who does not log in', {}, async (stage) => {
    const run = await stage.deploy({ ...plain, 'chart-version': '0.1.0' })
    await assertNotFound(stage, run, /repo-username.*repo-password/)
  })

  staged('does not have the chart, or that version of it', {}, async (stage) => {
    const absent = { chart: `oci://${registry.host}/charts/absent`, 'chart-version': '9.9.9' }
    for (const [name, value] of Object.entries(absent)) {
      const run = await stage.deploy({ ...inputs, [name]: value })
      await assertNotFound(stage, run, /`chart`, `chart-version`/)
      assertHidden(run, login)
    }
  })

  staged('has the newest version, in a range too', {}, async (stage) => {
    const wanted = { '0.x': '0.2.0', '~0.1.0': '0.1.0', '>=0.1 <1': '0.2.0', '': '1.0.0' }
    for (const [range, version] of Object.entries(wanted)) {
      const run = await stage.deploy({ ...inputs, 'chart-version': range })
      assert.equal(run.status, 'deployed', run.log)
      assert.equal(await deployedVersion(stage), version)
      assert.equal(run.outputs['chart-digest'], await registry.digest(`charts/${chartName}`, version))
    }
  })

  staged('has it by its tag and by its digest in the reference', {}, async (stage) => {
    const digest = await registry.digest(`charts/${chartName}`, '0.2.0')
    for (const reference of [`${chart}:0.2.0`, `${chart}@${digest}`]) {
      const run = await stage.deploy({ ...inputs, chart: reference, 'chart-version': '' })
      assert.equal(run.status, 'deployed', run.log)
      assert.deepEqual([await deployedVersion(stage), run.outputs['chart-digest']], ['0.2.0', digest])
    }
  })

  staged('can be the `repo` of a chart that goes by its name', {}, async (stage) => {
    const run = await stage.deploy({ ...inputs, chart: chartName, repo: `oci://${registry.host}/charts/` })
    assert.equal(run.status, 'deployed', run.log)
    assert.equal(await deployedVersion(stage), '0.1.0')
    assert.equal(run.outputs['chart-digest'], await registry.digest(`charts/${chartName}`, '0.1.0'))
    const { username, password } = login
    const url = `oci://${username}:${encodeURIComponent(password)}@${registry.host}/charts`
    const inside = await stage.deploy({ ...plain, chart: chartName, repo: url, 'chart-version': '0.2.0' })
    assert.equal(inside.status, 'deployed', inside.log)
    assert.equal(await deployedVersion(stage), '0.2.0')
    assertHidden(inside, login)
  })

  staged('speaks TLS with an authority of its own', {}, async (stage) => {
    const secure = { ...inputs, chart: `oci://${overTls.host}/charts/${chartName}` }
    const run = await stage.deploy({ ...secure, 'helm-args': `--ca-file=${overTls.caFile}` })
    assert.equal(run.status, 'deployed', run.log)
    assert.match(run.outputs['chart-digest'] ?? '', /^sha256:[0-9a-f]{64}$/)
    assert.equal(await deployedVersion(stage), '0.1.0')
  })

  staged('is not trusted without its authority', {}, async (stage) => {
    const secure = { ...inputs, chart: `oci://${overTls.host}/charts/${chartName}`, 'helm-args': '' }
    await assertNotFound(stage, await stage.deploy(secure), /--ca-file/)
  })

  // Helm 3 falls back to HTTP by itself, but then leaves the login out.
  staged('that does not speak TLS is told, with what would help', { only: 4 }, async (stage) => {
    const run = await stage.deploy({ ...inputs, 'helm-args': '' })
    await assertNotFound(stage, run, /--plain-http/)
    assertHidden(run, login)
  })
})
