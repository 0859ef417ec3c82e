import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ContainerStatus, Pod } from '../../../src/cluster/types.ts'
import { diagnose, dueFaults } from '../../../src/health/diagnose.ts'
import type { AttemptEnd } from '../../../src/health/end.ts'
import { keptFault } from '../../../src/health/fault.ts'
import type { Sights, WatchedObject } from '../../../src/health/observed.ts'
import { at, crashed, ended, observed, pod, start, waiting, watched, workload } from './builders.ts'
import { options } from './fixture.ts'
import { byHelm, found, told } from './judged.ts'

const web = watched(workload('Deployment'))
const missing = waiting('ErrImagePull', 'registry.example/app:9: not found')
const pulls = 'image-pull Deployment/web: container app: image registry.example/app:1 does not exist'
const stalled = 'rollout-stalled Deployment/web: the rollout is not complete: 0 of 2 new pods started'
const served = { observedGeneration: 2, replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2 }
const done = watched(workload('Deployment', { status: served }))

test('a deploy that is complete has no findings, whatever is seen', () => {
  assert.deepEqual(told({ objects: [web], pods: [pod('a', missing)] }, { kind: 'complete' }), [])
})

test('a deploy that was ended early is judged by what may end it, at once or after a while', () => {
  const doomed: AttemptEnd = { kind: 'doomed', due: [] }
  const signalSince = new Map([['a|app|image-pull|', start]])
  assert.deepEqual(told({ objects: [web], pods: [pod('a', missing)], signalSince }, doomed), [pulls])
  assert.deepEqual(told({ objects: [web], pods: [pod('a', { ready: false, state: { running: {} } })] }, doomed), [])
  const annotations = { 'atomic-helm.dev/fail-fast': 'off' }
  const wrong = workload('Deployment', { metadata: { name: 'web', annotations } })
  const parts = { objects: [watched(wrong)], pods: [pod('a', waiting('InvalidImageName'))] }
  assert.match(told(parts, doomed).join(), /^image-name/, 'what is wrong for certain is told even so')
})

/** What was due in one moment, as the end of an attempt keeps it. */
const dueIn = (parts: Partial<Sights>): AttemptEnd => {
  const seen = observed({ ...parts, firstStart: new Map([['a/app', start]]) })
  const due = dueFaults(diagnose(seen, options), seen.now).map(keptFault)
  return { kind: 'doomed', due: JSON.parse(JSON.stringify(due)) as typeof due }
}

test('what ended a deploy is told although its container runs again by the time that it is judged', () => {
  const down = pod('a', crashed(3))
  const end = dueIn({ objects: [web], pods: [down] })
  const again = pod('a', { ...crashed(3, 'running'), ready: true })
  const crash = 'crash-loop Deployment/web: container app exited with 1 three times'
  const logs = new Map([['a/app', ['FATAL: no']]])
  const [finding, ...more] = found({ objects: [web], pods: [again], logs }, end)
  assert.deepEqual([`${finding?.class} Deployment/web: ${finding?.cause}`, more], [crash, []])
  assert.deepEqual(
    [finding?.severity, finding?.evidence.decisiveLine],
    [{ kind: 'grace', afterMs: 30_000 }, 'FATAL: no'],
  )
  assert.deepEqual(told({ objects: [web], pods: [] }, end), [crash], 'even when the pod is gone')
})

test('what ended a deploy comes before what has a lower layer and was not certain', () => {
  const twoContainers = (app: Partial<ContainerStatus>, proxy: Partial<ContainerStatus>): Pod => ({
    ...pod('a', {}),
    status: {
      phase: 'Running',
      containerStatuses: [
        { name: 'app', ...app },
        { name: 'proxy', ...proxy },
      ],
    },
  })
  const slow = waiting('ErrImagePull', 'registry.example/proxy:1: i/o timeout')
  const parts = { objects: [web], pods: [twoContainers(crashed(3), slow)] }
  const classes = (end: AttemptEnd) =>
    found({ ...parts, firstStart: new Map([['a/app', start]]) }, end).map(({ class: name }) => name)
  assert.deepEqual(classes(dueIn(parts)), ['crash-loop', 'image-pull'])
  assert.deepEqual(classes({ kind: 'deadline' }), ['crash-loop', 'image-pull'])
})

test('at the deadline everything counts whose rollout is open, with the best explanation that there is', () => {
  const late: AttemptEnd = { kind: 'deadline' }
  assert.deepEqual(told({ objects: [web] }, late), [stalled])
  const notReady = pod('a', { ready: false, state: { running: {} } })
  assert.match(told({ objects: [web], pods: [notReady] }, late).join('; '), /^not-ready [^;]*$/)
  const db = watched(workload('StatefulSet', { metadata: { name: 'db', uid: 'db' } }))
  assert.deepEqual(
    told({ objects: [web, db], pods: [notReady] }, late).map((one) => one.split(':')[0]),
    ['not-ready Deployment/web', 'rollout-stalled StatefulSet/db'],
  )
})

