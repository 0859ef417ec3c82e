import { readFileSync } from 'node:fs'

import { stringify } from 'yaml'

/** How a kubeconfig proves who its user is. */
export type Credentials =
  | { token: string }
  | { tokenFile: string }
  | { clientCert: string; clientKey: string }
  | { exec: { command: string; args?: string[]; env?: { name: string; value: string }[] } }

interface Cluster {
  server: string
  caFile: string
}

/** A kubeconfig as text, with one cluster, one user and one context, all named `testbed`. */
export function kubeconfigFor(cluster: Cluster, credentials: Credentials, namespace = 'default'): string {
  const authority = readFileSync(cluster.caFile).toString('base64')
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'testbed', cluster: { server: cluster.server, 'certificate-authority-data': authority } }],
    users: [{ name: 'testbed', user: userEntry(credentials) }],
    contexts: [{ name: 'testbed', context: { cluster: 'testbed', user: 'testbed', namespace } }],
    'current-context': 'testbed',
  })
}

function userEntry(credentials: Credentials): Record<string, unknown> {
  if ('token' in credentials) return { token: credentials.token }
  if ('tokenFile' in credentials) return { tokenFile: credentials.tokenFile }
  if ('exec' in credentials) {
    const version = 'client.authentication.k8s.io/v1'
    return { exec: { apiVersion: version, interactiveMode: 'Never', ...credentials.exec } }
  }
  const base64 = (file: string) => readFileSync(file).toString('base64')
  return {
    'client-certificate-data': base64(credentials.clientCert),
    'client-key-data': base64(credentials.clientKey),
  }
}
