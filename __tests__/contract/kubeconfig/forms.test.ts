// Every form in which a kubeconfig can come leads to the same cluster, for us and for Helm.
import assert from 'node:assert/strict'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fixtureChart } from '../../helpers/helm.ts'
import { sideBySide, staged } from '../../helpers/majors.ts'
import type { Deployed, Stage } from '../../helpers/stage.ts'
import { temporaryDirectory } from '../../helpers/temporary.ts'
import { witnessHelm } from '../../helpers/witness.ts'
import { kubeconfigFor } from '../../testbed/testbed.ts'
import type { Testbed } from '../../helpers/testbed.ts'

const chart = fixtureChart('settings')
const isolated = { kubeconfig: undefined }
const content = ({ testbed }: Stage): string => readFileSync(testbed.kubeconfig, 'utf8')

async function deploysWith(stage: Stage, inputs: Record<string, string>): Promise<Deployed> {
  const run = await stage.deploy({ chart, ...inputs }, isolated)
  assert.equal(run.status, 'deployed', run.log)
  assert.match(run.log, /cluster .* as \S+/)
  assert.equal((await stage.cluster.releases(stage.namespace)).at(-1)?.status, 'deployed')
  return run
}

sideBySide('a kubeconfig', () => {
  staged('can be a path', {}, async (stage) => {
    await deploysWith(stage, { kubeconfig: stage.testbed.kubeconfig })
  })

  staged('can be a path relative to the workspace', { only: 4 }, async (stage) => {
    const workspace = temporaryDirectory('workspace')
    writeFileSync(join(workspace, 'cluster.yaml'), content(stage))
    const run = await stage.deploy({ chart, kubeconfig: 'cluster.yaml' }, { ...isolated, workspace })
    assert.equal(run.status, 'deployed', run.log)
  })

  staged('can be YAML', {}, async (stage) => {
    await deploysWith(stage, { kubeconfig: content(stage) })
  })

  staged('can be base64, also wrapped as `base64` does it', {}, async (stage) => {
    const base64 = Buffer.from(content(stage)).toString('base64')
    await deploysWith(stage, { kubeconfig: `${base64.replaceAll(/.{76}/g, '$&\n')}\n` })
  })

  staged('can come from the environment', { only: 3 }, async (stage) => {
    const run = await stage.deploy({ chart }, { kubeconfig: stage.testbed.kubeconfig })
    assert.equal(run.status, 'deployed', run.log)
  })

  staged('can come from several files of the environment', { only: 4 }, async (stage) => {
    const directory = temporaryDirectory('kubeconfig')
    const other = join(directory, 'other.yaml')
    writeFileSync(other, 'apiVersion: v1\nkind: Config\nclusters: []\nusers: []\ncontexts: []\n')
    const kubeconfig = `${join(directory, 'missing.yaml')}:${other}:${stage.testbed.kubeconfig}`
    const run = await stage.deploy({ chart }, { kubeconfig })
    assert.equal(run.status, 'deployed', run.log)
  })

  staged('gives the namespace when none is asked for', { only: 3 }, async (stage) => {
    const kubeconfig = kubeconfigFor(stage.testbed, { token: stage.testbed.adminToken }, stage.namespace)
    const run = await deploysWith(stage, { kubeconfig, namespace: '' })
    assert.equal(run.outputs['namespace'], stage.namespace)
  })

  for (const [name, credentials] of [
    ['a client certificate', ({ clientCert, clientKey }: Testbed) => ({ clientCert, clientKey })],
    ['a token file', ({ adminToken }: Testbed) => ({ tokenFile: fileWith(adminToken) })],
    ['an exec plugin', (testbed: Testbed) => ({ exec: { command: plugin(testbed), args: ['for', 'the cluster'] } })],
  ] as const) {
    staged(`can prove its user by ${name}`, {}, async (stage) => {
      await deploysWith(stage, { kubeconfig: kubeconfigFor(stage.testbed, credentials(stage.testbed)) })
    })
  }

  staged('may be shared: its file is private and gone after the run', { only: 4 }, async (stage) => {
    const witness = witnessHelm(stage.testbed.helm4Dir)
    const run = await stage.deploy({ chart, kubeconfig: content(stage) }, { ...isolated, path: [witness.directory] })
    assert.equal(run.status, 'deployed', run.log)
    const seen = witness.kubeconfigs()
    assert.ok(seen.length > 0)
    for (const line of seen) {
      assert.match(line, /^600 /)
      assert.ok(line.includes(run.temp), line)
    }
  })
})

function fileWith(text: string): string {
  const file = join(temporaryDirectory('token'), 'token')
  writeFileSync(file, text)
  return file
}

/** A program that hands out the token as cloud providers' do, and only if it is called as the kubeconfig says. */
function plugin({ adminToken }: Testbed): string {
  const file = join(temporaryDirectory('plugin'), 'get token')
  const answer = {
    apiVersion: 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    status: { token: adminToken },
  }
  writeFileSync(file, `#!/bin/sh\n[ "$1 $2" = "for the cluster" ] || exit 3\necho '${JSON.stringify(answer)}'\n`)
  chmodSync(file, 0o755)
  return file
}
