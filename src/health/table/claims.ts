import type { KubeEvent, Pod } from '../../cluster/types.ts'
import { triesOf } from '../observed.ts'
import { seconds, type PodRow } from '../row.ts'

/** Volume claims that nobody will fill: told of the pod that waits for them, whose scheduler only says that they are not bound. */
export const claimRows: readonly PodRow[] = [
  {
    id: 'D05',
    class: 'volume',
    sign: 'event ProvisioningFailed of a claim of the pod: its StorageClass does not exist',
    severity: seconds(30),
    advice: 'Correct `storageClassName`, or create the StorageClass',
    source: 'Kubernetes persistent volume controller',
    see: (pod, { ofClaim }) => {
      const [claim, event] = failedClaim(pod, ofClaim, /storageclass\S* "[^"]*" not found/) ?? []
      if (!event) return null
      const name = /storageclass\S* "([^"]*)" not found/.exec(event.message ?? '')?.[1]
      return {
        cause: `the volume claim ${claim} asks for the StorageClass ${name}, which does not exist`,
        tries: triesOf(event),
      }
    },
  },
  {
    id: 'D05',
    class: 'volume',
    sign: 'event ProvisioningFailed or FailedBinding of a claim of the pod for any other reason',
    severity: seconds(150),
    advice: 'Look at the claim, its StorageClass and its provisioner',
    source: 'Kubernetes persistent volume controller',
    see: (pod, { ofClaim }) => {
      const [claim, event] = failedClaim(pod, ofClaim, /.?/) ?? []
      return event
        ? { cause: `the volume claim ${claim} is not filled: ${event.message}`, tries: triesOf(event) }
        : null
    },
  },
]

/** Only while the pod has no node: afterwards its claims are bound. */
function failedClaim(
  pod: Pod,
  ofClaim: (name: string) => readonly KubeEvent[],
  pattern: RegExp,
): [claim: string, event: KubeEvent] | null {
  if (pod.spec?.nodeName) return null
  const claims = (pod.spec?.volumes ?? []).flatMap(({ persistentVolumeClaim: claim }) => claim?.claimName ?? [])
  for (const claim of claims) {
    const last = ofClaim(claim).at(-1)
    // WaitForFirstConsumer is how most volumes begin, and no fault.
    if (/^(ProvisioningFailed|FailedBinding)$/.test(last?.reason ?? '') && last && pattern.test(last.message ?? ''))
      return [claim, last]
  }
  return null
}
