// What people write on Windows: lines that end in CRLF, and a mark of byte order before the first.
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { classifyKubeconfig, loadKubeconfig } from '../../../src/cluster/kubeconfig.ts'
import { findFiles } from '../../../src/inputs/files.ts'
import { parseInputs } from '../../../src/inputs/parse.ts'
import { systemOf } from '../../../src/platform/system.ts'
import { publishedHash } from '../../../src/setup/trust.ts'
import { versionInFile } from '../../../src/setup/version.ts'
import { temporaryDirectory } from '../../helpers/temporary.ts'

const crlf = (text: string): string => text.replaceAll('\n', '\r\n')
const forms: [string, (text: string) => string][] = [
  ['LF', (text) => text],
  ['CRLF', crlf],
  ['a byte order mark', (text) => `\uFEFF${text}`],
  ['both', (text) => `\uFEFF${crlf(text)}`],
]
const kubeconfig = `apiVersion: v1
kind: Config
clusters:
  - {name: c, cluster: {server: "https://cluster.example"}}
users:
  - {name: u, user: {token: t0ken}}
contexts:
  - {name: x, context: {cluster: c, user: u, namespace: shop}}
current-context: x
`

describe('line endings', () => {
  for (const [name, as] of forms) {
    test(`a kubeconfig with ${name}: as YAML, as base64, as a file`, () => {
      const folder = temporaryDirectory('kubeconfig')
      const file = join(folder, 'config')
      writeFileSync(file, as(kubeconfig))
      const base64 = Buffer.from(as(kubeconfig)).toString('base64').replaceAll(/.{76}/g, '$&\r\n')
      for (const input of [as(kubeconfig), base64, `${file}\r\n`]) {
        const system = systemOf(process.platform, process.arch)
        const loaded = loadKubeconfig(classifyKubeconfig(input), '', {
          env: {},
          system,
          folder,
          writePrivate: (to) => join(folder, to),
        })
        assert.ok('config' in loaded, JSON.stringify(loaded))
        assert.deepEqual([loaded.server, loaded.namespace], ['https://cluster.example', 'shop'])
        assert.equal(loaded.config.getCurrentUser()?.token, 't0ken')
      }
    })

    test(`value files and values with ${name}`, () => {
      const workspace = temporaryDirectory('values')
      mkdirSync(join(workspace, 'chart'))
      writeFileSync(join(workspace, 'chart/Chart.yaml'), 'name: shop')
      writeFileSync(join(workspace, 'values.yaml'), as('image:\n  tag: v1\ntext: |\n  one\n  two\n'))
      const raw: Record<string, string> = {
        release: 'shop',
        chart: 'chart',
        'value-files': as('values.yaml\n'),
        values: as('replicas: 2\nlist:\n  - a\n'),
        set: crlf('a=1\nb=2\n'),
      }
      const { inputs, problems } = parseInputs((input) => raw[input] ?? '')
      assert.deepEqual(problems, [])
      assert.deepEqual(
        inputs.assignments.map(({ text }) => text),
        ['a=1', 'b=2'],
      )
      const found = findFiles(inputs, workspace)
      assert.deepEqual([found.problems, found.valueFiles], [[], [join(workspace, 'values.yaml')]])
    })

    test(`the version of Helm in a file with ${name}`, () => {
      const exact = { kind: 'exact', version: '3.22.0' }
      assert.deepEqual(versionInFile(as('node 24.1.0\nhelm 3.22.0\n'), '.tool-versions'), exact)
      assert.deepEqual(versionInFile(as('helm 3.22.0\n'), 'dir\\.tool-versions'), exact)
      assert.deepEqual(versionInFile(as('3.22.0\n'), 'helm-version'), exact)
    })

    test(`a published hash with ${name}`, () => {
      const archive = 'helm-v4.3.1-windows-amd64.zip'
      const trusted = publishedHash(as(`${'A1'.repeat(32)}  ${archive}\n`), archive, 'https://get.example')
      assert.deepEqual(trusted, { sha256: 'a1'.repeat(32), from: 'published' })
    })
  }

  test('the line of an error is the line that an editor shows', () => {
    const workspace = temporaryDirectory('broken')
    writeFileSync(join(workspace, 'broken.yaml'), crlf('a: 1\nb: [\nc: 2\n'))
    const raw: Record<string, string> = {
      release: 'shop',
      chart: 'oci://registry.example/shop',
      'value-files': 'broken.yaml',
    }
    const { problems } = findFiles(parseInputs((input) => raw[input] ?? '').inputs, workspace)
    assert.deepEqual(problems[0]?.source, { file: 'broken.yaml', line: 3 })
  })
})
