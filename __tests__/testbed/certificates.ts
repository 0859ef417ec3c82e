import { generateKeyPairSync } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'

import { run } from './host.ts'
import type { Instance } from './paths.ts'

/** Where each certificate and key of an instance is. */
export interface Certificates {
  ca: string
  caKey: string
  apiserver: string
  apiserverKey: string
  apiserverToKubelet: string
  apiserverToKubeletKey: string
  user: string
  userKey: string
  /** Signs service account tokens; its public half verifies them. */
  serviceAccountKey: string
  serviceAccountPublicKey: string
}

/** The name of the administrator who comes with a client certificate rather than a token. */
export const certificateUser = 'testbed-certificate-admin'

/** Makes a certificate authority and what it signs: the API server, its client certificate for the kubelet, and a user. */
export async function makeCertificates(instance: Instance, serviceAddress: string): Promise<Certificates> {
  const dir = `${instance.dir}/pki`
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const certificates: Certificates = {
    ca: `${dir}/ca.crt`,
    caKey: `${dir}/ca.key`,
    apiserver: `${dir}/apiserver.crt`,
    apiserverKey: `${dir}/apiserver.key`,
    apiserverToKubelet: `${dir}/apiserver-to-kubelet.crt`,
    apiserverToKubeletKey: `${dir}/apiserver-to-kubelet.key`,
    user: `${dir}/user.crt`,
    userKey: `${dir}/user.key`,
    serviceAccountKey: `${dir}/service-account.key`,
    serviceAccountPublicKey: `${dir}/service-account.pub`,
  }
  const pair = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  writeFileSync(certificates.serviceAccountKey, pair.privateKey, { mode: 0o600 })
  writeFileSync(certificates.serviceAccountPublicKey, pair.publicKey)

  const names = ['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'].map((name) => `DNS:${name}`)
  const addresses = ['127.0.0.1', serviceAddress].map((address) => `IP:${address}`)
  const serving = ['extendedKeyUsage = serverAuth', `subjectAltName = ${[...names, ...addresses].join(', ')}`]
  const client = ['extendedKeyUsage = clientAuth']
  const admins = ['O = system:masters']
  const authority = [
    'basicConstraints = critical, CA:TRUE',
    'keyUsage = critical, keyCertSign, cRLSign, digitalSignature',
  ]

  await issue(`${dir}/ca`, ['CN = testbed-ca'], authority)
  await Promise.all([
    issue(`${dir}/apiserver`, ['CN = kube-apiserver'], serving, certificates),
    issue(`${dir}/apiserver-to-kubelet`, ['CN = kube-apiserver-kubelet-client', ...admins], client, certificates),
    issue(`${dir}/user`, [`CN = ${certificateUser}`, ...admins], client, certificates),
  ])
  return certificates
}

// One openssl call makes the key and the certificate. It gets a configuration of its own, as the system's may differ.
async function issue(path: string, subject: string[], extensions: string[], signer?: Certificates): Promise<void> {
  const request = ['[req]', 'distinguished_name = subject', 'prompt = no']
  writeFileSync(`${path}.cnf`, [...request, '[subject]', ...subject, '[extensions]', ...extensions, ''].join('\n'))
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc', '-keyout', `${path}.key`]
  const signed = signer ? ['-CA', signer.ca, '-CAkey', signer.caKey] : []
  const settings = ['-config', `${path}.cnf`, '-extensions', 'extensions', '-days', '3650', '-out', `${path}.crt`]
  // Valid since yesterday, as on any cluster that was not made this minute: runners whose clock is behind have to be let in.
  await run('faketime', ['-f', '-1d', 'openssl', 'req', '-x509', '-new', ...key, ...signed, ...settings])
}
