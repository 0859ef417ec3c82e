import type { PodContainer } from '../observed.ts'
import { atOnce, seconds, type ContainerRow } from '../row.ts'

const kubelet = 'Kubernetes pkg/kubelet/images/types.go'
const texts = 'containerd and registry error texts'

/** Seconds in which the kubelet has tried twice: its first back-off is ten. A registry, or a name server, may stumble once. */
const twoTries = 12

/** Image pulls that may still succeed, or never will, told apart by the text of the error; the first row that matches wins. */
const pullRows: readonly ContainerRow[] = [
  pullRow({
    id: 'E07',
    // Before "not found", with which containerd ends this text too.
    pattern:
      /no match for platform|no matching manifest|no image found in (image index|manifest list) for architecture/i,
    sign: 'the image has no variant for the platform of the node',
    why: 'has no variant for the platform of the node',
    graceSeconds: 5,
    advice: 'Build the image for the architecture of the nodes',
  }),
  pullRow({
    id: 'E03',
    pattern: /not found|manifest unknown|name unknown|repository does not exist/i,
    sign: 'the registry says that the image or its tag does not exist',
    why: 'does not exist',
    graceSeconds: twoTries,
    advice: 'Check the tag: was this image built and pushed?',
  }),
  pullRow({
    id: 'E04',
    pattern: /\b40[13]\b|denied|unauthorized|insufficient_scope|no basic auth|authorization failed/i,
    sign: 'the registry refuses the credentials (401, 403, denied)',
    why: 'may not be pulled: the registry refuses the credentials, or wants some',
    graceSeconds: twoTries,
    advice: 'Check `imagePullSecrets` and the rights of its account',
  }),
  pullRow({
    id: 'E03',
    pattern: /no such host/i,
    sign: 'nobody knows the host name of the registry',
    why: 'cannot be pulled: nobody knows the host name of its registry',
    graceSeconds: twoTries,
    advice: 'Check the registry in the image name',
  }),
  pullRow({
    id: 'E05',
    pattern: /toomanyrequests|too many requests|rate limit/i,
    sign: 'the registry limits the rate (429)',
    why: 'cannot be pulled: the registry limits the rate',
    graceSeconds: 60,
    advice: 'Pull with an account, or through a mirror',
  }),
  pullRow({
    id: 'E06',
    // "Back-off pulling image" alone (older kubelets) says nothing: the class stands, its age runs on.
    pattern: /.?/,
    sign: 'the pull fails for any other reason: timeouts, 5xx, a certificate',
    why: 'cannot be pulled',
    graceSeconds: 90,
    advice: 'Check that the nodes reach the registry',
  }),
]

/** Everything that keeps an image from being on the node. */
export const imageRows: readonly ContainerRow[] = [
  {
    id: 'E01',
    class: 'image-name',
    sign: 'waiting: InvalidImageName',
    severity: atOnce,
    advice: 'Correct the image in the values; an empty tag leaves a colon at the end',
    source: kubelet,
    see: (container) =>
      reasonOf(container) === 'InvalidImageName'
        ? { cause: `container ${container.name}: "${imageOf(container)}" is not a valid image name` }
        : null,
  },
  {
    id: 'E02',
    class: 'image-pull',
    sign: 'waiting: ErrImageNeverPull',
    severity: atOnce,
    advice: 'Set `imagePullPolicy: IfNotPresent`, or load the image onto the nodes',
    source: kubelet,
    see: (container) =>
      reasonOf(container) === 'ErrImageNeverPull'
        ? {
            cause: `container ${container.name}: image ${imageOf(container)} is not on the node, and its pull policy is Never`,
          }
        : null,
  },
  {
    id: 'E08',
    class: 'image-pull',
    sign: 'waiting: SignatureValidationFailed',
    severity: atOnce,
    advice: 'Sign the image with a key that the nodes trust',
    source: 'cri-api pkg/errors/errors.go',
    see: (container) =>
      reasonOf(container) === 'SignatureValidationFailed'
        ? { cause: `container ${container.name}: the signature of image ${imageOf(container)} is not accepted` }
        : null,
  },
  {
    id: 'E08',
    class: 'image-pull',
    sign: 'waiting: ImageInspectError, RegistryUnavailable or ImageVolumeMountFailed',
    severity: seconds(60),
    advice: 'Look at the image store of the node, and at the registry',
    source: kubelet,
    see: (container) =>
      /^(ImageInspectError|RegistryUnavailable|ImageVolumeMountFailed)$/.test(reasonOf(container))
        ? {
            cause: `container ${container.name}: image ${imageOf(container)} cannot be used: ${messageOf(container) || reasonOf(container)}`,
          }
        : null,
  },
  ...pullRows,
]

function pullRow(row: {
  readonly id: string
  readonly pattern: RegExp
  readonly sign: string
  readonly why: string
  readonly graceSeconds: number
  readonly advice: string
}): ContainerRow {
  return {
    id: row.id,
    class: 'image-pull',
    sign: row.sign,
    severity: seconds(row.graceSeconds),
    advice: row.advice,
    source: texts,
    see: (container) =>
      /^(ErrImagePull|ImagePullBackOff)$/.test(reasonOf(container)) && row.pattern.test(messageOf(container))
        ? { cause: `container ${container.name}: image ${imageOf(container)} ${row.why}` }
        : null,
  }
}

function reasonOf({ status }: PodContainer): string {
  return status.state?.waiting?.reason ?? ''
}

function messageOf({ status }: PodContainer): string {
  return status.state?.waiting?.message ?? ''
}

function imageOf({ spec, status }: PodContainer): string {
  return spec?.image ?? status.image ?? ''
}
