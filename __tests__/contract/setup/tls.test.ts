// Servers with certificates of their own: trusted when NODE_EXTRA_CA_CERTS says so, and refused at once when not.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { makeCertificate } from '../../helpers/certificate.ts'
import { archiveNameOf, published, redirect, sha256Of, smallArchive } from '../../helpers/downloads.ts'
import { assertInstalled, assertRefused, install, serve } from './install.ts'

const version = '4.99.0'
const archive = await smallArchive(version)
const name = archiveNameOf(version)
const inputs = { 'helm-version': version, 'helm-sha256': sha256Of(archive) }
const [tls, other, elsewhere] = await Promise.all([
  makeCertificate(),
  makeCertificate(),
  makeCertificate('DNS:elsewhere.test'),
])

describe('a server with TLS', { concurrency: 3 }, () => {
  test('is trusted with its certificate in NODE_EXTRA_CA_CERTS', async (context) => {
    const server = await serve(context, published(version, archive), { tls })
    const env = { NODE_EXTRA_CA_CERTS: tls.file }
    assertInstalled(await install({ 'helm-version': version, 'helm-download-url': server.url }, { env }), version)
  })

  for (const [name, tls, trusted, says] of [
    ['that nobody vouches for', other, '', /self-signed certificate/],
    ['that somebody else vouches for', other, elsewhere.file, /self-signed certificate/],
    ['for another name', elsewhere, elsewhere.file, /does not match certificate's altnames/],
  ] as const)
    test(`is refused at once with a certificate ${name}`, async (context) => {
      const server = await serve(context, published(version, archive), { tls })
      const env = trusted === '' ? {} : { NODE_EXTRA_CA_CERTS: trusted }
      const run = await install({ ...inputs, 'helm-download-url': server.url }, { env })
      assertRefused(run, says, new RegExp(server.url))
      assert.deepEqual(server.requests(), [])
      assert.doesNotMatch(run.said, /trying again/)
    })

  test('that is not trusted is passed over', async (context) => {
    const [first, second] = [await serve(context, {}, { tls }), await serve(context, published(version, archive))]
    assertInstalled(await install({ ...inputs, 'helm-download-url': `${first.url}\n${second.url}` }), version)
  })

  test('may not redirect to one without', async (context) => {
    const plain = await serve(context, published(version, archive))
    const server = await serve(context, { [`/${name}`]: redirect(`${plain.url}/${name}`) }, { tls })
    const env = { NODE_EXTRA_CA_CERTS: tls.file }
    const run = await install({ ...inputs, 'helm-download-url': server.url }, { env })
    assertRefused(run, /it redirects to http:\/\/127\.0\.0\.1:\d+, which is not https/)
    assert.deepEqual([server.requests().length, plain.requests()], [1, []])
  })

  test('may be redirected to from one without', async (context) => {
    const server = await serve(context, published(version, archive), { tls })
    const plain = await serve(context, { [`/${name}`]: redirect(`${server.url}/${name}`) })
    const env = { NODE_EXTRA_CA_CERTS: tls.file }
    assertInstalled(await install({ ...inputs, 'helm-download-url': plain.url }, { env }), version)
  })

  for (const [what, from, to] of [
    ['https is asked of a server without it', 'http:', 'https:'],
    ['http is asked of a server with it', 'https:', 'http:'],
  ] as const)
    test(`is not found when ${what}, and the next place is asked`, async (context) => {
      const options = from === 'https:' ? { tls } : {}
      const [server, next] = [await serve(context, {}, options), await serve(context, published(version, archive))]
      const urls = `${server.url.replace(from, to)}\n${next.url}`
      assertInstalled(await install({ ...inputs, 'helm-download-url': urls }), version)
    })
})
