import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parse } from 'yaml'
import {
  failedHookPhase,
  helmErrorText,
  helmFinding,
  isOnlyTimeout,
  isPassingFault,
  recogniseHelmError,
} from '../../../src/helm/errors.ts'

interface Case {
  readonly name: string
  readonly helm: readonly number[]
  readonly stderr: string
  readonly expect: {
    readonly class: string | null
    readonly resource?: string | null
    readonly cause?: string
    readonly source?: string
    readonly phase?: string
    readonly isOnlyTimeout?: boolean
  }
}

const fixture = new URL('../../fixtures/helm/errors.yaml', import.meta.url)
const cases = parse(readFileSync(fixture, 'utf8')) as readonly Case[]

for (const { name, helm, stderr, expect } of cases) {
  test(`Helm ${helm.join(' and ')}: ${name}`, () => {
    const text = helmErrorText(stderr)
    const known = recogniseHelmError(text, 'release-ns')
    const place = known?.source
    const found = {
      class: known?.class ?? null,
      ...(known
        ? { resource: known.resource && `${known.resource.kind}/${known.resource.namespace}/${known.resource.name}` }
        : {}),
      ...(known ? { cause: known.cause } : {}),
      ...(place ? { source: place.line ? `${place.file}:${place.line}` : place.file } : {}),
      ...(failedHookPhase(text) ? { phase: failedHookPhase(text) } : {}),
      ...(isOnlyTimeout(text) ? { isOnlyTimeout: true } : {}),
    }
    assert.deepEqual(found, expect)
    assert.doesNotMatch(text, /^(?:Error: |level=|[EWI]\d{4} )/m)
  })
}

test('both majors are taken for the same, whatever they write', () => {
  const byName = Map.groupBy(cases, ({ name }) => name)
  const classes = [...byName].map(
    ([name, ones]) => [name, [...new Set(ones.map(({ expect }) => expect.class))]] as const,
  )
  assert.deepEqual(
    classes.filter(([, found]) => found.length > 1),
    [],
  )
})

test('noise around an error is left out: klog lines, warnings, structured lines', () => {
  const noise = [
    'E1122 09:59:44.130692    4242 reflector.go:227] "Failed to watch" err="context canceled"',
    'WARNING: Kubernetes configuration file is group-readable. This is insecure.',
    'level=WARN msg="upgrade failed" name=shop error="context deadline exceeded"',
    'time=2026-11-22T10:00:00Z level=INFO msg=x',
    'W1122 09:59:44.130692    4242 warnings.go:70] unknown field "spec.colour"',
  ]
  const stderr = [...noise, 'Error: UPGRADE FAILED: context deadline exceeded', ...noise, ''].join('\n')
  assert.equal(helmErrorText(stderr), 'context deadline exceeded')
  assert.equal(helmErrorText(noise.join('\n')), '')
  assert.equal(helmErrorText('Error: INSTALLATION FAILED: boom\nsecond line\n'), 'boom\nsecond line')
  assert.equal(helmErrorText('signal: killed\n'), 'signal: killed')
})

test('what Helm quotes of values and objects is not told', () => {
  const secret = 'hunter2'
  const texts = [
    `Error: failed parsing --set-json data db={"password":"${secret}"`,
    `Error: UPGRADE FAILED: cannot patch "db" with kind Secret:  "" is invalid: patch: Invalid value: "{\\"data\\":{\\"p\\":\\"${secret}\\"},\\"kind\\":\\"Secret\\"}": illegal base64 data at input byte 4`,
    `Error: UPGRADE FAILED: cannot patch "job" with kind Job: Job.batch "job" is invalid: spec.template: Invalid value: {"Spec":{"Containers":[{"Env":[{"Name":"P","Value":"${secret}"}],"X":"${'x'.repeat(400)}"}]}}: field is immutable`,
  ]
  for (const stderr of texts) {
    const found = helmFinding(helmErrorText(stderr), 'shop', './chart')
    assert.notEqual(found.class, 'unknown')
    assert.doesNotMatch(JSON.stringify(found), new RegExp(secret))
  }
})

test('of several complaints the immutable field is named, not its neighbour', () => {
  const text =
    'cannot patch "web" with kind Service: Service "web" is invalid: [spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, spec.clusterIP: Invalid value: "10.0.0.1": field is immutable]'
  assert.match(recogniseHelmError(text, 'n')?.cause ?? '', /^spec\.clusterIP cannot be changed/)
})

