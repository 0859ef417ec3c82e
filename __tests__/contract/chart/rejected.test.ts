// What cannot be meant is told all at once, with remedies, before anything is asked of anybody; and what may be secret is not repeated.
import assert from 'node:assert/strict'
import { after } from 'node:test'
import { startRepository } from '../../helpers/charts-server.ts'
import { sideBySide, staged } from '../../helpers/majors.ts'
import type { Deployed } from '../../helpers/stage.ts'
import { anyHelm, assertHidden, assertUntouched, chartName, packageVersions, problemsOf, shelf } from './shelf.ts'

const login = { username: 'robot', password: 'Kiwi-bird-4711-and-more' }
const canary = login.password
const repository = await startRepository(anyHelm, await packageVersions('0.1.0'), { login })
after(repository.close)

/** Lines of `helm-args` that are refused, and what is said about them. */
const refused: [line: string, said: RegExp][] = [
  ['--atomic', /"--atomic" is not allowed.*The action does this itself/],
  ['--wait', /"--wait" is not allowed.*The action does this itself/],
  ['--rollback-on-failure=true', /"--rollback-on-failure" is not allowed.*The action does this itself/],
  ['-i', /"-i" is not allowed.*The action does this itself/],
  [`--timeout=${canary}`, /"--timeout" is not allowed.*`timeout`/],
  ['--wait-for-jobs', /"--wait-for-jobs" is not allowed.*`wait-for-jobs`/],
  [`--set=a=${canary}`, /"--set" is not allowed.*input of the same name/],
  [`--set-string a=${canary}`, /"--set-string" is not allowed.*input of the same name/],
  [`-f ${canary}`, /"-f" is not allowed.*`value-files`/],
  [`--password=${canary}`, /"--password" is not allowed.*`repo-password`/],
  [`--password ${canary}`, /"--password" is not allowed.*`repo-password`/],
  [`--kube-token=${canary}`, /"--kube-token" is not allowed.*`kubeconfig`/],
  [`--namespace ${canary}`, /"--namespace" is not allowed.*`namespace`/],
  [`--version=${canary}`, /"--version" is not allowed.*`chart-version`/],
  ['--reuse-values', /"--reuse-values" is not allowed.*`reuse-values`/],
  ['--history-max=0', /"--history-max" is not allowed.*`history-max`/],
  ['--insecure-skip-tls-verify', /"--insecure-skip-tls-verify" is not allowed.*`--ca-file`/],
  ['--force', /"--force" is not allowed.*could not be undone/],
  ['--dry-run=server', /"--dry-run" is not allowed.*not be checked/],
  [`--unheard-of=${canary}`, /"--unheard-of" is not allowed.*Use one of --plain-http, --ca-file/],
  ['--ca-file', /--ca-file needs a value.*--ca-file=value/],
  ['--ca-file=', /--ca-file needs a value.*--ca-file=value/],
  [`--plain-http=${canary}`, /--plain-http takes no value.*Write --plain-http/],
  ['--constructor', /"--constructor" is not allowed/],
]

function told(run: Deployed): string[] {
  return problemsOf(run).map(({ problem, remedy }) => `${problem}. ${remedy}`)
}

