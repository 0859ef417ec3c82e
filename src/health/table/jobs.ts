import { podContainers, type WatchedObject } from '../observed.ts'
import { atOnce, atTimeout, type ObjectRow, type ObjectSight, type PodRow } from '../row.ts'

const source = 'Kubernetes Job conditions Failed and FailureTarget'

/** Jobs of the release that have failed for good: a Job's own condition decides, never one of its pods. */
export const jobRows: readonly ObjectRow[] = [
  {
    id: 'H01',
    class: 'job-failed',
    kinds: ['Job'],
    sign: 'condition Failed: BackoffLimitExceeded',
    severity: atOnce,
    advice: 'Read the log of its last pod',
    source,
    see: (object) => failed(object, /^BackoffLimitExceeded$/, () => 'the Job failed'),
  },
  {
    id: 'H02',
    class: 'job-failed',
    kinds: ['Job'],
    sign: 'condition Failed: DeadlineExceeded',
    severity: atOnce,
    advice: 'Raise `activeDeadlineSeconds`, or find what takes so long',
    source,
    see: (object) =>
      failed(
        object,
        /^DeadlineExceeded$/,
        () => 'the Job did not end within its activeDeadlineSeconds (DeadlineExceeded)',
      ),
  },
  {
    id: 'H03',
    class: 'job-failed',
    kinds: ['Job'],
    sign: 'condition Failed: PodFailurePolicy, MaxFailedIndexesExceeded, FailedIndexes or any other reason',
    severity: atOnce,
    advice: 'Read the log of its last pod',
    source,
    see: (object) => failed(object, /.?/, (reason) => `the Job failed${reason ? ` (${reason})` : ''}`),
  },
]

/** Pods of Jobs that will not end by themselves. */
export const jobPodRows: readonly PodRow[] = [
  {
    id: 'H10',
    class: 'job-failed',
    sign: 'the work of a Job has ended, and another container of its pod keeps running',
    severity: atTimeout,
    isUsual: true,
    advice: 'Make the second container an init container with `restartPolicy: Always`: it is ended with the Job',
    source: 'Kubernetes sidecar containers',
    see: (pod) => {
      if ((pod.spec?.restartPolicy ?? 'Always') === 'Always') return null
      const main = podContainers(pod).filter(({ isInit }) => !isInit)
      const done = main.find(({ status }) => status.state?.terminated?.exitCode === 0)
      const running = main.find(({ status }) => status.state?.running)
      return done && running
        ? { cause: `container ${done.name} has ended, but container ${running.name} keeps the Job from ending` }
        : null
    },
  },
]

/** A Job of an earlier deploy that failed is not this deploy's fault. */
function failed(
  { live, isNew }: WatchedObject,
  reasons: RegExp,
  cause: (reason: string) => string,
): ObjectSight | null {
  const condition = (live?.status?.conditions ?? []).find(
    ({ type, status }) => (type === 'Failed' || type === 'FailureTarget') && status === 'True',
  )
  const reason = condition?.reason ?? ''
  if (!condition || !isNew || !reasons.test(reason)) return null
  return { cause: cause(reason), ...(condition.message ? { message: condition.message } : {}) }
}
