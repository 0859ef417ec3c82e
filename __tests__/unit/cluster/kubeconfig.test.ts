import assert from 'node:assert/strict'
import { test } from 'node:test'
import { classifyKubeconfig } from '../../../src/cluster/kubeconfig.ts'

const yaml = 'apiVersion: v1\nkind: Config\nclusters: []\ncontexts: []\n'
const json = JSON.stringify({ apiVersion: 'v1', clusters: [] })
const base64 = (text: string) => Buffer.from(text).toString('base64')
const wrapped = (text: string) => base64(text).replaceAll(/(.{20})/g, '$1\n')

test("nothing is the environment's kubeconfig", () => {
  for (const input of ['', ' ', '\n']) assert.deepEqual(classifyKubeconfig(input), { kind: 'environment' })
})

test('in-cluster is asked for by its name, and only by it', () => {
  assert.deepEqual(classifyKubeconfig(' in-cluster\n'), { kind: 'in-cluster' })
  assert.equal(classifyKubeconfig('./in-cluster').kind, 'path')
})

test('YAML and JSON are taken as they are', () => {
  for (const input of [
    yaml,
    json,
    `\n  ${json}`,
    `# comment\n${yaml}`,
    `---\n${yaml}`,
    yaml.replaceAll('\n', '\r\n'),
    'current-context: a\n',
    '{\n"clusters": []}',
  ]) {
    assert.deepEqual(classifyKubeconfig(input), { kind: 'content', yaml: input })
  }
})

test('base64 with or without line ends and padding is unpacked', () => {
  for (const text of [yaml, json, `${yaml} `, `${yaml}  `]) {
    for (const input of [
      base64(text),
      wrapped(text),
      `${wrapped(text)}\n`,
      wrapped(text).replaceAll('\n', '\r\n'),
      base64(text).replace(/=+$/, ''),
    ]) {
      assert.deepEqual(classifyKubeconfig(input), { kind: 'content', yaml: text })
    }
  }
})

test('everything else is a path, also one that could be base64', () => {
  for (const path of ['kubeconfig', '/home/me/.kube/config', './a b', 'YWJj', 'config.yaml', 'C:\\kube\\config']) {
    assert.deepEqual(classifyKubeconfig(`${path}\n`), { kind: 'path', path })
  }
})
