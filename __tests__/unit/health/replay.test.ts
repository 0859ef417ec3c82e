import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ContainerStatus, Pod, Workload } from '../../../src/cluster/types.ts'
import type { Change } from '../../../src/health/change.ts'
import type { AttemptEnd } from '../../../src/health/end.ts'
import { judge } from '../../../src/health/judge.ts'
import { createMemory } from '../../../src/health/memory.ts'
import type { Recording } from '../../../src/health/recording.ts'
import { firstVerdict, judgeRecording } from '../../../src/health/replay.ts'
import { crashed, pod, replicaSet, start, waiting, watched, workload } from './builders.ts'
import { options } from './fixture.ts'

type Untimed<T> = T extends unknown ? Omit<T, 'at'> : never
/** A change, and the second of the deploy in which it came. */
type Step = readonly [seconds: number, change: Untimed<Change>]

const put = (object: Pod | Workload): Untimed<Change> => ({ kind: 'put', object: object as Workload })
const web = workload('Deployment')
const job = workload('Job', { metadata: { name: 'migrate', uid: 'job' } })
const missing = waiting('ErrImagePull', 'registry.example/app:9: not found')

/** A deploy of a Deployment, and of a hook where it is wanted. */
function recording(steps: readonly Step[], { end = null as AttemptEnd | null, endsAt = 600 } = {}): Recording {
  const objects = [
    { manifest: watched(web).manifest, hookEvents: [] },
    { manifest: watched(job).manifest, hookEvents: ['post-upgrade'] },
  ]
  const beginning: Step[] = [
    [-1, put({ ...web, metadata: { ...web.metadata, generation: 1 } })],
    [0, { kind: 'begin' }],
    [0, { kind: 'release', objects }],
    [1, put(web)],
    [1, put(replicaSet())],
  ]
  const changes = [...beginning, ...steps].map(([seconds, change]) => ({ ...change, at: start + seconds * 1000 }))
  const endedAt = start + endsAt * 1000
  return { formatVersion: 1, options, namespace: 'shop', chart: './shop', changes, end, endedAt, dropped: 0 }
}

/** The second in which the deploy would have been ended, and the classes of that. */
function verdict(steps: readonly Step[], endsAt = 600): readonly [number, ...string[]] | null {
  const found = firstVerdict(recording(steps, { endsAt }))
  return found && [(found.at - start) / 1000, ...found.classes]
}

test('a verdict falls in the millisecond in which it is due, without a change', () => {
  assert.deepEqual(verdict([[3, put(pod('a', missing))]]), [15, 'image-pull'])
  assert.deepEqual(verdict([[3.217, put(pod('a', missing))]]), [15.217, 'image-pull'])
  const crash: Partial<ContainerStatus> = { ...crashed(3), lastState: started(4) }
  assert.deepEqual(verdict([[20, put(pod('a', crash))]]), [34, 'crash-loop'])
})

const started = (seconds: number) => ({
  terminated: { exitCode: 1, reason: 'Error', startedAt: new Date(start + seconds * 1000).toISOString() },
})

test('a verdict that is due with a change falls with it', () => {
  assert.deepEqual(verdict([[50, put(pod('a', { ...crashed(3), lastState: started(4) }))]]), [50, 'crash-loop'])
  const wrong = waiting('InvalidImageName')
  assert.deepEqual(verdict([[3, put(pod('a', wrong))]]), [3, 'image-name'])
})

test('what ends before its time is no verdict', () => {
  const steps: Step[] = [[3, put(pod('a', missing))]]
  assert.deepEqual(verdict([...steps, [14.999, put(pod('a', waiting('ContainerCreating')))]]), null)
  assert.deepEqual(verdict([...steps, [15, put(pod('a', waiting('ContainerCreating')))]]), null, 'in the same moment')
  assert.deepEqual(verdict([...steps, [15.001, put(pod('a', waiting('ContainerCreating')))]]), [15, 'image-pull'])
})

