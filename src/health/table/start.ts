import { crashCount, type PodContainer } from '../observed.ts'
import { atOnce, atTimeout, seconds, type ContainerRow, type Sight, type SignalOptions } from '../row.ts'

const kuberuntime = 'Kubernetes pkg/kubelet/kuberuntime'

/** What keeps a container from being configured and started, before its process runs. */
export const startRows: readonly ContainerRow[] = [
  {
    id: 'F01',
    class: 'missing-config',
    sign: 'waiting: CreateContainerConfigError, a ConfigMap or Secret is not found',
    severity: seconds(45),
    advice: 'Create the ConfigMap or Secret, or correct its name in the values',
    source: 'Shopify/krane pod.rb; kubernetes#74755 for the cache',
    see: (container) => {
      const absent = /^(secret|configmap) "([^"]+)" not found/i.exec(configError(container))
      if (!absent) return null
      const kind = absent[1]?.toLowerCase() === 'secret' ? 'Secret' : 'ConfigMap'
      return {
        cause: `container ${container.name} needs the ${kind} ${absent[2]}, which does not exist`,
        detail: configError(container),
        advice: `Create the ${kind}, or correct its name in the values`,
        missing: { kind, name: absent[2] ?? '' },
      }
    },
  },
  {
    id: 'F01',
    class: 'missing-config',
    sign: 'waiting: CreateContainerConfigError, a ConfigMap or Secret lacks a key',
    severity: seconds(45),
    advice: 'Add the key to the ConfigMap or Secret, or correct its name in the values',
    source: kuberuntime,
    see: (container) => {
      const key = /couldn't find key (\S+) in (Secret|ConfigMap) (\S+)/i.exec(configError(container))
      if (!key) return null
      const owner = (key[3] ?? '').split('/').at(-1) ?? ''
      const kind = key[2] === 'Secret' ? 'Secret' : 'ConfigMap'
      return {
        cause: `container ${container.name} needs the key ${key[1]} of the ${kind} ${owner}, which has no such key`,
        detail: configError(container),
        advice: `Add the key to the ${kind}, or correct its name in the values`,
        missing: { kind, name: owner },
      }
    },
  },
  {
    id: 'F02',
    class: 'container-start',
    sign: 'waiting: CreateContainerConfigError, runAsNonRoot and an image that runs as root',
    severity: atOnce,
    advice: 'Set `runAsUser` to a number above 0, or build the image with a numeric USER',
    source: 'Kubernetes pkg/kubelet/kuberuntime/security_context.go',
    see: (container) => {
      const message =
        /container has runAsNonRoot and (image (?:will run as root|has non-numeric user \([^)]*\))|container's runAsUser breaks non-root policy|.*)/.exec(
          configError(container),
        )
      if (!message) return null
      return {
        cause: `container ${container.name} must not run as root (runAsNonRoot), but ${withoutPod(message[1] ?? '')}`,
      }
    },
  },
  {
    id: 'F03',
    class: 'container-start',
    sign: 'waiting: CreateContainerConfigError for any other reason',
    severity: seconds(45),
    advice: 'Correct what the message names in the chart or the values',
    source: kuberuntime,
    see: (container) => {
      const message = configError(container)
      // A race of the kubelet's cache that mends itself (kubernetes#74755).
      if (!message || /failed to sync .* cache/i.test(message)) return null
      return { cause: `container ${container.name} cannot be configured: ${withoutPod(message)}`, detail: message }
    },
  },
  {
    id: 'F05',
    class: 'container-start',
    sign: 'waiting: PostStartHookError or PreStartHookError',
    severity: seconds(45),
    advice: 'Look at the `lifecycle.postStart` command of the container',
    source: kuberuntime,
    see: (container) =>
      /^(PreCreateHookError|PreStartHookError|PostStartHookError)$/.test(reasonOf(container))
        ? { cause: `the start hook of container ${container.name} fails: ${refusal(container)}` }
        : null,
  },
  {
    id: 'F04',
    class: 'container-start',
    sign: 'terminated: StartError or ContainerCannotRun; the process never ran',
    severity: seconds(30),
    advice: 'Check `command` and `args`, and that the file is in the image and may be executed',
    source: 'Shopify/krane pod.rb; Kubernetes pkg/kubelet/container/sync_result.go',
    see: neverRan,
  },
  {
    id: 'F03',
    class: 'container-start',
    sign: 'waiting: CreateContainerError or RunContainerError: no command, a mount path that clashes, a profile that is missing',
    severity: seconds(45),
    advice: 'Correct what the message names in the chart or the values',
    source: kuberuntime,
    see: (container) =>
      /^(CreateContainerError|RunContainerError)$/.test(reasonOf(container))
        ? { cause: `container ${container.name} cannot start: ${refusal(container)}` }
        : null,
  },
]

/** Between two tries the state is called as in a crash loop, or as a refusal, and the end stands there. */
function neverRan(container: PodContainer, _pod: unknown, { crashTolerance }: SignalOptions): Sight | null {
  const { name, status } = container
  const end = status.state?.terminated ?? status.lastState?.terminated
  if (status.state?.running || !/^(StartError|ContainerCannotRun)$/.test(end?.reason ?? '')) return null
  return {
    cause: `container ${name} cannot start: ${execError(end?.message || end?.reason || '')}`,
    since: 'first-start',
    ...(crashCount(status) > crashTolerance ? {} : { severity: atTimeout }),
  }
}

function refusal(container: PodContainer): string {
  return execError(container.status.state?.waiting?.message || reasonOf(container))
}

/** The part that people can do something about. */
function execError(message: string): string {
  return /\bexec: .*/.exec(message)?.[0].replace(/: unknown$/, '') ?? message
}

function reasonOf({ status }: PodContainer): string {
  return status.state?.waiting?.reason ?? ''
}

/** The message of a container that cannot be configured; empty for any other. */
function configError(container: PodContainer): string {
  return reasonOf(container) === 'CreateContainerConfigError' ? (container.status.state?.waiting?.message ?? '') : ''
}

function withoutPod(message: string): string {
  return message.replace(/ \(pod: .*\)$/, '')
}
