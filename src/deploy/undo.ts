import type { LocatedObject } from '../cluster/discovery.ts'
import { refText, toRef } from '../cluster/manifest.ts'
import { locateManifest, mapLimited, readObject } from '../cluster/objects.ts'
import type { KubeList, KubeObject } from '../cluster/types.ts'
import { rollbackArguments, uninstallArguments } from '../helm/argv.ts'
import { recogniseHelmError } from '../helm/errors.ts'
import type { ReleaseRecord } from '../release/record.ts'
import type { Drift, NotUndone, RollbackResult, UndoReport } from '../report/model.ts'
import { removeCreatedNamespace } from './created-namespace.ts'
import { clearHooks, hooksThatRan, settleHooks } from './hooks.ts'
import { wouldDeleteEarlier, type Fallback } from './plan.ts'
import { runHelm, type Session } from './session.ts'
import type { Snapshot } from './snapshot.ts'
import type { Verification } from './verify.ts'
import { takeBackServiceAccounts } from './service-accounts.ts'
import { settleAndVerify, type UndoRequest } from './settle.ts'

export interface UndoResult {
  readonly result: RollbackResult
  readonly report: UndoReport | null
  readonly notUndone: readonly NotUndone[]
  readonly remarks: readonly string[]
}

/** Takes the failed revision back and checks that everything is as it was; within `rollback-timeout`. Never throws for Helm's failures. */
export async function undoDeploy(session: Session, request: UndoRequest): Promise<UndoResult> {
  const { clock, inputs, log } = session
  const startedAt = clock.now()
  const deadline = startedAt + inputs.rollbackTimeoutMs
  const { fallback, failed, before } = request
  if (fallback.kind === 'none') return impossible(session, 'no revision of it was ever good', 'rollback', startedAt)
  const failedObjects = await locateManifest(session.discovery, failed.manifest, session.target.namespace)
  if (fallback.kind === 'uninstall') {
    const inTheWay = await earlierObjects(session, failedObjects, before)
    if (inTheWay.length > 0)
      return impossible(
        session,
        `an uninstall would delete what existed before: ${inTheWay.map((object) => refText(toRef(object))).join(', ')}`,
        'uninstall',
        startedAt,
      )
  }
  // Half of the budget at most: what is left must do for the undo itself.
  await settleHooks(session, failed, before, startedAt + inputs.rollbackTimeoutMs / 2)
  const ran = hooksThatRan(session)
  const check = (until: number): Promise<Verification> => settleAndVerify(session, request, failedObjects, until)
  const error =
    fallback.kind === 'rollback'
      ? await rollBack(session, fallback.to, deadline, check)
      : await uninstall(session, fallback.keepHistory, deadline)
  if (error) log.line(`${fallback.kind} failed: ${error}`, 'bad')
  if (fallback.kind === 'rollback') await takeBackServiceAccounts(session, failed.manifest, request.objectsBefore)
  const hooks = await clearHooks(session, failed, before, deadline)
  const notUndone = [...ran, ...hooks.notUndone, ...(await lasting(session, request, failedObjects))]
  const verification = await check(error ? clock.now() : deadline)
  if (request.createdNamespace && fallback.kind === 'uninstall' && !error)
    notUndone.push(...(await removeCreatedNamespace(session)))
  const drifts = [...verification.drifts, ...hooks.drifts]
  const problem = error || notServing(drifts)
  const result: RollbackResult = problem ? 'failed' : drifts.length > 0 ? 'drifted' : 'restored'
  const report: UndoReport = {
    action: fallback.kind,
    toRevision: fallback.kind === 'rollback' ? fallback.to.revision : null,
    durationMs: clock.now() - startedAt,
    checkedObjects: verification.checked,
    drifts,
    ...(problem ? { error: problem } : {}),
    commands: problem ? manualCommands(session, fallback) : [],
  }
  return { result, report, notUndone, remarks: verification.remarks }
}

/** What served before and does not serve again is more than a drift: somebody has to look. */
function notServing(drifts: readonly Drift[]): string {
  const names = drifts.filter(({ kind }) => kind === 'not-ready').map(({ object }) => refText(object))
  return names.length === 0 ? '' : `${names.join(', ')} was ready before and is not ready again`
}

type Check = (until: number) => Promise<Verification>

/** Rolls back; gives Helm's error, empty when everything is back. */
async function rollBack(session: Session, to: ReleaseRecord, deadline: number, check: Check): Promise<string> {
  const { target, clock, log } = session
  const run = async (force: boolean): Promise<string> => {
    const timeoutMs = Math.max(1000, deadline - clock.now())
    return (await runHelm(session, 'rollback', rollbackArguments(target, to.revision, timeoutMs, force))).error
  }
  log.line(`rolling back to revision ${to.revision}`)
  const error = await run(false)
  if (recogniseHelmError(error, target.namespace)?.class !== 'conflict') return error
  // Helm 4 refuses to go back where a field has another manager by now (an autoscaler, kubectl). Often the upgrade was refused
  // for the same reason, and nothing has changed: the state decides. Else the revision's fields are taken back.
  if ((await check(clock.now())).drifts.length === 0) {
    log.line('Helm refuses the rollback because of a field conflict, but everything is as before already')
    return ''
  }
  log.line('rolling back again, and taking back the fields that another manager has taken')
  return run(true)
}

