// What can pass by itself is tried again; what cannot is told at once.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, test } from 'node:test'
import { helmEntries, tarGz } from '../../helpers/archives.ts'
import { archiveNameOf, published, sha256Of, smallArchive } from '../../helpers/downloads.ts'
import type { Answer, Script } from '../../helpers/downloads.ts'
import { programSaying } from '../../helpers/program.ts'
import { assertInstalled, assertRefused, install, serve } from './install.ts'

const version = '4.99.0'
// Large enough to be on its way for a moment, and not to be packed any smaller.
const program = Buffer.concat([programSaying(`v${version}`), randomBytes(3_000_000)])
const archive = await tarGz(helmEntries(program).map(({ name, content }) => ({ name, content })))
const small = await smallArchive(version)
const name = archiveNameOf(version)
const good: Answer = { body: archive }
const inputs = { 'helm-version': version, 'helm-sha256': sha256Of(archive) }
const inPieces = { 'transfer-encoding': 'chunked' }

describe('a download', { concurrency: 4 }, () => {
  const passing: [name: string, fault: Answer | Answer[], told: RegExp, atLeastMs?: number][] = [
    ['that answers 408', { status: 408, body: 'late' }, /HTTP 408/],
    ['that answers 429', { status: 429, body: 'slow down' }, /HTTP 429/],
    ['that answers 500', { status: 500, body: 'oops' }, /HTTP 500/],
    ['that answers 502 with a page', { status: 502, body: '<html>'.repeat(10_000) }, /HTTP 502/],
    ['that answers 503 without a word', { status: 503 }, /HTTP 503/],
    ['that answers 504, then 503', [{ status: 504 }, { status: 503 }], /HTTP 503/],
    ['that says when, in seconds', { status: 429, headers: { 'retry-after': '1' } }, /in 1\.0 s: .*HTTP 429/, 1000],
    ['that says when, by a date', { status: 503, headers: { 'retry-after': inSeconds(3) } }, /in \d\.\d s: .*HTTP 503/],
    ['that hangs up', { fault: 'gone' }, /trying again in .*: (other side closed|.*ECONNRESET)/],
    ['that is reset half-way', { ...good, fault: 'reset' }, /trying again in .*: (terminated|.*ECONNRESET|.*closed)/],
    ['that is cut short', { ...good, fault: 'short' }, /trying again in/],
    ['that is cut short in its last piece', { ...good, headers: inPieces, fault: 'short' }, /trying again in/],
    ['that is cut short twice', [good, good].map((one): Answer => ({ ...one, fault: 'short' })), /trying again in/],
  ]
  for (const [what, fault, told, atLeastMs = 0] of passing)
    test(`${what} is tried again`, async (context) => {
      const faults = [fault].flat()
      const server = await serve(context, { [`/${name}`]: [...faults, good] })
      const run = await install({ ...inputs, 'helm-download-url': server.url })
      assertInstalled(run, version)
      assert.equal(server.requests().length, faults.length + 1)
      assert.match(run.said, told)
      assert.ok(run.main.wallMs >= atLeastMs, run.said)
    })

  for (const fault of ['mute', 'stall'] as const)
    test(`that ${fault === 'mute' ? 'never begins' : 'stalls half-way'} is given up and tried again`, async (context) => {
      const server = await serve(context, { [`/${name}`]: [{ ...good, fault }, good] })
      const run = await install({ ...inputs, 'helm-download-url': server.url })
      assertInstalled(run, version)
      assert.match(run.said, /trying again in .*: .*timeout/i)
      assert.ok(run.main.wallMs > 14_000 && run.main.wallMs < 25_000, String(run.main.wallMs))
    })

  test('of the published hash is tried again as well', async (context) => {
    const files = published(version, small)
    const sum = `/${name}.sha256sum`
    const server = await serve(context, { ...files, [sum]: [{ status: 503 }, { fault: 'gone' }, files[sum] ?? {}] })
    assertInstalled(await install({ 'helm-version': version, 'helm-download-url': server.url }), version)
    assert.equal(server.asked().filter(({ path }) => path === sum).length, 3)
  })

  test('of the newest version is tried again as well', async (context) => {
    const path = '/helm-latest-version'
    const server = await serve(context, {
      ...published(version, small),
      [path]: [{ status: 503 }, { fault: 'gone' }, { body: `v${version}` }],
    })
    assertInstalled(await install({ 'helm-version': 'latest', 'helm-download-url': server.url }), version)
  })

  test('does not wait for a busy place when another one has it', async (context) => {
    const busy = { [`/busy/${name}`]: { status: 503, headers: { 'retry-after': '60' }, body: 'x' } }
    const server = await serve(context, { ...busy, [`/${name}`]: good })
    const run = await install({ ...inputs, 'helm-download-url': `${server.url}/busy\n${server.url}` })
    assertInstalled(run, version)
    assert.deepEqual(server.requests(), [`/busy/${name} 503`, `/${name} 200`])
  })

  for (const wait of ['3600', new Date(Date.now() + 3_600_000).toUTCString()])
    test(`that is to wait ${wait === '3600' ? wait : 'until a date'}, longer than all may take, ends at once`, async (context) => {
      const server = await serve(context, { [`/${name}`]: { status: 429, headers: { 'retry-after': wait } } })
      const run = await install({ ...inputs, 'helm-download-url': server.url })
      assertRefused(run, /Helm 4\.99\.0 cannot be downloaded: http\S+: HTTP 429/, /Check .*the proxy and the network/)
      assert.equal(server.requests().length, 1)
      assert.doesNotMatch(run.said, /trying again/)
    })

  const lasting: [name: string, answer: Answer, says: RegExp][] = [
    ['is not understood', { status: 400, body: 'what?' }, /HTTP 400/],
    ['is paid for', { status: 402 }, /HTTP 402/],
    ['is a part only', { status: 206, body: archive.subarray(0, 1000) }, /HTTP 206/],
    ['is not changed', { status: 304 }, /HTTP 304/],
    ['is withheld by law', { status: 451, body: '<html>'.repeat(50_000) }, /HTTP 451/],
  ]
  for (const [what, answer, says] of lasting)
    test(`that ${what} is not tried again`, async (context) => {
      const server = await serve(context, { [`/${name}`]: answer })
      const run = await install({ ...inputs, 'helm-download-url': server.url })
      assertRefused(run, says)
      assert.equal(server.requests().length, 1)
    })

  test('may come without its size', async (context) => {
    const server = await serve(context, { [`/${name}`]: { ...good, headers: inPieces } })
    const run = await install({ ...inputs, 'helm-download-url': server.url })
    assertInstalled(run, version)
    assert.match(run.said, /downloading http\S+\.tar\.gz\n/)
  })

  test('that is far too much is ended', async (context) => {
    const much = { body: Buffer.alloc(201 * 1024 * 1024), headers: inPieces }
    const server = await serve(context, { [`/${name}`]: much })
    const run = await install({ ...inputs, 'helm-download-url': server.url })
    assertRefused(run, /the answer is larger than 204800 KiB/)
  })

  test('that is a page is not Helm', async (context) => {
    const page: Script = {
      [`/${name}`]: { body: '<html>Please log in</html>', headers: { 'content-type': 'text/html' } },
    }
    const server = await serve(context, page)
    const run = await install({ ...inputs, 'helm-download-url': server.url })
    assertRefused(run, /`helm-sha256` says/)
  })

  test('ends with the step when the job is cancelled', async (context) => {
    const server = await serve(context, { [`/${name}`]: { ...good, fault: 'stall' } })
    const cancelWhen = (line: string): boolean => line.includes('downloading')
    const run = await install({ ...inputs, 'helm-download-url': server.url }, { cancelWhen })
    assert.equal(run.conclusion, 'cancelled', run.said)
    assert.ok(run.main.wallMs < 7000, 'before the runner kills it')
    assert.deepEqual(run.main.path, [])
  })
})

/** A date of HTTP, which has no fractions of seconds. */
function inSeconds(seconds: number): string {
  return new Date(Date.now() + seconds * 1000).toUTCString()
}
