import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from 'yaml'
import type { Workload } from '../../../src/cluster/types.ts'
import type { Change } from '../../../src/health/change.ts'
import type { Recording } from '../../../src/health/recording.ts'
import { fixtureOf } from '../../scenarios/recorder.ts'
import { crashed, event, pod, replicaSet, start, watched, workload } from './builders.ts'
import { judge, options, toObserved } from './fixture.ts'
import type { HealthFixture } from './fixture-file.ts'

const web = workload('Deployment', {
  metadata: { name: 'web', namespace: 't-12', uid: 'Deployment-uid', generation: 2 },
})
const crashing = {
  ...crashed(3),
  image: '127.0.0.1:5000/app:1',
  containerID: 'containerd://5f',
  lastState: { terminated: { exitCode: 1, startedAt: '2026-11-22T10:00:02Z' } },
}

function recordingOf(changes: readonly object[]): Recording {
  const release = [{ manifest: { ...watched(web).manifest, namespace: 't-12' }, hookEvents: [] }]
  const all = [{ kind: 'put', object: web }, { kind: 'begin' }, { kind: 'release', objects: release }, ...changes]
  const timed = all.map((change, second) => ({ ...change, at: start + second * 1000 }) as Change)
  const end = { kind: 'deadline' } as const
  return {
    formatVersion: 1,
    options,
    namespace: 't-12',
    chart: 'x',
    changes: timed,
    end,
    endedAt: start + 40_000,
    dropped: 0,
  }
}

const put = (object: unknown): object => ({ kind: 'put', object: object as Workload })
const changes = [
  put(replicaSet()),
  put({ kind: 'Pod', ...pod('pod-uid', crashing, { node: 'testbed-dev' }) }),
  { kind: 'event', event: event('pod-uid', 'BackOff', 'Back-off restarting', 20) },
  { kind: 'event', event: event('another', 'BackOff', 'not of this release', 20) },
  { kind: 'logs', container: 'pod-uid/app', lines: ['FATAL: no licence'] },
]

test('a fixture shows what was found, with the names that every fixture uses', () => {
  const text = fixtureOf(recordingOf(changes), 'A crash', {
    'testbed-dev': 'node-a',
    '127.0.0.1:5000': 'registry.example',
  })
  const fixture = parse(text) as HealthFixture
  assert.deepEqual(judge(toObserved(fixture)), fixture.expect)
  const [fault] = fixture.expect.faults
  assert.equal(
    `${fault?.class} ${fault?.resource} ${fault?.ends} ${fault?.line}`,
    'crash-loop Deployment/web after 31 s FATAL: no licence',
  )
  assert.deepEqual(
    fixture.events?.map(({ message }) => message),
    ['Back-off restarting'],
  )
  assert.equal(fixture.objects[0]?.live.metadata.uid, 'deployment-web')
  assert.match(text, /image: registry\.example\/app:1/)
  assert.doesNotMatch(text, /t-12|testbed|containerd|Deployment-uid/)
})

test('a deploy in which all went well has no faults', () => {
  const fixture = parse(fixtureOf(recordingOf([]), 'Nothing', {})) as HealthFixture
  assert.deepEqual([fixture.about, fixture.expect.faults], ['Nothing', []])
})
