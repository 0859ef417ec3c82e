/** Where a secret is. */
export interface SecretName {
  readonly namespace: string
  readonly name: string
}

/** Reads `namespace/name`. */
export function parseSecretName(text: string): SecretName | 'no-name' {
  const [, namespace = '', name = ''] = /^([a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?)\/([^/]{1,253})$/.exec(text) ?? []
  return /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(name)
    ? { namespace, name }
    : 'no-name'
}
