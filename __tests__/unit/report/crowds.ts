import type { Finding } from '../../../src/health/finding.ts'
import type { Report } from '../../../src/report/model.ts'
import { evidence, finding, report, states } from './fixtures.ts'

const namespace = 'shop'
const parts = ['api', 'web', 'worker', 'recommendations-and-personalised-search-index-builder', 'db']
const kinds = ['Deployment', 'StatefulSet', 'DaemonSet', 'Job'] as const

/** That many failing resources with names of every length; each kind of failure comes again. */
export function crowd(count: number): Finding[] {
  return [finding(), ...Array.from({ length: count - 1 }, (_, index) => member(index + 2))]
}

function member(index: number): Finding {
  const kind = kinds[index % kinds.length] ?? 'Deployment'
  const name = `shop-${parts[index % parts.length] ?? ''}-${String(index)}`
  const object = { kind: 'Pod', namespace, name: `${name}-x2x9p` }
  const base = { resource: { kind, namespace, name }, count: (index % 3) + 1 }
  if (index % 3 === 0) return finding({ ...base, evidence: evidence({ object, container: 'app', logs: ['bye'] }) })
  if (index % 3 === 1) {
    const cause = `image \`registry.example/platform/team-${String(index)}/${name}:2.41.0-rc.3\` does not exist`
    return finding({ ...base, class: 'image-pull', cause, evidence: evidence({ object, message: 'not found' }) })
  }
  const events = [{ reason: 'Unhealthy', message: 'Readiness probe failed: HTTP 503', count: index, atSeconds: 31 }]
  const cause = `pod ${name}-x2x9p never became ready: readiness probe got HTTP 503`
  return finding({ ...base, class: 'not-ready', cause, evidence: evidence({ object, events }) })
}

const { drifted, kept, uninstalled } = states
const failed = ['rolled-back', 'drifted', 'rollback-failed', 'uninstalled', 'kept', 'cancelled-undone']

/** What the post step tells of a cancelled deploy that was failing already. */
const cancelledUndone = report({ ...states['rolled-back'], status: 'cancelled', reason: 'the workflow was cancelled' })

function baseOf(name: string): Report {
  return name === 'cancelled-undone' ? cancelledUndone : (states[name] ?? report())
}

/** What the states of `fixtures.ts` leave out: two rarer ends, and seven or 200 failing resources wherever something can fail. */
export const crowds: Readonly<Record<string, Report>> = {
  'cancelled-undone': cancelledUndone,
  leftovers: report({
    ...uninstalled,
    rollback: 'drifted',
    undo: {
      action: 'uninstall',
      toRevision: null,
      durationMs: 2100,
      checkedObjects: 5,
      drifts: [
        {
          object: { kind: 'PersistentVolumeClaim', namespace, name: 'data-shop-db-0' },
          kind: 'left-over',
          details: ['made by a StatefulSet, kept by Kubernetes'],
        },
      ],
      commands: ['kubectl -n shop delete persistentvolumeclaim data-shop-db-0'],
    },
  }),
  'point-of-no-return': report({
    ...kept,
    warnings: ['hook Job shop-migrate is a point of no return: nothing was undone by itself'],
  }),
  'drifted-long': report({
    ...drifted,
    undo: {
      ...(drifted?.undo ?? { action: 'rollback', toRevision: 41, durationMs: 1, checkedObjects: 40 }),
      checkedObjects: 40,
      drifts: Array.from({ length: 30 }, (_, index) => ({
        object: { kind: 'ConfigMap', namespace, name: `shop-settings-${String(index)}` },
        kind: 'changed' as const,
        details: ['data.application.yaml', 'metadata.labels.app.kubernetes.io/version'],
      })),
      commands: ['helm -n shop get manifest shop | kubectl -n shop apply -f -'],
    },
  }),
  'rejected-200': report({
    ...states['rejected'],
    problems: Array.from({ length: 200 }, (_, index) => ({
      problem: `\`value-files\`: deploy/values-${String(index)}.yaml does not exist`,
      remedy: 'Check the path from the root of the repository',
    })),
  }),
  ...Object.fromEntries(
    failed.flatMap((name) => [
      [`${name}-7`, { ...baseOf(name), findings: crowd(7) }],
      [`${name}-200`, { ...baseOf(name), findings: crowd(200) }],
    ]),
  ),
}
