// A chart comes from a chart repository over HTTP, with and without a login.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { copyFileSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { after } from 'node:test'
import { startRepository } from '../../helpers/charts-server.ts'
import { sideBySide, staged } from '../../helpers/majors.ts'
import { temporaryDirectory } from '../../helpers/temporary.ts'
import { witnessHelm } from '../../helpers/witness.ts'
import {
  anyHelm,
  assertHidden,
  assertNotFound,
  assertUntouched,
  chartName,
  deployedVersion,
  formsOf,
  inputsOf,
  newLogin,
  packageVersions,
  problemsOf,
} from './shelf.ts'

const login = newLogin()
const archives = await packageVersions('0.1.0', '0.2.0')
const [closed, open] = await Promise.all([
  startRepository(anyHelm, archives, { login }),
  startRepository(anyHelm, archives),
])
after(async () => {
  await closed.close()
  await open.close()
})

const digests = archives.map((file) => `sha256:${createHash('sha256').update(readFileSync(file)).digest('hex')}`)
const inputs = { chart: chartName, repo: closed.url, ...inputsOf(login) }
const withLogin = closed.url.replace('//', `//${login.username}:${encodeURIComponent(login.password)}@`)

sideBySide('a chart repository', () => {
  staged('gives a chart whose digest is that of the archive', {}, async (stage) => {
    const run = await stage.deploy({ ...inputs, 'chart-version': '0.1.0', comment: 'always' })
    assert.equal(run.status, 'deployed', run.log)
    assert.equal(run.outputs['chart-digest'], digests[0])
    assert.equal(await deployedVersion(stage), '0.1.0')
    assertHidden(run, login)
    // The newest, and to the same release: nothing that the first run left is in the way.
    const again = await stage.deploy({ ...inputs, 'chart-digest': digests[1] ?? '' })
    assert.deepEqual([again.status, again.outputs['revision']], ['deployed', '2'], again.log)
    assert.equal(await deployedVersion(stage), '0.2.0')
  })

  staged('gives nothing when the digest is another', {}, async (stage) => {
    const run = await stage.deploy({ ...inputs, 'chart-version': '0.1.0', 'chart-digest': digests[1] ?? '' })
    await assertUntouched(stage, run)
    const { problem = '' } = problemsOf(run)[0] ?? {}
    for (const digest of digests) assert.ok(problem.includes(digest), problem)
    assert.equal(run.outputs['chart-digest'], digests[0])
  })

  staged('refuses a wrong password, and who gives none', {}, async (stage) => {
    const wrong = await stage.deploy({ ...inputs, 'repo-password': `${login.password}-not` })
    await assertNotFound(stage, wrong, /repo-username.*repo-password/)
    assertHidden(wrong, login)
    const none = await stage.deploy({ chart: chartName, repo: closed.url })
    await assertNotFound(stage, none, /repo-username.*repo-password/)
  })

  staged('does not have the chart, or that version of it', {}, async (stage) => {
    const absent = { chart: 'absent', 'chart-version': '9.9.9' }
    for (const [name, value] of Object.entries(absent)) {
      for (const repository of [inputs, { chart: chartName, repo: open.url }]) {
        const run = await stage.deploy({ ...repository, [name]: value })
        await assertNotFound(stage, run, /`chart`, `chart-version`/)
      }
    }
  })

  staged('takes credentials from its URL, which nobody sees', {}, async (stage, helm) => {
    const witness = witnessHelm(helm.dir)
    const run = await stage.deploy(
      { chart: chartName, repo: withLogin, comment: 'always' },
      { path: [witness.directory] },
    )
    assert.equal(run.status, 'deployed', run.log)
    assert.equal(run.outputs['chart-digest'], digests[1])
    assert.ok(run.comment)
    assertHidden(run, login)
    const said = witness.calls().flat().join('\n')
    assert.ok(said.includes(closed.url), said)
    for (const form of Object.values(formsOf(login))) assert.ok(!said.includes(form), said)
  })

  staged('refuses wrong credentials in its URL, which nobody sees either', {}, async (stage) => {
    const run = await stage.deploy({ chart: chartName, repo: withLogin.replace('robot', 'rabbit') })
    await assertNotFound(stage, run, /repo-username.*repo-password/)
    assertHidden(run, login)
  })

  staged('may ask for no login, or not care about one', {}, async (stage) => {
    const run = await stage.deploy({ chart: chartName, repo: open.url, 'chart-version': '0.1.x' })
    assert.equal(run.status, 'deployed', run.log)
    assert.deepEqual([run.outputs['chart-digest'], await deployedVersion(stage)], [digests[0], '0.1.0'])
    const needless = await stage.deploy({ ...inputs, repo: `${open.url}/` })
    assert.deepEqual([needless.status, needless.outputs['chart-digest']], ['deployed', digests[1]], needless.log)
  })

  staged('that is none is told', {}, async (stage) => {
    for (const url of ['http://127.0.0.1:9', `${open.url}/nothing/here.json?x=`]) {
      const run = await stage.deploy({ chart: chartName, repo: url })
      await assertNotFound(stage, run, /`repo`/)
    }
  })
})

sideBySide('an archive in the workspace', () => {
  staged('has a digest too, which can be asked for', {}, async (stage) => {
    const workspace = temporaryDirectory('workspace')
    const archive = archives[0] ?? ''
    copyFileSync(archive, join(workspace, basename(archive)))
    const refused = await stage.deploy({ chart: basename(archive), 'chart-digest': digests[1] ?? '' }, { workspace })
    await assertUntouched(stage, refused)
    assert.equal(refused.outputs['chart-digest'], digests[0])
    const run = await stage.deploy({ chart: basename(archive), 'chart-digest': digests[0] ?? '' }, { workspace })
    assert.deepEqual([run.status, run.outputs['chart-digest']], ['deployed', digests[0]], run.log)
  })
})
