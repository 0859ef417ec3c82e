// Certificates for servers on this machine, each its own authority.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../testbed/host.ts'
import { temporaryDirectory } from './temporary.ts'

export type Certificate = { file: string; cert: string; key: string }

/** Makes a certificate for the loopback address, or for these names (`DNS:helm.test`). */
export async function makeCertificate(...names: string[]): Promise<Certificate> {
  const directory = temporaryDirectory('certificate')
  const [file, keyFile] = [join(directory, 'tls.crt'), join(directory, 'tls.key')]
  const named = names.length > 0 ? names.join(',') : 'IP:127.0.0.1'
  const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc', '-keyout', keyFile, '-out', file]
  const said = ['-subj', '/CN=downloads', '-addext', `subjectAltName=${named}`, '-days', '2']
  await run('openssl', ['req', '-x509', ...made, ...said])
  return { file, cert: readFileSync(file, 'utf8'), key: readFileSync(keyFile, 'utf8') }
}
