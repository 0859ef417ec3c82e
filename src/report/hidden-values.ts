import { createHmac } from 'node:crypto'
import { credentialKey } from '../platform/redact.ts'

type Fields = Readonly<Record<string, unknown>>

/**
 * A copy of an object of a manifest in which a fingerprint stands for whatever may be secret: what a Secret holds, and what is called a
 * password, a token or the like anywhere. With the same key equal values have equal fingerprints, so a change shows and the content does
 * not; a key that nobody else knows keeps it from being guessed.
 */
export function hideValues(object: Fields, key: string): Fields {
  const hide = (value: unknown): string => fingerprint(value, key)
  const shown = hideCredentials(object, hide) as Fields
  return object['kind'] === 'Secret' ? hideSecret(object, shown, hide) : shown
}

/** What kubectl has applied last holds the content of a Secret once more. */
const applied = 'kubectl.kubernetes.io/last-applied-configuration'

function hideSecret(object: Fields, shown: Fields, hide: (value: unknown) => string): Fields {
  const hideAll = (fields: unknown, read: (value: unknown) => unknown): Fields =>
    Object.fromEntries(Object.entries(asFields(fields)).map(([name, value]) => [name, hide(read(value))]))
  return {
    ...shown,
    metadata: withoutApplied(asFields(shown['metadata'])),
    ...('data' in object ? { data: hideAll(object['data'], decoded) } : {}),
    ...('stringData' in object ? { stringData: hideAll(object['stringData'], (value) => value) } : {}),
  }
}

function withoutApplied(metadata: Fields): Fields {
  if (!('annotations' in metadata)) return metadata
  const { [applied]: _, ...annotations } = asFields(metadata['annotations'])
  return { ...metadata, annotations }
}

/** The values of keys, and of `name`/`value` pairs such as environment variables, that are called like a credential. */
function hideCredentials(value: unknown, hide: (value: unknown) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => hideCredentials(item, hide))
  if (typeof value !== 'object' || value === null) return value
  const fields = value as Fields
  const isNamed = typeof fields['name'] === 'string' && credentialKey.test(fields['name'])
  return Object.fromEntries(
    Object.entries(fields).map(([name, item]) => [
      name,
      isScalar(item) && (credentialKey.test(name) || (isNamed && name === 'value'))
        ? hide(item)
        : hideCredentials(item, hide),
    ]),
  )
}

function fingerprint(value: unknown, key: string): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  if (text === '') return ''
  return `hidden ${createHmac('sha256', key).update(text).digest('hex').slice(0, 8)}`
}

function decoded(value: unknown): unknown {
  return typeof value === 'string' ? Buffer.from(value, 'base64').toString('latin1') : value
}

function isScalar(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number'
}

function asFields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {}
}