test('time that ran out inside another error is not "only a timeout"', () => {
  const others = [
    'Kubernetes cluster unreachable: Get "https://cluster.example/version": context deadline exceeded',
    'server-side apply failed for object shop/web /v1, Kind=Service: Internal error occurred: failed calling webhook "guard.example.com": failed to call webhook: Post "https://x": context deadline exceeded',
    'failed to perform "FetchReference" on source: Get "https://registry.example/v2/": context deadline exceeded',
    'Deployment.apps "web" is invalid: spec.replicas: Invalid value: -1: must be 0 or more\ncontext deadline exceeded',
  ]
  for (const text of others) assert.equal(isOnlyTimeout(text), false, text)
  const late = 'resource Deployment/shop/web not ready. status: Unknown, message: \ncontext deadline exceeded'
  for (const text of [
    late,
    'context canceled',
    'timed out waiting for the condition',
    'Release shop has been cancelled.',
  ]) {
    assert.equal(isOnlyTimeout(text), true, text)
  }
  assert.equal(isOnlyTimeout(''), false)
})

test('credentials that the API server refuses are not a missing chart', () => {
  for (const text of [
    'create: failed to create: Unauthorized',
    'query: failed to query with labels: Unauthorized',
    'Unauthorized',
  ]) {
    assert.equal(recogniseHelmError(text, 'n')?.class, 'cluster-unreachable', text)
  }
  const registry =
    'GET "https://registry.example/v2/x/manifests/1": response status code 401: unauthorized: authentication required'
  assert.equal(recogniseHelmError(registry, 'n')?.class, 'chart-not-found')
})

test('a finding is about the object that Helm names, else about the chart', () => {
  const resource = (text: string, chart = './charts/shop/') => helmFinding(text, 'shop', chart).resource
  assert.deepEqual(resource('something new'), { kind: 'Chart', namespace: 'shop', name: 'shop' })
  assert.equal(resource('resource ConfigMap/shop/extra not ready. status: Unknown, message:').kind, 'Chart')
  assert.equal(resource('x', 'oci://registry.example/charts/store').name, 'store')
  assert.equal(resource('x', 'C:\\charts\\shop').name, 'shop')
  assert.equal(resource('x', '/').name, '/')
  const job = 'resource Job/shop/index-7 not ready. status: Failed, message: Job Failed. failed: 1/1'
  assert.deepEqual(resource(job), { kind: 'Job', namespace: 'shop', name: 'index-7' })
  assert.equal(helmFinding(job, 'shop', 'x').class, 'unknown')
  assert.equal(helmFinding('', 'shop', 'x').cause, 'Helm failed: it gave no reason')
})

test('a check of values that begins with an empty line is told whole', () => {
  const text =
    'execution error at (kafka/templates/NOTES.txt:314:4): \n\nVALUES VALIDATION:\n\nkafka: auth\n    give a password\n'
  assert.deepEqual(
    recogniseHelmError(text, 'n')?.cause,
    'the chart refuses to render: VALUES VALIDATION: kafka: auth give a password (kafka/templates/NOTES.txt:314)',
  )
})

test('hook phases are told apart, and only those', () => {
  assert.equal(failedHookPhase('release shop failed, pre-rollback hooks failed: x'), 'pre-rollback')
  assert.equal(failedHookPhase('failed post-install: 1 error occurred'), 'post-install')
  assert.equal(failedHookPhase('the pre-upgrade hook is fine'), null)
})

test('a long text without a space does not hold up the run', () => {
  const started = performance.now()
  for (const text of [
    'x'.repeat(200_000),
    '"{'.repeat(100_000),
    'a: Invalid value: '.repeat(10_000),
    '('.repeat(200_000),
  ]) {
    recogniseHelmError(helmErrorText(`Error: ${text}`), 'n')
  }
  assert.ok(performance.now() - started < 1000)
})

test('a connection that breaks may be there again in a moment, in the words of each system', () => {
  const texts = [
    'Patch "https://10.0.0.1:6443/api": dial tcp 10.0.0.1:6443: connect: connection refused',
    'Patch "https://10.0.0.1:6443/api": dial tcp 10.0.0.1:6443: connectex: No connection could be made because the target machine actively refused it.',
    'Patch "https://10.0.0.1:6443/api": read tcp 10.0.0.2:5->10.0.0.1:6443: read: connection reset by peer',
    'Patch "https://10.0.0.1:6443/api": read tcp 10.0.0.2:5->10.0.0.1:6443: wsarecv: An existing connection was forcibly closed by the remote host.',
    'Helm ended with SIGKILL',
  ]
  for (const text of texts) assert.ok(isPassingFault(text, 'shop'), text)
  for (const text of ['Deployment.apps "web" is invalid: spec.selector: field is immutable', 'release: not found'])
    assert.ok(!isPassingFault(text, 'shop'), text)
})
