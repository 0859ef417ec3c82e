import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { Finding } from '../../../src/health/finding.ts'
import { firstSign } from '../../../src/health/first-sign.ts'
import type { Recording } from '../../../src/health/recording.ts'
import { rolloutSpans } from '../../../src/health/rollout-spans.ts'
import type { Report } from '../../../src/report/model.ts'
import { timelineOf, type Bar } from '../../../src/report/timeline.ts'
import { failing, finding, report, states } from './fixtures.ts'
import { begin, put, recorded, recording, wanted } from './recording.ts'

const failed = states['rolled-back'] ?? report()
const say = ({ section, label, remark, startMs, endMs, tone }: Bar): string =>
  `${section}: ${label}, ${remark} (${tone} ${String(startMs)}–${String(endMs)})`

function of(section: Bar['section'], told: Report): string[] {
  return timelineOf(told)
    .filter((bar) => bar.section === section)
    .map((bar) =>
      say(bar)
        .slice(section.length + 2)
        .replaceAll('\u00A0', ' '),
    )
}

test("a failed deploy: phases, rollouts by the run's time, signs and the undo", () => {
  assert.deepEqual(of('Rollout', failed), [
    'Job shop-migrate, over in 4 s (good 1200–5200)',
    'Deployment shop, failed (bad 5300–34700)',
    'StatefulSet shop-cache, complete in 5.2 s (good 5350–10500)',
  ])
  assert.deepEqual(of('Signs', failed), [
    'first sign of failure, after 7.9 s (bad 7900–7900)',
    'verdict crash-loop, after 35 s (bad 34700–34700)',
  ])
  assert.deepEqual(of('Undo', failed), ['back to revision 41, 3.5 s (good 35500–39000)'])
  assert.deepEqual(
    timelineOf(failed)
      .filter(({ section }) => section === 'Phases')
      .map(({ label }) => label),
    ['prepare', 'lock', 'look at the release', 'deploy', 'evidence'],
  )
})

test('an undo that left something is bad, an uninstall is called so, and a rollback by hand is a phase', () => {
  assert.match(of('Undo', states['drifted'] ?? report())[0] ?? '', /^back to revision 41, .*bad/)
  assert.match(of('Undo', states['uninstalled'] ?? report())[0] ?? '', /^uninstall, .*good/)
  const byHand = states['gone-back'] ?? report()
  assert.deepEqual([of('Undo', byHand), of('Signs', byHand)], [[], []])
  assert.match(of('Phases', byHand).at(-1) ?? '', /^roll back/)
})

test('a success ends with the moment in which it was complete', () => {
  const base = report({ timeline: recorded([[0, { kind: 'begin' }]], 34_000) })
  assert.deepEqual(of('Signs', base), ['complete, after 35 s (good 34700–34700)'])
  const tested = report({ phases: [...base.phases, { name: 'test', startMs: 34_700, durationMs: 5000 }] })
  assert.deepEqual(of('Signs', tested), ['complete, after 40 s (good 39700–39700)'])
})

test('one phase is no picture, and without a recording only phases and verdict are', () => {
  assert.deepEqual(timelineOf(report({ phases: [] })), [])
  assert.deepEqual(timelineOf(report({ phases: [{ name: 'prepare', startMs: 0, durationMs: 9 }] })), [])
  const blind = { ...failed, timeline: null }
  assert.deepEqual([of('Rollout', blind).length, of('Signs', blind).length], [0, 1])
})

test('a rollout that is not complete is told so, and one that the deploy has not changed is not shown', () => {
  const timeline = recorded(
    [
      [-10, put('Deployment', 'same', 3, 1)],
      [-10, put('Deployment', 'slow', 1, 1)],
      [0, { kind: 'begin' }],
      [10, { kind: 'release', objects: ['same', 'slow', 'lost'].map((name) => wanted('Deployment', name)) }],
      [20, put('Deployment', 'same', 3, 1)],
      [30, put('Deployment', 'slow', 2, 0)],
      [40, put('Deployment', 'lost', 1, 1)],
      [50, put('Deployment', 'lost', 1, 0)],
      [60, put('Deployment', 'foreign', 1, 0)],
    ],
    100,
  )
  assert.deepEqual(of('Rollout', { ...failed, timeline, findings: [] }), [
    'Deployment slow, not complete (open 730–34700)',
    'Deployment lost, not complete (open 740–34700)',
  ])
})

test('a hook that was taken away is over, and one that is made anew begins where the first began', () => {
  const timeline = recorded(
    [
      [0, { kind: 'begin' }],
      [10, { kind: 'release', objects: [wanted('Job', 'hook', ['post-upgrade'])] }],
      [20, put('Job', 'hook', 1, 0)],
      [90, { kind: 'gone', uid: 'Job/hook' }],
    ],
    100,
  )
  assert.deepEqual(
    rolloutSpans(timeline).map(({ from, until }) => [from - begin, (until ?? 0) - begin]),
    [[20, 90]],
  )
})

