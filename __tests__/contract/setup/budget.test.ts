// All downloads of a run share one moment at which their time is up, whatever is under way then.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { systemClock } from '../../../src/platform/clock.ts'
import { createHttp } from '../../../src/platform/http.ts'
import { download } from '../../../src/setup/download.ts'
import type { Download } from '../../../src/setup/download.ts'
import type { Answer } from '../../helpers/downloads.ts'
import { proxiedNames, startSilence } from '../../helpers/proxy.ts'
import { serve } from './install.ts'

const budgetMs = 3500
const file = 'helm.tar.gz'

/** What comes of a download that has so much time, and how long it took. */
async function within(ms: number, bases: string[]): Promise<{ ended: Download; tookMs: number }> {
  const http = createHttp()
  const begun = performance.now()
  try {
    const ended = await download(
      {
        get: http.get,
        clock: systemClock,
        bases,
        endsAtMs: systemClock.now() + ms,
        random: Math.random,
        onProgress: () => undefined,
        onRetry: () => undefined,
      },
      file,
      1000,
    )
    return { ended, tookMs: performance.now() - begun }
  } finally {
    http.close()
  }
}

async function assertEnded(bases: string[]): Promise<void> {
  const { ended, tookMs } = await within(budgetMs, bases)
  assert.ok(ended.kind === 'failed', JSON.stringify(ended))
  assert.match(ended.tried[0] ?? '', /the time for downloads is up$/)
  assert.ok(tookMs > budgetMs - 100 && tookMs < budgetMs + 1500, String(tookMs))
}

describe('when the time for downloads is up', { concurrency: 6 }, () => {
  const answers: [what: string, answer: Answer][] = [
    ['a transfer that sends a byte now and then', { fault: 'drip', body: 'x'.repeat(500) }],
    ['a transfer of unknown size that does', { fault: 'drip', headers: { 'transfer-encoding': 'chunked' } }],
    ['a redirect whose page does', { fault: 'drip', status: 302, headers: { location: '/x' }, body: 'x'.repeat(500) }],
    ['a request that is not answered', { fault: 'mute' }],
  ]
  for (const [what, answer] of answers)
    test(`${what} is ended`, async (context) => {
      const server = await serve(context, { [`/${file}`]: answer })
      await assertEnded([server.url])
      assert.equal(server.requests().length, 1)
    })

  test('a request that waits for the tunnel of a proxy is ended', async (context) => {
    process.env['https_proxy'] = `http://${await startSilence(context)}`
    context.after(() => delete process.env['https_proxy'])
    await assertEnded([`https://${proxiedNames.helm}`])
  })

  test('nothing is asked any more', async (context) => {
    const server = await serve(context, { [`/${file}`]: { body: 'x' } })
    const { ended } = await within(0, [server.url])
    assert.deepEqual([ended.kind, server.requests()], ['failed', []])
  })
})
