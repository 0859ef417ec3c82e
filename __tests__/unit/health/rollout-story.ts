// Rollouts of several pods, each with its story, as recordings that can be judged.
import type { Workload } from '../../../src/cluster/types.ts'
import type { Change } from '../../../src/health/change.ts'
import type { Recording } from '../../../src/health/recording.ts'
import { replicaSet, start, workload } from './builders.ts'
import { options } from './fixture.ts'
import { between, later, pick } from './pod-story.ts'
import type { Random, Step, Story } from './pod-story.ts'

export type Kind = 'Deployment' | 'StatefulSet' | 'DaemonSet'
const nodes = ['node-a', 'node-b', 'node-c']

/** A rollout of some pods, each with its story, as a recording that ends ten minutes after it began. */
export function rolloutOf(
  kind: Kind,
  stories: readonly Story[],
  random: Random,
  extra: readonly Change[] = [],
  before: readonly Change[] = [],
): Recording {
  const labels = { 'controller-revision-hash': 'new' }
  const owner = kind === 'Deployment' ? 'set-uid' : `${kind}-uid`
  const status = { observedGeneration: 2, updateRevision: 'new', replicas: stories.length }
  const live = workload(kind, { spec: { replicas: stories.length }, status })
  const steps: Step[] = []
  let begun = 0
  for (const [index, story] of stories.entries()) {
    const place = { name: `web-${index}`, node: pick(random, nodes), owner, labels }
    const told = story(place, random)
    steps.push(...later(told.steps, begun))
    // An ordered rollout makes the next pod when this one is ready.
    begun += kind === 'StatefulSet' ? (told.readyAt ?? 1000) + 0.2 : between(random, 0, 1)
  }
  const manifest = { apiVersion: 'apps/v1', kind, name: 'web', namespace: 'shop', object: live, source: '' }
  const first: Change[] = [
    { kind: 'begin', at: start },
    { kind: 'release', at: start, objects: [{ manifest, hookEvents: [] }] },
    { kind: 'put', at: start, object: live },
    { kind: 'put', at: start, object: replicaSet() },
  ]
  const changes = [...steps.map(toChange), ...extra].toSorted((one, other) => one.at - other.at)
  const endedAt = Math.max(start + 600_000, (changes.at(-1)?.at ?? 0) + 60_000)
  const base = { formatVersion: 1, options, namespace: 'shop', chart: 'web', dropped: 0 } as const
  return { ...base, changes: [...before, ...first, ...changes], end: { kind: 'complete' }, endedAt }
}

function toChange(step: Step): Change {
  const at = start + Math.round(step.second * 1000)
  if ('pod' in step) return { kind: 'put', at, object: step.pod as Workload }
  if ('gone' in step) return { kind: 'gone', at, uid: step.gone }
  if ('event' in step) return { kind: 'event', at, event: step.event }
  return { kind: 'appeared', at, what: step.appeared }
}

/** An object as it is so many seconds after the deploy began. */
export const put = (second: number, object: unknown): Change => ({
  kind: 'put',
  at: start + second * 1000,
  object: object as Workload,
})