test('nothing is judged after the end of a recording', () => {
  assert.deepEqual(verdict([[3, put(pod('a', missing))]], 15), null)
  assert.deepEqual(verdict([[3, put(pod('a', missing))]], 15.001), [15, 'image-pull'])
})

test('what comes in one moment is judged together', () => {
  const both: Step[] = [
    [3, put(pod('a', waiting('InvalidImageName')))],
    [3, put(pod('b', { ready: true, state: { running: {} } }))],
  ]
  assert.deepEqual(verdict(both), null)
  assert.deepEqual(verdict(both.slice(0, 1)), [3, 'image-name'])
})

test('of several faults all that are due are told, the lowest layer first', () => {
  const two = {
    ...pod('a', {}),
    status: {
      containerStatuses: [
        {
          name: 'app',
          ...waiting('CreateContainerConfigError', 'container has runAsNonRoot and image will run as root'),
        },
        { name: 'b', ...waiting('InvalidImageName') },
      ],
    },
  }
  assert.deepEqual(verdict([[3, put(two)]]), [3, 'image-name', 'container-start'])
})

test('nothing is judged before the deploy has begun', () => {
  const base = recording([])
  const objects = [{ manifest: watched(web).manifest, hookEvents: [] }]
  const changes = [
    { kind: 'release', objects },
    put(web),
    put(replicaSet()),
    put(pod('a', waiting('InvalidImageName'))),
  ] as const
  const before = changes.map((change, index) => ({ ...change, at: start + index * 1000 }))
  assert.equal(firstVerdict({ ...base, changes: before }), null)
  assert.equal(firstVerdict({ ...base, changes: [] }), null)
})

const hookPod = (status: Partial<ContainerStatus>) => pod('hook', status, { owner: 'job', restartPolicy: 'Never' })

test('a hook that runs is not cut, whatever else there is; the verdict falls when it has ended', () => {
  const steps: Step[] = [
    [2, put(job)],
    [3, put(hookPod({ state: { running: {} } }))],
    [4, put(pod('a', missing))],
  ]
  assert.deepEqual(verdict(steps), null)
  const complete = { ...job, status: { conditions: [{ type: 'Complete', status: 'True' }] } }
  assert.deepEqual(verdict([...steps, [70, put(complete)]]), [70, 'image-pull'])
  assert.deepEqual(verdict([...steps, [70, { kind: 'gone', uid: 'job' }]]), [70, 'image-pull'])
})

test('a hook that has not started is judged as any pod', () => {
  const steps: Step[] = [
    [2, put(job)],
    [3, put(hookPod(missing))],
  ]
  assert.deepEqual(verdict(steps), [15, 'image-pull'])
})

const ends: readonly AttemptEnd[] = [
  { kind: 'complete' },
  { kind: 'doomed', due: [] },
  { kind: 'deadline' },
  { kind: 'unstable', crashes: { 'a/app': 2 }, ready: [] },
  { kind: 'helm-failed', error: 'context deadline exceeded' },
  { kind: 'helm-failed', error: 'post-upgrade hooks failed: job migrate failed: BackoffLimitExceeded' },
]

for (const end of ends) {
  test(`a recording is judged as what it recorded: ${end.kind === 'helm-failed' ? end.error : end.kind}`, () => {
    const one = recording(
      [
        [2, put(job)],
        [3, put(pod('a', crashed(3)))],
        [9, { kind: 'logs', container: 'a/app', lines: ['FATAL: no'] }],
      ],
      { end },
    )
    const memory = createMemory(options)
    for (const change of one.changes) memory.apply(change)
    const found = judge(memory.observed(one.endedAt), end, options, { namespace: 'shop', chart: './shop' })
    assert.deepEqual(judgeRecording(one), found)
    assert.deepEqual(judgeRecording(JSON.parse(JSON.stringify(one)) as Recording), found, 'read from a report')
    assert.equal(found.length > 0, end.kind !== 'complete')
  })
}

test('an attempt that was broken off has no findings', () => {
  assert.deepEqual(judgeRecording(recording([[3, put(pod('a', crashed(3)))]])), [])
})