async function uninstall(session: Session, keepHistory: boolean, deadline: number): Promise<string> {
  const { target, clock, log } = session
  log.line('uninstalling: there was no release before')
  const { error } = await runHelm(
    session,
    'uninstall',
    uninstallArguments(target, Math.max(1000, deadline - clock.now()), keepHistory),
  )
  return error
}

/** Objects of the failed revision that were there before the deploy: an uninstall must not touch them. */
async function earlierObjects(
  session: Session,
  objects: readonly LocatedObject[],
  before: Snapshot,
): Promise<LocatedObject[]> {
  const now = await mapLimited(objects, async (object) => ({
    object,
    uid: (await readObject(session.client, object.path))?.metadata.uid,
  }))
  return wouldDeleteEarlier(before, now)
}

/** What no undo takes back: kept objects, CRDs of the chart's `crds/` folder, volumes of StatefulSets. */
async function lasting(
  session: Session,
  { failed, fallback, before }: UndoRequest,
  objects: readonly LocatedObject[],
): Promise<NotUndone[]> {
  const kept = objects
    .filter(
      ({ path, object }) =>
        object.metadata.annotations?.['helm.sh/resource-policy'] === 'keep' && !before.get(path)?.live,
    )
    .map((object) => ({ object: toRef(object), why: 'the chart marks it `helm.sh/resource-policy: keep`' }))
  const crds =
    fallback.kind === 'uninstall'
      ? failed.crdFiles.map((file) => ({
          object: { kind: 'CustomResourceDefinition', namespace: '', name: file },
          why: 'Helm never removes what the folder crds/ installs',
        }))
      : []
  return [...kept, ...crds, ...(await statefulVolumes(session, objects))]
}

interface StatefulSetObject extends KubeObject {
  readonly spec?: { readonly volumeClaimTemplates?: readonly { readonly metadata?: { readonly name?: string } }[] }
}

async function statefulVolumes(session: Session, objects: readonly LocatedObject[]): Promise<NotUndone[]> {
  const prefixes = objects
    .filter(({ kind }) => kind === 'StatefulSet')
    .flatMap(({ name, object }) =>
      ((object as StatefulSetObject).spec?.volumeClaimTemplates ?? []).map(
        (template) => `${template.metadata?.name}-${name}-`,
      ),
    )
  if (prefixes.length === 0) return []
  const since = session.observer.observed().startedAt - 2000
  const claims = await session.client
    .get<KubeList>(`/api/v1/namespaces/${session.target.namespace}/persistentvolumeclaims`)
    .catch(() => null)
  return (claims?.items ?? [])
    .filter(
      ({ metadata }) =>
        prefixes.some((prefix) => metadata.name.startsWith(prefix)) &&
        Date.parse(metadata.creationTimestamp ?? '') >= since,
    )
    .map(({ metadata }) => ({
      object: { kind: 'PersistentVolumeClaim', namespace: metadata.namespace ?? '', name: metadata.name },
      why: 'a volume of a StatefulSet: Kubernetes keeps its data',
    }))
}

/** The undo itself broke, as when the cluster cannot be reached any more: told with the commands that remain. */
export function undoBroke(session: Session, { fallback }: UndoRequest, error: string): UndoResult {
  const report: UndoReport = {
    action: fallback.kind === 'uninstall' ? 'uninstall' : 'rollback',
    toRevision: fallback.kind === 'rollback' ? fallback.to.revision : null,
    durationMs: 0,
    checkedObjects: 0,
    drifts: [],
    error,
    commands: fallback.kind === 'none' ? [] : manualCommands(session, fallback),
  }
  return { result: 'failed', report, notUndone: [], remarks: [] }
}

function impossible(session: Session, why: string, action: UndoReport['action'], startedAt: number): UndoResult {
  session.log.line(`nothing can be undone: ${why}`, 'bad')
  const { release, namespace } = session.target
  const report: UndoReport = {
    action,
    toRevision: null,
    durationMs: session.clock.now() - startedAt,
    checkedObjects: 0,
    drifts: [],
    error: why,
    commands: [
      `helm -n ${namespace} history ${release}`,
      `helm -n ${namespace} status ${release}`,
      `kubectl -n ${namespace} get all`,
    ],
  }
  return { result: 'failed', report, notUndone: [], remarks: [] }
}

function manualCommands(session: Session, fallback: Fallback): string[] {
  const { release, namespace } = session.target
  const look = [`helm -n ${namespace} history ${release}`, `kubectl -n ${namespace} get pods`]
  if (fallback.kind === 'rollback')
    return [...look, `helm -n ${namespace} rollback ${release} ${fallback.to.revision} --wait`]
  return [...look, `helm -n ${namespace} uninstall ${release} --wait`]
}