test('at the deadline a rollout that is complete is not to blame, unless a fault of it is certain', () => {
  const late: AttemptEnd = { kind: 'deadline' }
  const stillWaits = ['unknown Chart/shop: Helm failed: Helm was still waiting']
  const begins = (parts: Parameters<typeof told>[0]) =>
    told(parts, late).map((one) => one.slice(0, stillWaits[0]?.length))
  assert.deepEqual(begins({ objects: [done], pods: [pod('a', crashed(1, 'running'))] }), stillWaits)
  const killed = { restartCount: 3, ready: true, state: { running: {} }, lastState: ended(137) }
  assert.deepEqual(begins({ objects: [done], pods: [pod('a', killed)] }), stillWaits, 'it runs')
  const down = pod('a', { ...killed, ready: false, state: ended(137) })
  assert.match(told({ objects: [done], pods: [down] }, late).join(), /^crash-loop/)
})

test('at the deadline an object without pods counts by what it says', () => {
  const conditions = [{ type: 'Ready', status: 'False', reason: 'Pending', lastTransitionTime: at(2) }]
  const live = { ...workload('Certificate', { status: { conditions } }), apiVersion: 'cert-manager.io/v1' }
  assert.deepEqual(told({ others: [watched(live)] }, { kind: 'deadline' }), [
    'resource-failed Certificate/web: Ready is False: Pending',
  ])
})

test('what was complete and is not any more is told with what it was', () => {
  const crash = pod('a', crashed(1, 'terminated'))
  assert.deepEqual(told({ objects: [done], pods: [crash] }, { kind: 'unstable', crashes: { 'a/app': 0 } }), [
    'crash-loop Deployment/web: container app exited with 1',
  ])
  assert.deepEqual(told({ objects: [done], pods: [crash] }, { kind: 'unstable', crashes: { 'a/app': 1 } }), [])
})

test('an error that Helm explains is told as Helm tells it', () => {
  const text =
    'cannot patch "db" with kind Secret: Secret "db" is invalid: type: Invalid value: "x": field is immutable'
  const [finding, ...more] = found({ objects: [web], pods: [pod('a', missing)] }, byHelm(text))
  assert.deepEqual([finding?.class, finding?.resource.name, more], ['immutable-field', 'db', []])
})

test('where Helm says only that time ran out, the cluster says why', () => {
  const late = byHelm('context deadline exceeded')
  assert.deepEqual(told({ objects: [web], pods: [pod('a', missing)] }, late), [pulls])
  assert.deepEqual(told({ objects: [done] }, late), ['unknown Chart/shop: Helm failed: context deadline exceeded'])
})

test('where Helm says nothing that is known, what was certain by then says more', () => {
  const text = byHelm('resource Deployment/shop/web not ready. status: Failed')
  const at17 = { objects: [web], pods: [pod('a', missing)], seconds: 17 }
  const since = (second: number) => new Map([['a|app|image-pull|', start + second * 1000]])
  for (const second of [4, 5]) assert.deepEqual(told({ ...at17, signalSince: since(second) }, text), [pulls])
  const other = byHelm('resource Deployment/shop/other not ready. status: Failed')
  assert.match(told({ ...at17, signalSince: since(6) }, other).join(), /^unknown Deployment\/other: Helm failed: /)
  assert.match(told({ objects: [web] }, text).join(), /^unknown Deployment\/web: Helm failed: /, 'nothing says why')
})

test('where Helm ends by itself, the object that it names comes first, then what is open', () => {
  const db = watched(workload('StatefulSet', { metadata: { name: 'db', namespace: 'shop', uid: 'db' } }))
  const status = { ready: false, started: true, state: { running: {} } }
  const pods = [pod('a', missing), pod('db-0', status, { owner: 'db', labels: {} })]
  const text = byHelm('resource StatefulSet/shop/db not ready. status: Failed, message: x\ncontext done')
  assert.deepEqual(
    told({ objects: [web, db], pods }, text).map((one) => one.split(':')[0]),
    ['not-ready StatefulSet/db', 'image-pull Deployment/web'],
  )
})

test('an environment that does not answer comes after what is wrong with the object that has its URL, and before the rest', () => {
  const condition = { type: 'ResolvedRefs', status: 'False', reason: 'BackendNotFound', lastTransitionTime: at(0) }
  const status = { parents: [{ parentRef: { name: 'edge' }, conditions: [condition] }] } as object
  const route = (name: string): WatchedObject =>
    watched(workload('HTTPRoute', { apiVersion: 'gateway.networking.k8s.io/v1', metadata: { name }, status }))
  const end: AttemptEnd = {
    kind: 'url-unanswered',
    url: 'https://shop.test',
    resource: { kind: 'HTTPRoute', namespace: 'shop', name: 'web' },
    last: { kind: 'status', status: 404, text: 'Not Found', tookMs: 3, leadsTo: null, body: ['no route'] },
    tries: 9,
    waitedMs: 9000,
  }
  const own = 'url-not-answering HTTPRoute/web: everything is ready, but https://shop.test answers HTTP 404 Not Found'
  assert.deepEqual(told({ objects: [done], others: [] }, end), [own])
  const names = told({ objects: [done], others: [route('api'), route('web')] }, end).map((line) =>
    line.replace(/:.*/, ''),
  )
  assert.deepEqual(names, [
    'resource-failed HTTPRoute/web',
    'url-not-answering HTTPRoute/web',
    'resource-failed HTTPRoute/api',
  ])
  const nowhere = {
    ...end,
    url: null,
    resource: null,
    last: { kind: 'no-url', why: 'Service/web has no address yet' },
  } as const
  assert.deepEqual(told({ objects: [done] }, nowhere), [
    'url-not-answering Chart/shop: everything is ready, but no URL is known: Service/web has no address yet',
  ])
})
