import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { missingDependencies } from '../../../src/chart/dependencies.ts'

const lock = `dependencies:
- name: redis
  repository: https://charts.example/stable
  version: 18.1.2
- name: common
  repository: oci://registry.example/charts
  version: 2.0.0
- name: local
  repository: file://../local
  version: 0.1.0
digest: sha256:0000
generated: "2026-01-01T00:00:00Z"
`

const cases: [string, string | null, string[], string[] | null][] = [
  ['no lock', null, [], null],
  ['an empty lock', 'dependencies: []\n', [], null],
  ['a lock of nothing', '', [], null],
  ['a lock that lists nothing', 'generated: "2026-01-01T00:00:00Z"\n', [], null],
  ['everything missing', lock, [], ['redis 18.1.2', 'common 2.0.0', 'local 0.1.0']],
  ['one missing', lock, ['redis-18.1.2.tgz', 'local/'], ['common 2.0.0']],
  ['another version there', lock, ['redis-18.1.1.tgz', 'common-2.0.0.tgz', 'local-0.1.0.tgz'], ['redis 18.1.2']],
  ['all there', lock, ['redis-18.1.2.tgz', 'common/', 'local-0.1.0.tgz'], null],
]

for (const [name, content, there, expected] of cases)
  test(`a chart with ${name}`, (context) => {
    const chart = mkdtempSync(join(tmpdir(), 'chart-'))
    context.after(() => rmSync(chart, { recursive: true }))
    mkdirSync(join(chart, 'charts'))
    if (content !== null) writeFileSync(join(chart, 'Chart.lock'), content)
    for (const file of there)
      if (file.endsWith('/')) mkdirSync(join(chart, 'charts', file))
      else writeFileSync(join(chart, 'charts', file), '')
    const missing = missingDependencies(chart)
    assert.deepEqual(missing?.names ?? null, expected)
    if (missing) assert.deepEqual(missing.repositories, ['https://charts.example/stable'])
  })

for (const content of ['dependencies: {name: redis}', '- redis', 'redis', 'dependencies:\n- null', 'dependencies: ['])
  test(`a lock that is "${content.replace('\n', ' ')}" is none`, (context) => {
    const chart = mkdtempSync(join(tmpdir(), 'chart-'))
    context.after(() => rmSync(chart, { recursive: true }))
    writeFileSync(join(chart, 'Chart.lock'), content)
    assert.throws(() => missingDependencies(chart))
  })
