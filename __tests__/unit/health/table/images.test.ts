import assert from 'node:assert/strict'
import { test } from 'node:test'
import { podSignals } from '../../../../src/health/signals.ts'
import { pod, waiting } from '../builders.ts'
import { options } from '../fixture.ts'

const signal = (reason: string, message = '') => podSignals(pod('p', waiting(reason, message)), options)[0]
const image = 'container app: image registry.example/app:1'

/** What registries and runtimes say, by how the cause ends. */
const words: Readonly<Record<string, readonly string[]>> = {
  'has no variant for the platform of the node': [
    'no match for platform in manifest: not found',
    'no matching manifest for linux/arm64 in the manifest list entries',
    'no image found in image index for architecture arm64',
    'no image found in manifest list for architecture arm64',
  ],
  'does not exist': [
    'failed to resolve reference "registry.example/app:1": registry.example/app:1: not found',
    'manifest unknown: manifest unknown',
    'name unknown: repository name not known to registry',
    'pull access denied, repository does not exist or may require authorization',
  ],
  'may not be pulled: the registry refuses the credentials, or wants some': [
    'unexpected status code 401 Unauthorized',
    'unexpected status from HEAD request: 403 Forbidden',
    'requested access to the resource is denied',
    'unauthorized: authentication required',
    'server message: insufficient_scope: authorization failed',
    'no basic auth credentials',
    'authorization failed',
  ],
  'cannot be pulled: nobody knows the host name of its registry': ['lookup registry.example: no such host'],
  'cannot be pulled: the registry limits the rate': [
    'toomanyrequests: You have reached your pull limit',
    '429 Too Many Requests',
    'rate limit exceeded',
  ],
  'cannot be pulled': [
    'dial tcp 10.0.0.1:5000: connect: connection refused',
    'dial tcp 127.0.0.1:5000: connect: connection refused',
    'dial tcp 127.0.0.1:5000: i/o timeout',
    'sha256:4010403 500 Internal Server Error',
    'Back-off pulling image',
    '',
  ],
}

test('what registries say is known by its words, in both states between two tries', () => {
  for (const [end, messages] of Object.entries(words))
    for (const message of messages)
      for (const reason of ['ErrImagePull', 'ImagePullBackOff'])
        assert.equal(signal(reason, message)?.cause, `${image} ${end}`, message)
})

test('what no registry can mend is told by its reason', () => {
  const cause = (reason: string, message = '') => signal(reason, message)?.cause
  assert.equal(cause('ErrImageNeverPull'), `${image} is not on the node, and its pull policy is Never`)
  assert.equal(
    cause('SignatureValidationFailed'),
    'container app: the signature of image registry.example/app:1 is not accepted',
  )
  for (const reason of ['ImageInspectError', 'RegistryUnavailable', 'ImageVolumeMountFailed']) {
    assert.equal(cause(reason), `${image} cannot be used: ${reason}`)
    assert.equal(cause(reason, 'disk is broken.'), `${image} cannot be used: disk is broken`)
  }
})

test('reasons that only resemble those are none', () => {
  for (const reason of [
    'ErrImagePulled',
    'MyErrImagePull',
    'ImagePullBackOffs',
    'XImageInspectError',
    'RegistryUnavailableX',
  ])
    assert.equal(signal(reason, 'not found'), undefined, reason)
})

test('the image is that of the spec, else that of the status, else it is not told', () => {
  const cause = (imageOfStatus?: string) => {
    const base = pod('p', {
      ...waiting('ErrImagePull', 'not found'),
      ...(imageOfStatus ? { image: imageOfStatus } : {}),
    })
    const { spec: _, ...bare } = base
    return podSignals({ ...bare, spec: { nodeName: 'n' } }, options)[0]?.cause
  }
  assert.equal(cause('a:1'), 'container app: image a:1 does not exist')
  assert.equal(cause(), 'container app: image does not exist')
})
