// A forward proxy as companies have it: Debian's squid on a loopback port.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePorts } from '../testbed/allocate.ts'
import { run, searchPath } from '../testbed/host.ts'
import type { Login } from './charts-server.ts'

export type ProxyOptions = {
  login?: Login
  /** The ports that it makes tunnels to; squid's own configuration has 443 only. */
  tunnelPorts: number[]
}
export type Proxy = {
  /** host:port */
  host: string
  /** What it was asked, such as `GET http://helm.test/x 200` or `CONNECT helm.test:443 200`. */
  requests: () => string[]
  close: () => Promise<void>
}

/** Names of this machine that only the proxy knows; it lets nobody to the last one. */
export const proxiedNames = { helm: 'helm.test', mirror: 'mirror.test', forbidden: 'forbidden.test' } as const

/** Starts a proxy, that asks for a login if it is given one. */
export async function startProxy({ login, tunnelPorts }: ProxyOptions): Promise<Proxy> {
  // Squid reads its files as a user of its own, who cannot enter the directories of a test run.
  const directory = mkdtempSync(join(tmpdir(), 'atomic-proxy-'))
  const inside = (name: string): string => join(directory, name)
  const remove = (): void => rmSync(directory, { recursive: true, force: true })
  process.once('exit', remove)
  chmodSync(directory, 0o755)
  const [port] = await freePorts(1, new Set())
  writeFileSync(inside('hosts'), `127.0.0.1 ${Object.values(proxiedNames).join(' ')}\n`)
  if (login) writeFileSync(inside('passwd'), hashed(login))
  writeFileSync(inside('squid.conf'), configuration(port ?? 0, login !== undefined, tunnelPorts, directory))
  if (process.getuid?.() === 0) await run('chown', ['-R', 'proxy:proxy', directory])

  const child = spawn('squid', ['-N', '-f', inside('squid.conf')], { env: { PATH: searchPath() }, stdio: 'ignore' })
  const kill = (): boolean => child.kill('SIGKILL')
  process.once('exit', kill)
  const host = `127.0.0.1:${port}`
  await untilListening(port ?? 0, () => readIfThere(inside('cache.log')))
  return {
    host,
    // Our own look whether it listens is noted as NONE.
    requests: () =>
      readIfThere(inside('access.log'))
        .split('\n')
        .filter((line) => /^[A-Z]+ (?!error:)/.test(line)),
    async close() {
      process.off('exit', kill)
      kill()
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
      remove()
    },
  }
}

/** A proxy that takes every connection and never says a word, until the test ends; its host:port. */
export async function startSilence(context: Pick<TestContext, 'after'>): Promise<string> {
  const sockets: Socket[] = []
  const server = createServer((socket) => sockets.push(socket.on('error', () => undefined)))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  context.after(async () => {
    for (const socket of sockets) socket.destroy()
    await once(server.close(), 'close')
  })
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

function configuration(port: number, withLogin: boolean, tunnelPorts: number[], directory: string): string {
  const login = [
    `auth_param basic program ${authenticator()} ${directory}/passwd`,
    'auth_param basic realm proxy',
    'acl known proxy_auth REQUIRED',
    'http_access deny !known',
  ]
  return [
    `http_port 127.0.0.1:${port}`,
    `hosts_file ${directory}/hosts`,
    'logformat short %rm %ru %>Hs',
    `access_log stdio:${directory}/access.log logformat=short`,
    `cache_log ${directory}/cache.log`,
    `coredump_dir ${directory}`,
    'pid_filename none',
    'buffered_logs off',
    'visible_hostname proxy.test',
    'cache deny all',
    'pinger_enable off',
    'shutdown_lifetime 0 seconds',
    `acl forbidden dstdomain ${proxiedNames.forbidden}`,
    `acl tunnel_ports port 443 ${tunnelPorts.join(' ')}`,
    'acl tunnel method CONNECT',
    'http_access deny forbidden',
    'http_access deny tunnel !tunnel_ports',
    ...(withLogin ? login : []),
    'http_access allow all',
    '',
  ].join('\n')
}

/** Where Debian and Fedora have it. */
function authenticator(): string {
  const places = ['/usr/lib/squid', '/usr/lib64/squid'].map((place) => join(place, 'basic_ncsa_auth'))
  const found = places.find(existsSync)
  assert.ok(found, `squid has no ${places.join(', ')}`)
  return found
}

function hashed({ username, password }: Login): string {
  const { status, stdout, stderr } = spawnSync('htpasswd', ['-niB', username], {
    input: password,
    encoding: 'utf8',
    env: { PATH: searchPath() },
  })
  assert.equal(status, 0, stderr)
  return stdout
}

function readIfThere(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : ''
}

async function untilListening(port: number, log: () => string): Promise<void> {
  for (let tries = 0; tries < 400; tries += 1) {
    const socket = connect(port, '127.0.0.1')
    const isThere = await once(socket, 'connect').catch(() => null)
    socket.destroy()
    if (isThere) return
    await sleep(25)
  }
  throw new Error(`squid does not listen on ${port}:\n${log()}`)
}
