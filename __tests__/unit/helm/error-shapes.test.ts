import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parse } from 'yaml'
import { findingClasses } from '../../../src/health/finding.ts'
import { errorShapes } from '../../../src/helm/error-shapes.ts'
import { helmErrorText, recogniseHelmError } from '../../../src/helm/errors.ts'

const fixture = new URL('../../fixtures/helm/errors.yaml', import.meta.url)
const recorded = (parse(readFileSync(fixture, 'utf8')) as { stderr: string }[]).map(({ stderr }) => stderr)

/** Texts that are no recording: our own, and what an API server says on a bad day. */
const others: readonly { readonly stderr: string; readonly cause: string }[] = [
  {
    stderr: 'helm pull took longer than 1m',
    cause: 'the chart cannot be had: helm pull took longer than 1m',
  },
  {
    stderr: 'Error: UPGRADE FAILED: failed to create resource: etcdserver: request timed out',
    cause: 'the API server cannot answer at the moment: etcdserver: request timed out',
  },
  {
    stderr:
      'Error: UPGRADE FAILED: cannot patch "web" with kind Deployment: Internal error occurred: resource quota evaluation timed out',
    cause: 'the API server refuses it: Internal error occurred: resource quota evaluation timed out',
  },
  {
    stderr:
      'Error: UPGRADE FAILED: resource Deployment/shop/web not ready. status: Unknown, message: \nresource ConfigMap/shop/extra not ready. status: Unknown, message:',
    cause: 'Helm lost its connection to the API server while it waited, and gave up',
  },
  {
    stderr: 'Error: release name check failed: template: shop/templates/web.yaml:3: unclosed action\nmore',
    cause: 'the chart does not render: unclosed action (shop/templates/web.yaml:3)',
  },
]

for (const { stderr, cause } of others) {
  test(`${stderr.split('\n')[0]}`, () => {
    assert.equal(recogniseHelmError(helmErrorText(stderr), 'shop')?.cause, cause)
  })
}

test('each shape is the first that knows some text', () => {
  const texts = [...recorded, ...others.map(({ stderr }) => stderr)].map(helmErrorText)
  const known = new Set(texts.map((text) => errorShapes.find(({ pattern }) => pattern.test(text))))
  assert.deepEqual(
    errorShapes.filter((shape) => !known.has(shape)).map(({ id, sign }) => `${id} ${sign}`),
    [],
  )
})

test('each shape has what documentation needs, and no two are alike', () => {
  assert.equal(new Set(errorShapes.map(({ sign }) => sign)).size, errorShapes.length)
  for (const { id, class: name, sign, advice, pattern } of errorShapes) {
    assert.match(id, /^A\d\d$/)
    assert.ok(findingClasses.includes(name), id)
    for (const text of [sign, advice]) assert.match(text, /^\S[^\n]*[^.\s]$/)
    assert.doesNotMatch(pattern.flags, /[gy]/, 'such a pattern remembers where it was')
  }
})
