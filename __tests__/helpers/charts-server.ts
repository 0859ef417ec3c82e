// Where charts are fetched from: a chart repository over HTTP, and a registry that is Debian's docker-registry.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePorts } from '../testbed/allocate.ts'
import { run, searchPath } from '../testbed/host.ts'
import { runHelm } from './helm.ts'
import { temporaryDirectory } from './temporary.ts'

export type Login = { username: string; password: string }
type Server = {
  /** What was asked of it so far, without queries, such as `GET /index.yaml 401`. */
  requests: () => string[]
  close: () => Promise<void>
}
export type Repository = Server & { url: string }
export type RegistryOptions = {
  login?: Login
  /** HTTPS with a certificate of its own; `mutual`: the client shows one too, for which the registry's own will do. */
  tls?: 'server' | 'mutual'
}
export type Registry = Server & {
  /** host:port */
  host: string
  /** Its certificate, which is its own authority, and the key; empty without TLS. */
  caFile: string
  keyFile: string
  /** Pushes an archive with the helm of a directory, as `oci://host/charts/…`. */
  push: (helm: string, archive: string) => Promise<void>
  /** The digest that the registry itself gives to a manifest; without TLS only. */
  digest: (repository: string, tag: string) => Promise<string>
}

/** Packages a chart with the helm of a directory. Gives the path of the archive. */
export async function packageChart(helm: string, chart: string, version: string): Promise<string> {
  const target = temporaryDirectory('archive')
  await helmDoes(helm, 'package', chart, `--destination=${target}`, `--version=${version}`)
  return join(target, `${basename(chart)}-${version}.tgz`)
}

/** Starts a chart repository with these archives and whatever lies beside them (`.prov`). */
export async function startRepository(
  helm: string,
  files: string[],
  { login }: { login?: Login } = {},
): Promise<Repository> {
  const directory = temporaryDirectory('repository')
  for (const file of files) copyFileSync(file, join(directory, basename(file)))
  await helmDoes(helm, 'repo', 'index', directory)
  const served = ['index.yaml', ...files.map((file) => basename(file))]
  const requests: string[] = []
  const server = createServer((request, response) => {
    const answer = (status: number, headers = {}, body: Buffer | string = ''): void => {
      requests.push(`${request.method} ${request.url} ${status}`)
      response.writeHead(status, headers).end(body)
    }
    const name = (request.url ?? '').slice(1)
    if (login && request.headers.authorization !== `Basic ${basicOf(login)}`)
      return answer(401, { 'www-authenticate': 'Basic realm="charts"' })
    return served.includes(name) ? answer(200, {}, readFileSync(join(directory, name))) : answer(404)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: () => requests,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Starts a registry on a loopback port, with nothing in it. */
export async function startRegistry({ login, tls }: RegistryOptions = {}): Promise<Registry> {
  const directory = temporaryDirectory('registry')
  const inside = (name: string): string => join(directory, name)
  const [crt, key] = [inside('tls.crt'), inside('tls.key')]
  const [port] = await freePorts(1, new Set())
  const host = `127.0.0.1:${port}`
  if (login) writeFileSync(inside('htpasswd'), hashed(login))
  if (tls) await makeCertificate(crt, key)
  const config = {
    version: '0.1',
    log: { level: 'error' },
    storage: { filesystem: { rootdirectory: inside('data') } },
    ...(login ? { auth: { htpasswd: { realm: 'charts', path: inside('htpasswd') } } } : {}),
    http: {
      addr: host,
      ...(tls ? { tls: { certificate: crt, key, ...(tls === 'mutual' ? { clientcas: [crt] } : {}) } } : {}),
    },
  }
  // JSON is YAML.
  writeFileSync(inside('config.yml'), JSON.stringify(config))
  const child = spawn('docker-registry', ['serve', inside('config.yml')], {
    env: { PATH: searchPath() },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const kill = (): boolean => child.kill('SIGKILL')
  process.once('exit', kill)
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  await untilListening(host)

  const config64 = login ? { auths: { [host]: { auth: basicOf(login) } } } : {}
  writeFileSync(inside('login.json'), JSON.stringify(config64), { mode: 0o600 })
  const access = tls ? [`--ca-file=${crt}`, `--cert-file=${crt}`, `--key-file=${key}`] : ['--plain-http']
  return {
    host,
    caFile: tls ? crt : '',
    keyFile: tls ? key : '',
    async push(helm, archive) {
      const target = [archive, `oci://${host}/charts`, `--registry-config=${inside('login.json')}`]
      await helmDoes(helm, 'push', ...target, ...access)
    },
    async digest(repository, tag) {
      const accept = 'application/vnd.oci.image.manifest.v1+json'
      const headers = { accept, ...(login ? { authorization: `Basic ${basicOf(login)}` } : {}) }
      const answer = await fetch(`http://${host}/v2/${repository}/manifests/${tag}`, { method: 'HEAD', headers })
      return answer.headers.get('docker-content-digest') ?? `none: ${answer.status}`
    },
    requests: () =>
      Array.from(output.matchAll(/"([A-Z]+) ([^\s?]+)\S* HTTP\/[\d.]+" (\d+)/g), ([, ...parts]) => parts.join(' ')),
    async close() {
      process.off('exit', kill)
      kill()
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    },
  }
}

/** What basic authentication sends for a login. */
export function basicOf({ username, password }: Login): string {
  return Buffer.from(`${username}:${password}`).toString('base64')
}

async function helmDoes(directory: string, ...args: string[]): Promise<void> {
  const { exitCode, stderr } = await runHelm(directory, '', args)
  assert.equal(exitCode, 0, stderr)
}

/** The password goes by standard input: a test that looks for it among all arguments of the machine must not find ours. */
function hashed({ username, password }: Login): string {
  const { status, stdout, stderr } = spawnSync('htpasswd', ['-niB', username], { input: password, encoding: 'utf8' })
  assert.equal(status, 0, stderr)
  return stdout
}

async function makeCertificate(crt: string, key: string): Promise<void> {
  const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc', '-keyout', key, '-out', crt]
  const said = ['-subj', '/CN=charts', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2']
  await run('openssl', ['req', '-x509', ...made, ...said])
}

async function untilListening(host: string): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    try {
      await fetch(`http://${host}/v2/`)
      return
    } catch {
      // With TLS too it answers plain HTTP, by an error in words, once it is there.
      await sleep(50)
    }
  }
  throw new Error(`docker-registry does not listen on ${host}`)
}
