import assert from 'node:assert/strict'
import { type CommentState, readState } from '../../../src/report/marker.ts'
import type { Report } from '../../../src/report/model.ts'
import { evidence, finding, report } from './fixtures.ts'

/** A report of a failed rollback with that text in every field that is text; the run's address may be another. */
export function poisoned(text: string, url: string | null = text): Report {
  const object = { kind: text, namespace: text, name: text }
  return report({
    status: 'rollback-failed',
    rollback: 'failed',
    reason: text,
    release: text,
    namespace: text,
    environment: text,
    environmentUrl: url,
    answered: { url: text, status: 200, tookMs: 1, leadsTo: text },
    cluster: { name: text, server: text, version: text, identity: text },
    helm: { version: text, path: text },
    chart: { name: text, version: text, previousVersion: `${text}0`, digest: text },
    images: [{ container: text, before: text, after: `${text}1` }],
    warnings: [text],
    notUndone: [{ object, why: text }],
    changes: (['changed', 'added', 'removed'] as const).map((kind) => ({
      object,
      kind,
      source: `templates/${text}`,
      highlights: kind === 'changed' ? [text] : [],
      labelsOnly: false,
      diff: [text, `-${text}`, `+${text}`],
    })),
    drifted: [{ object, kind: 'changed', details: [text] }],
    phases: [
      { name: text, startMs: 0, durationMs: 1 },
      { name: text, startMs: 1, durationMs: 1 },
    ],
    findings: [finding(), finding()].map((one) => ({
      ...one,
      resource: object,
      cause: text,
      advice: text,
      evidence: evidence({
        object,
        container: text,
        node: text,
        status: { [text]: text },
        excerpt: { [text]: text },
        events: [{ reason: text, message: text, count: 2, atSeconds: -1 }],
        logs: [text, text],
        // Not the cause's words alone: those would not be shown again.
        decisiveLine: `last ${text}`,
        message: text,
        source: { file: text },
      }),
    })),
    undo: {
      action: 'rollback',
      toRevision: 1,
      durationMs: 1,
      checkedObjects: 2,
      error: text,
      commands: [text],
      drifts: [{ object, kind: 'changed', details: [text] }],
    },
    run: {
      url,
      number: text,
      attempt: text,
      actor: text,
      sha: text,
      repository: text,
      workflow: text,
      job: text,
    },
  })
}

/** What a comment tells in whose hidden line somebody has put that text wherever there is one. */
export function toldBy(text: string): CommentState {
  const deploy = { verdict: text, run: text, attempt: text, number: text, commit: text, startedAt: text, cause: text }
  const json = JSON.stringify({
    ...deploy,
    status: 'kept',
    revision: text,
    earlier: Array.from({ length: 9 }, () => ({ ...deploy, status: 'kept' })),
  })
  const state = readState(`marker\n<!-- state: ${json.replaceAll('\u2028', String.raw`\u2028`)} -->`)
  assert.ok(state !== null)
  return state
}
