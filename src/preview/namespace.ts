import { ApiError } from '../cluster/client.ts'
import { isForbidden, namespacePath, readNamespace, waitUntilGone, type Namespace } from '../cluster/namespaces.ts'
import { nothing, rejectedWith, type TransactionResult } from '../deploy/outcome.ts'
import type { Session } from '../deploy/session.ts'
import type { Problem } from '../platform/errors.ts'
import { ownerOf, previewAnnotations, previewLabels } from './labels.ts'
import type { PreviewRun } from './of.ts'
import type { Preview } from './preview.ts'

/** A preview's namespace as it stands. */
export type Standing =
  | { readonly kind: 'absent' }
  | { readonly kind: 'ours'; readonly namespace: Namespace; readonly isEnding: boolean }
  | { readonly kind: 'unlabelled'; readonly namespace: Namespace }
  /** Somebody else's preview. */
  | { readonly kind: 'other'; readonly whose: string }

/** Looks whose the namespace of a preview is. */
export async function lookAtNamespace(
  { client, target }: Session,
  preview: Preview,
): Promise<Standing | { readonly kind: 'unreadable'; readonly problem: Problem }> {
  try {
    return standingOf(await readNamespace(client, target.namespace), preview)
  } catch (error) {
    if (isForbidden(error)) return { kind: 'unreadable', problem: mayNot(error.message, 'get') }
    throw error
  }
}

/** Judges whose a namespace is. Pure. */
export function standingOf(found: Namespace | null, preview: Preview): Standing {
  if (!found) return { kind: 'absent' }
  const owner = ownerOf(found.metadata, preview)
  if (owner.kind === 'none') return { kind: 'unlabelled', namespace: found }
  if (owner.kind === 'other') return { kind: 'other', whose: owner.whose }
  if (owner.facts.pull !== preview.pull) return { kind: 'other', whose: `pull request ${owner.facts.pull}` }
  return { kind: 'ours', namespace: found, isEnding: found.metadata.deletionTimestamp !== undefined }
}

/** Makes sure that the preview has its namespace: makes it, or waits until an earlier one is gone. Null when it is there, and it is ours. */
export async function makePreviewNamespace(session: Session, run: PreviewRun): Promise<TransactionResult | null> {
  const { client, clock, log, target, inputs, journal, stop } = session
  const deadline = clock.now() + inputs.rollbackTimeoutMs
  for (;;) {
    stop.throwIfAborted()
    const standing = await lookAtNamespace(session, run.preview)
    switch (standing.kind) {
      case 'unreadable':
        return rejectedWith(standing.problem)
      case 'unlabelled':
        return rejectedWith(notOurs(target.namespace, 'exists, and this action did not make it'))
      case 'other':
        return rejectedWith(notOurs(target.namespace, `is the preview of ${standing.whose}`))
      case 'ours':
        if (!standing.isEnding) return null
        log.line(`namespace ${target.namespace} is being deleted, and waited for`)
        if (await stays(session, standing.namespace, deadline)) return rejectedWith(stillThere(target.namespace))
        continue
      case 'absent':
    }
    try {
      await client.send('POST', '/api/v1/namespaces', { body: newNamespace(session, run) })
      journal.note({ createdNamespace: true, stage: 'open' })
      log.line(`namespace ${target.namespace} created`)
      return null
    } catch (error) {
      if (isForbidden(error)) return rejectedWith(mayNot(error.message, 'create'))
      // Another run was faster, or an earlier one is just going.
      if (!(error instanceof ApiError && error.status === 409)) throw error
    }
  }
}

/** Tells in the namespace that it was deployed to, by whom, and until when it stays; gives the problem when it cannot. */
export async function renewNamespace(session: Session, run: PreviewRun): Promise<Problem | null> {
  const { client, target } = session
  const body = { metadata: { annotations: annotationsNow(session, run), labels: previewLabels(run.preview) } }
  try {
    await client.send('PATCH', namespacePath(target.namespace), { body, contentType: 'application/merge-patch+json' })
    return null
  } catch (error) {
    if (isForbidden(error)) return mayNot(error.message, 'patch')
    if (!(error instanceof ApiError && error.status === 404)) throw error
    return {
      problem: `Somebody has deleted the namespace "${target.namespace}" just now`,
      remedy: 'Run the workflow again',
    }
  }
}

/** What is told of a preview that is not there. */
export function nothingToRemove(reason: string): TransactionResult {
  return { ...nothing, status: 'removed', changed: false, reason }
}

/** A namespace that is not this preview's is not touched. */
export function notOurs(namespace: string, why: string): Problem {
  return {
    problem: `The namespace "${namespace}" ${why}: nothing is touched`,
    remedy: 'Give previews a `namespace` of their own, such as preview-{{ repo }}-pr-{{ pr }}',
  }
}

async function stays(
  { client, clock, stop }: Session,
  { metadata: { name, uid = '' } }: Namespace,
  deadline: number,
): Promise<boolean> {
  return (await waitUntilGone({ client, clock, stop, deadline }, name, uid)) !== null
}

function stillThere(namespace: string): Problem {
  return {
    problem: `The namespace "${namespace}" is being deleted and does not go`,
    remedy: 'See what holds it up in its conditions, then run the workflow again',
    command: `kubectl get namespace ${namespace} -o yaml`,
  }
}

function mayNot(message: string, verb: string): Problem {
  return {
    problem: `The credentials may not do with namespaces what a preview needs: ${message}`,
    remedy: `Grant \`get\`, \`create\`, \`patch\`, \`delete\` and \`watch\` on namespaces to the credentials (\`${verb}\` is missing)`,
  }
}

function newNamespace(session: Session, run: PreviewRun): Namespace {
  const { namespace: name } = session.target
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name,
      labels: previewLabels(run.preview),
      annotations: Object.fromEntries(
        Object.entries(annotationsNow(session, run)).filter((entry): entry is [string, string] => entry[1] !== null),
      ),
    },
  }
}

function annotationsNow({ target, inputs, client }: Session, { preview, runUrl }: PreviewRun) {
  return previewAnnotations(preview, {
    release: target.release,
    runUrl,
    environment: inputs.environment,
    deployedAtMs: client.now(),
    ttlMs: inputs.previewTtlMs,
  })
}
