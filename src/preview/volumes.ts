import { mapLimited, readObject } from '../cluster/objects.ts'
import type { KubeList, KubeObject } from '../cluster/types.ts'
import type { Session } from '../deploy/session.ts'
import { describeError } from '../platform/errors.ts'
import type { NotUndone } from '../report/model.ts'

interface Claim extends KubeObject {
  readonly spec?: { readonly volumeName?: string }
}

interface Volume extends KubeObject {
  readonly spec?: {
    readonly persistentVolumeReclaimPolicy?: string
    readonly claimRef?: { readonly uid?: string }
  }
}

/** A claim that has a volume. */
export interface BoundClaim {
  readonly uid: string
  readonly volume: string
}

/** What of the volumes stays when their claims go. */
export interface VolumesLeft {
  readonly stay: readonly NotUndone[]
  readonly warnings: readonly string[]
}

const pollMs = 250
const longestMs = 30_000

/** The claims of the release's namespace that have a volume; a warning when they may not be read. */
export async function readClaims({
  client,
  target,
}: Session): Promise<{ readonly claims: readonly BoundClaim[]; readonly warnings: readonly string[] }> {
  try {
    const path = `/api/v1/namespaces/${encodeURIComponent(target.namespace)}/persistentvolumeclaims`
    const { items } = await client.get<KubeList<Claim>>(path)
    const claims = (items ?? []).flatMap(({ metadata: { uid = '' }, spec }) =>
      spec?.volumeName ? [{ uid, volume: spec.volumeName }] : [],
    )
    return { claims, warnings: [] }
  } catch (error) {
    return { claims: [], warnings: [`what volumes the preview had cannot be read: ${describeError(error)}`] }
  }
}

/** Waits until the volumes of claims that are gone are deleted too; those that their policy retains are told, and left alone. */
export async function volumesLeft(
  session: Session,
  claims: readonly BoundClaim[],
  deadline: number,
): Promise<VolumesLeft> {
  const until = Math.min(deadline, session.clock.now() + longestMs)
  try {
    const left = await mapLimited(claims, (claim) => volumeLeft(session, claim, until))
    return { stay: left.filter((one) => one !== null), warnings: [] }
  } catch (error) {
    const names = claims.map(({ volume }) => volume).join(', ')
    return { stay: [], warnings: [`whether the volumes ${names} are gone cannot be read: ${describeError(error)}`] }
  }
}

async function volumeLeft(
  { client, clock, stop }: Session,
  { uid, volume }: BoundClaim,
  until: number,
): Promise<NotUndone | null> {
  const object = { kind: 'PersistentVolume', namespace: '', name: volume }
  for (;;) {
    stop.throwIfAborted()
    const live: Volume | null = await readObject(client, `/api/v1/persistentvolumes/${encodeURIComponent(volume)}`)
    if (!live || live.spec?.claimRef?.uid !== uid) return null
    const policy = live.spec.persistentVolumeReclaimPolicy
    if (policy !== 'Delete')
      return {
        object,
        why: `its reclaim policy is ${policy ?? 'Retain'}, so its data is kept: kubectl delete pv ${volume}`,
      }
    if (clock.now() >= until) return { object, why: 'its storage driver has not deleted it yet' }
    await clock.sleep(pollMs, stop)
  }
}
