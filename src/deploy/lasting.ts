import type { LocatedObject } from '../cluster/discovery.ts'
import { toRef } from '../cluster/manifest.ts'
import type { KubeList, KubeObject } from '../cluster/types.ts'
import type { NotUndone } from '../report/model.ts'
import type { Session } from './session.ts'
import type { UndoRequest } from './settle.ts'

/** What no undo takes back: kept objects, CRDs of the chart's `crds/` folder, volumes of StatefulSets. */
export async function lasting(
  session: Session,
  { failed, fallback, before, since }: UndoRequest,
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
  return [...kept, ...crds, ...(await statefulVolumes(session, objects, since))]
}

interface StatefulSetObject extends KubeObject {
  readonly spec?: { readonly volumeClaimTemplates?: readonly { readonly metadata?: { readonly name?: string } }[] }
}

async function statefulVolumes(
  session: Session,
  objects: readonly LocatedObject[],
  since: number,
): Promise<NotUndone[]> {
  const prefixes = objects
    .filter(({ kind }) => kind === 'StatefulSet')
    .flatMap(({ name, object }) =>
      ((object as StatefulSetObject).spec?.volumeClaimTemplates ?? []).map(
        (template) => `${template.metadata?.name}-${name}-`,
      ),
    )
  if (prefixes.length === 0) return []
  const claims = await session.client
    .get<KubeList>(`/api/v1/namespaces/${session.target.namespace}/persistentvolumeclaims`)
    .catch(() => null)
  return (claims?.items ?? [])
    .filter(
      ({ metadata }) =>
        prefixes.some((prefix) => metadata.name.startsWith(prefix)) &&
        Date.parse(metadata.creationTimestamp ?? '') >= since - 2000,
    )
    .map(({ metadata }) => ({
      object: { kind: 'PersistentVolumeClaim', namespace: metadata.namespace ?? '', name: metadata.name },
      why: 'a volume of a StatefulSet: Kubernetes keeps its data',
    }))
}
