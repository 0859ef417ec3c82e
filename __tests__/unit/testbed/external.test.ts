import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'

import { onlyWhatIsThere, unlessNotThere, type Testbed } from '../../helpers/testbed.ts'
import { temporaryDirectory } from '../../helpers/temporary.ts'
import { externalNotice, whyNotThere } from '../../testbed/external.ts'
import { writeImages } from '../../testbed/images.ts'

const empty = {
  dir: '',
  caFile: '',
  adminToken: '',
  clientCert: '',
  clientKey: '',
  helm3Dir: '',
  toolsDir: '',
  registry: '',
  nodeName: '',
}
const elsewhere: Testbed = {
  ...empty,
  name: 'default',
  external: true,
  kubeconfig: '/home/dev/.kube/config',
  server: 'https://127.0.0.1:6443',
  helm4Dir: '/usr/local/bin',
  images: { app: 'testbed.local/app:1', app2: 'testbed.local/app:2', pulled: '', missing: '127.0.0.1:1/app:missing' },
}

/** The reason with which a test is skipped that does this. */
async function skipped(body: (testbed: Testbed) => unknown): Promise<string | undefined> {
  const reasons: (string | undefined)[] = []
  const context = { skip: (reason?: string) => void reasons.push(reason) } as unknown as TestContext
  await unlessNotThere(context, async () => void (await body(onlyWhatIsThere(elsewhere))))
  return reasons[0]
}

test('a test that asks for what only our own node has is skipped with the reason', async () => {
  assert.match((await skipped(({ adminToken }) => adminToken)) ?? '', /only a node of our own .*: adminToken/)
  assert.match((await skipped(({ images }) => images.pulled)) ?? '', /: pulled/)
  assert.equal(await skipped(({ images, server, helm3Dir }) => [images.missing, server, helm3Dir]), undefined)
  await assert.rejects(
    skipped(() => assert.fail('wrong')),
    /wrong/,
  )
})

test('files that need programs of this machine are told with the reason, and run with our own node', () => {
  assert.match(whyNotThere(elsewhere, 'contract/setup/proxy.test.ts') ?? '', /proxies/)
  assert.match(whyNotThere(elsewhere, 'e2e/good.test.ts') ?? '', /act/)
  assert.equal(whyNotThere(elsewhere, 'contract/deploy/jobs.test.ts'), undefined)
  assert.equal(whyNotThere({ ...elsewhere, toolsDir: '/opt' }, 'e2e/good.test.ts'), undefined)
  assert.equal(whyNotThere({ ...elsewhere, external: false }, 'contract/setup/proxy.test.ts'), undefined)
})

test('the notice says how to load the image, and the archive holds what charts of tests name', () => {
  const archive = join(temporaryDirectory('images'), 'images.tar')
  writeImages(archive, process.argv[1] ?? '')
  assert.match(externalNotice(elsewhere, archive), new RegExp(`kind load image-archive ${archive}\\n`))
  const text = readFileSync(archive, 'latin1')
  for (const image of [elsewhere.images.app, elsewhere.images.app2])
    assert.ok(text.includes(`"io.containerd.image.name":"${image}"`), image)
})
