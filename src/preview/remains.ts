import { listContent, locateManifest, mapLimited, readObject } from '../cluster/objects.ts'
import { toRef } from '../cluster/manifest.ts'
import type { KubeObject } from '../cluster/types.ts'
import { locateHooks } from '../deploy/release-objects.ts'
import type { Session } from '../deploy/session.ts'
import type { ReleaseRecord } from '../release/record.ts'
import type { Drift, NotUndone } from '../report/model.ts'

/** What of a release, or of its namespace, does not go, and the commands with which a person lets it go. */
export interface Remains {
  readonly drifts: readonly Drift[]
  readonly commands: readonly string[]
}

const mostNamed = 20

/** The objects of a release that are still there; those of its own namespace are left out when that goes too. */
export async function remainsOfRelease(
  session: Session,
  record: ReleaseRecord,
  isNamespaceToGo: boolean,
): Promise<Remains> {
  const { namespace } = session.target
  const located = await locateManifest(session.discovery, record.manifest, namespace)
  const concerned = located.filter((object) => !isNamespaceToGo || object.namespace !== namespace)
  const found = await mapLimited(concerned, async (object) => {
    const live = await readObject(session.client, object.path).catch(() => null)
    return live && !isKept(live) ? [{ ref: toRef(object), live }] : []
  })
  const left = found.flat()
  return {
    drifts: left.map(({ ref, live }) => ({ object: ref, kind: 'left-over' as const, details: [whyItStays(live)] })),
    commands: left.flatMap(({ ref, live }) => freeing(ref.kind.toLowerCase(), ref.name, ref.namespace, live)),
  }
}

/** Everything in a namespace that waits for a finalizer. */
export async function remainsOfNamespace({ client, target: { namespace } }: Session): Promise<Remains> {
  const content = await listContent(client, namespace).catch(() => [])
  const held = content.filter(({ object }) => object.metadata.finalizers?.length).slice(0, mostNamed)
  return {
    drifts: held.map(({ resource, object }) => ({
      object: { kind: resource, namespace, name: object.metadata.name },
      kind: 'left-over' as const,
      details: [whyItStays(object)],
    })),
    commands: held.flatMap(({ resource, object }) => freeing(resource, object.metadata.name, namespace, object)),
  }
}

/** What outlives an uninstall outside of the namespace: kept objects, those of hooks, and CRDs, none of which Helm deletes. */
export async function outlivingUninstall(session: Session, record: ReleaseRecord): Promise<NotUndone[]> {
  const { discovery, client, target } = session
  const [kept, ofHooks] = await Promise.all([
    locateManifest(discovery, record.manifest, target.namespace),
    locateHooks(session, record.hooks),
  ])
  const candidates = [
    ...kept
      .filter(({ object }) => isKept(object))
      .map((object) => ({ object, why: 'the chart marks it `helm.sh/resource-policy: keep`' })),
    ...ofHooks.map(({ object }) => ({ object, why: 'a hook made it, and Helm does not delete what hooks make' })),
  ].filter(({ object }) => object.namespace !== target.namespace)
  const found = await mapLimited(candidates, async ({ object, why }) =>
    (await readObject(client, object.path).catch(() => null)) ? [{ object: toRef(object), why }] : [],
  )
  const crds = record.crdFiles.map((name) => ({
    object: { kind: 'CustomResourceDefinition', namespace: '', name },
    why: 'Helm never removes what the folder crds/ installs',
  }))
  return [...found.flat(), ...crds]
}

function isKept({ metadata: { annotations } }: KubeObject): boolean {
  return annotations?.['helm.sh/resource-policy'] === 'keep'
}

function whyItStays({ metadata: { finalizers, deletionTimestamp } }: KubeObject): string {
  if (!deletionTimestamp) return 'it was not deleted'
  return finalizers?.length ? `it is being deleted, held by ${finalizers.join(', ')}` : 'it is being deleted'
}

/** Names come from the API, so they are safe in a shell. */
function freeing(kind: string, name: string, namespace: string, { metadata }: KubeObject): string[] {
  const where = namespace === '' ? '' : ` -n ${namespace}`
  if (!metadata.deletionTimestamp) return [`kubectl${where} delete ${kind} ${name}`]
  return metadata.finalizers?.length
    ? [`kubectl${where} patch ${kind} ${name} --type=merge -p '{"metadata":{"finalizers":null}}'`]
    : []
}