sideBySide('it is rejected', () => {
  staged('when arguments for Helm are not allowed, each with what to do instead', {}, async (stage) => {
    const run = await stage.deploy({ chart: shelf, 'helm-args': refused.map(([line]) => line).join('\n') })
    await assertUntouched(stage, run)
    const said = told(run)
    assert.equal(said.length, refused.length, said.join('\n'))
    for (const [index, [, pattern]] of refused.entries()) assert.match(said[index] ?? '', pattern)
    assertHidden(run, login)
  })

  staged('when the value of an argument has a line of its own', {}, async (stage) => {
    const run = await stage.deploy({ chart: shelf, 'helm-args': `--ca-file\n${canary}` })
    await assertUntouched(stage, run)
    assert.match(told(run).join('\n'), /--ca-file needs a value/)
    assertHidden(run, login)
  })

  staged('when credentials are in the wrong place, or only half there, or the digest is none', {}, async (stage) => {
    const run = await stage.deploy({
      chart: `oci://robot:${canary}@127.0.0.1:9/charts/${chartName}`,
      'repo-username': 'robot',
      'chart-digest': 'sha256:abc',
      'helm-args': '--wait',
    })
    await assertUntouched(stage, run)
    const expected = [
      /`chart` has credentials in its URL.*`repo-username` and `repo-password`/,
      /Only one of `repo-username` and `repo-password`.*both or neither/,
      /`chart-digest`: "sha256:abc" is not a SHA-256.*64 hexadecimal/,
      /`helm-args`/,
    ]
    assert.equal(problemsOf(run).length, expected.length, told(run).join('\n'))
    for (const pattern of expected)
      assert.ok(
        told(run).some((text) => pattern.test(text)),
        told(run).join('\n'),
      )
    assertHidden(run, login)
  })

  staged('when a login has nothing to open', {}, async (stage) => {
    const inputs = { chart: shelf, 'repo-username': login.username, 'repo-password': login.password }
    const run = await stage.deploy(inputs)
    await assertUntouched(stage, run)
    assert.match(told(run).join('\n'), /no `repo`.*Give `repo`/)
    assertHidden(run, login)
  })

  staged('when a login comes twice, or half in a URL', {}, async (stage) => {
    const inside = repository.url.replace('//', `//${login.username}:${canary}@`)
    const twice = { chart: chartName, repo: inside, 'repo-username': login.username, 'repo-password': canary }
    const both = await stage.deploy(twice)
    await assertUntouched(stage, both)
    assert.match(told(both).join('\n'), /both give credentials.*out of the URL/)
    assertHidden(both, login)
    for (const user of [login.username, `:${canary}`]) {
      const half = await stage.deploy({ chart: chartName, repo: repository.url.replace('//', `//${user}@`) })
      await assertUntouched(stage, half)
      assert.match(told(half).join('\n'), /Only one of|both or neither|password/)
      assertHidden(half, login)
    }
  })

  staged('when `repo` is no URL, without what may be a password in it', {}, async (stage) => {
    const run = await stage.deploy({ chart: chartName, repo: `http://robot:${canary}@[nowhere` })
    await assertUntouched(stage, run)
    assert.match(told(run).join('\n'), /`repo`: .* is not a URL/)
    assertHidden(run, login)
  })

  staged('when a directory should have a digest', {}, async (stage) => {
    const digest = `sha256:${'1'.repeat(64)}`
    const run = await stage.deploy({ chart: shelf, 'chart-digest': digest })
    await assertUntouched(stage, run)
    assert.deepEqual([problemsOf(run).length, run.outputs['chart-digest']], [1, ''])
    assert.match(told(run)[0] ?? '', /the chart is a directory.*Leave it out/)
    // Together with what else is wrong.
    const more = await stage.deploy({ chart: shelf, 'chart-digest': digest, 'repo-username': 'robot' })
    await assertUntouched(stage, more)
    for (const pattern of [/the chart is a directory/, /Only one of `repo-username`/])
      assert.ok(
        told(more).some((text) => pattern.test(text)),
        told(more).join('\n'),
      )
  })
})

sideBySide('a password in a URL', () => {
  staged('may hold a percent sign that stands for itself', {}, async (stage, _helm, context) => {
    const odd = { username: 'robot', password: 'Plum-4711%zz-and-more' }
    const own = await startRepository(anyHelm, await packageVersions('0.1.0'), { login: odd })
    context.after(own.close)
    const repo = own.url.replace('//', `//${odd.username}:${odd.password}@`)
    const run = await stage.deploy({ chart: chartName, repo })
    assert.equal(run.status, 'deployed', run.log)
    assertHidden(run, odd)
  })
})
