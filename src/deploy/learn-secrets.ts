import { mapLimited } from '../cluster/objects.ts'
import type { ReleaseRecord } from '../release/record.ts'
import { contents, publicWordsOf, secretsOfRelease, secretsRead, type SecretObject } from '../report/secrets.ts'
import type { Session } from './session.ts'

/**
 * Learns what a revision keeps secret: at once the Secrets in its manifest, and as soon as they are read those of the namespace
 * that its pods use. A Secret that may not be read stays unknown.
 */
export function learnSecrets(session: Session, record: Pick<ReleaseRecord, 'manifest'>): void {
  const { client, secrets, target } = session
  // What a Secret is called is no secret, also where a value with `secret` in its key says it.
  secrets.learn(secretsOfRelease(record), [...publicWordsOf(record), ...secretsRead(record)])
  void mapLimited(secretsRead(record), async (name) => {
    const path = `/api/v1/namespaces/${encodeURIComponent(target.namespace)}/secrets/${encodeURIComponent(name)}`
    const secret = await client.get<SecretObject>(path).catch(() => null)
    if (secret) secrets.learn(contents(secret))
  })
}