test('a recovery before the deploy does not shift it: the last beginning counts', () => {
  const { changes, ...rest } = recording()
  const earlier = { ...rest, changes: [{ kind: 'begin', at: begin - 60_000 } as const, ...changes] }
  assert.deepEqual(of('Rollout', { ...failed, timeline: earlier }), of('Rollout', failed))
})

test('the first sign is one of what failed in the end', () => {
  const at = (findings: readonly Finding[]): number | null => {
    const seen = firstSign(recording(), findings)
    return seen === null ? null : seen - begin
  }
  assert.equal(at([finding()]), 7200)
  assert.equal(at([finding({ class: 'image-pull' })]), null)
  assert.equal(at([finding({ resource: { kind: 'Deployment', namespace: 'shop', name: 'other' } })]), null)
  assert.equal(at([]), null)
  const event = (uid: string, type: string, second: number) => ({
    kind: 'event' as const,
    at: begin + 5500,
    event: {
      metadata: { name: 'e', creationTimestamp: new Date(begin + second * 1000).toISOString() },
      involvedObject: { uid },
      type,
    },
  })
  const withEvent = (...of: Parameters<typeof event>): number => {
    const { changes, ...rest } = recording()
    const all = [...changes, event(...of)].toSorted((a, b) => a.at - b.at)
    return (firstSign({ ...rest, changes: all }, [finding()]) ?? 0) - begin
  }
  assert.equal(withEvent('pod', 'Warning', 5), 5500)
  assert.equal(withEvent('pod', 'Normal', 5), 7200)
  assert.equal(withEvent('pod', 'Warning', -60), 7200, 'an event of before')
  assert.equal(withEvent('another', 'Warning', 5), 7200)
})

test('of 200 workloads those that fail are shown, and the rest is counted', () => {
  const names = Array.from({ length: 200 }, (_, index) => `web-${String(index)}`)
  const timeline = recorded(
    [
      [0, { kind: 'begin' }],
      [1, { kind: 'release', objects: names.map((name) => wanted('Deployment', name)) }],
      ...names.flatMap((name, index) => [
        [10 + index, put('Deployment', name, 1, 0)] as const,
        ...(index % 50 === 7 ? [] : [[1000 + index, put('Deployment', name, 1, 1)] as const]),
      ]),
    ],
    30_000,
  )
  const culprits = names.filter((_, index) => index % 50 === 7)
  const findings = culprits.map((name) => finding({ resource: { kind: 'Deployment', namespace: 'shop', name } }))
  const bars = timelineOf({ ...failed, timeline, findings })
  assert.ok(bars.length <= 41)
  assert.deepEqual(
    bars.filter(({ section, tone }) => section === 'Rollout' && tone === 'bad').map(({ label }) => label),
    culprits.map((name) => `Deployment ${name}`),
  )
  assert.equal(bars.filter(({ section }) => section === 'Rollout').at(-1)?.label, 'and 176 more workloads')
  const all = names.map((name) => finding({ resource: { kind: 'Deployment', namespace: 'shop', name } }))
  assert.ok(timelineOf({ ...failed, timeline, findings: all }).length <= 41)
})

test('every recording of a real deploy has bars within its time', () => {
  const folder = new URL('../../fixtures/recordings/', import.meta.url)
  for (const name of readdirSync(folder)) {
    const { timeline } = JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as { timeline: Recording }
    const end = timeline.endedAt - (timeline.changes.findLast(({ kind }) => kind === 'begin')?.at ?? 0)
    const phases = [
      { name: 'prepare', startMs: 0, durationMs: 700 },
      { name: 'deploy', startMs: 700, durationMs: end },
    ]
    const bars = timelineOf(report({ timeline, phases })).filter(({ section }) => section === 'Rollout')
    assert.ok(bars.length > 0, name)
    for (const { startMs, endMs } of bars) assert.ok(700 <= startMs && startMs <= endMs && endMs <= 700 + end, name)
  }
})

test('a clock of the API server that is set on the way does not stretch the picture', () => {
  const { changes, ...rest } = recording()
  for (const step of [3_600_000, -3_600_000]) {
    const jumped = changes.map((change, index) => (index < 8 ? change : { ...change, at: change.at + step }))
    for (const { startMs, endMs } of timelineOf({ ...failed, timeline: { ...rest, changes: jumped } }))
      assert.ok(0 <= startMs && startMs <= endMs && endMs <= 39_000)
  }
})

test('clocks that disagree and phases of no length make no bar that ends before it begins', () => {
  const phases = failing('roll back').map((phase) => ({
    ...phase,
    startMs: 5,
    durationMs: phase.name === 'lock' ? -3 : 0,
  }))
  for (const { startMs, endMs } of timelineOf({ ...failed, phases })) assert.ok(0 <= startMs && startMs <= endMs)
})
