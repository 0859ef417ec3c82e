import type { Pod } from '../../cluster/types.ts'
import { crashCount, type PodContainer } from '../observed.ts'
import { atTimeout, seconds, type ContainerRow, type Sight, type SignalOptions } from '../row.ts'

/** Says where to look when nothing better is known; where the line that it means is shown, it says nothing. */
export const readTheLog = 'Read the log of its last run: it ends with the cause'

/** Containers that end although they should not, again and again; the most telling row first. */
export const crashRows: readonly ContainerRow[] = [
  {
    id: 'G03',
    class: 'crash-loop',
    sign: 'terminated: OOMKilled, as often as a crash loop',
    severity: seconds(30),
    advice: 'Raise the memory limit, or find the leak',
    source: 'Kubernetes containerStatuses[].lastState.terminated.reason',
    see: (container, pod, options) => {
      const end = endOf(container)
      if (end?.reason !== 'OOMKilled') return null
      const limit = container.spec?.resources?.limits?.['memory']
      return crash(container, pod, options, `ran out of memory${limit ? ` (limit ${limit})` : ''}`)
    },
  },
  {
    id: 'G02',
    class: 'crash-loop',
    sign: 'terminated with exit code 0, although the pod restarts always',
    severity: seconds(30),
    advice: 'Run the process in the foreground; what should end belongs in a Job',
    source: 'Kubernetes restartPolicy',
    see: (container, pod, options) =>
      endOf(container)?.exitCode === 0
        ? crash(container, pod, options, 'ended by itself (exit code 0) although it should keep running')
        : null,
  },
  exitRow(126, 'cannot be executed', 'Check that the command may be executed: its mode, its platform, its interpreter'),
  exitRow(127, 'command not found', 'Check `command` and `args`: a program that they name is not in the image'),
  exitRow(134, 'aborted', 'Read the log: the process gave up on a fault of its own (SIGABRT)'),
  exitRow(139, 'segmentation fault', 'Look for native code of another platform or C library (SIGSEGV)'),
  {
    id: 'G01',
    class: 'crash-loop',
    sign: 'the container is down, ended more often than `crash-tolerance` forgives, and 30 s have passed since its first start',
    severity: seconds(30),
    advice: readTheLog,
    source: 'design decision 3; Shopify/krane, werf/kubedog',
    see: (container, pod, options) => {
      const end = endOf(container)
      if (!end) return null
      const known = end.reason && end.reason !== 'Error' ? ` (${end.reason})` : ''
      return crash(container, pod, options, `exited with ${end.exitCode}${known}`)
    },
  },
]

/** Exit codes that say more than that it failed (G02). */
function exitRow(code: number, meaning: string, advice: string): ContainerRow {
  return {
    id: 'G02',
    class: 'crash-loop',
    sign: `terminated with exit code ${code}: ${meaning}`,
    severity: seconds(30),
    advice,
    source: 'POSIX shell and signal exit codes',
    see: (container, pod, options) => {
      const end = endOf(container)
      // Another reason, such as ContainerStatusUnknown, says more than the code.
      const isOwn = end?.exitCode === code && (end.reason ?? 'Error') === 'Error'
      return isOwn ? crash(container, pod, options, `exited with ${code} (${meaning})`) : null
    },
  }
}

/** A crash in words, and whether it is one too many. */
function crash(container: PodContainer, pod: Pod, { crashTolerance }: SignalOptions, what: string): Sight | null {
  const { isInit, spec, status } = container
  const exitCode = endOf(container)?.exitCode
  const crashes = crashCount(status)
  const isSidecar = isInit && spec?.restartPolicy === 'Always'
  const mayEnd = !isSidecar && (isInit || (pod.spec?.restartPolicy ?? 'Always') !== 'Always')
  if (crashes === 0 || (mayEnd && exitCode === 0)) return null
  // One that runs may have got over it, whatever ended it before: if not, its next crash is soon seen.
  const isOver = crashes > crashTolerance && !status.state?.running
  return {
    cause: `${titleOf(container)} ${what}${timesText(crashes)}`,
    since: 'first-start',
    ...(isOver ? {} : { severity: atTimeout }),
  }
}

function endOf({ status }: PodContainer) {
  return status.state?.terminated ?? status.lastState?.terminated
}

/** What people call the container. */
export function titleOf({ name, isInit, spec }: PodContainer): string {
  if (!isInit) return `container ${name}`
  return spec?.restartPolicy === 'Always' ? `sidecar ${name}` : `init container ${name}`
}

/** ` three times`; nothing for once. */
export function timesText(count: number): string {
  if (count === 1) return ''
  return ` ${['', '', 'twice', 'three times'][count] ?? `${count} times`}`
}
