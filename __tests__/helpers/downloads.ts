// Where Helm is downloaded from: a server of this process that answers by a script, and misbehaves where it says so.
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { helmEntries, platformName, tarGz } from './archives.ts'
import type { Certificate } from './certificate.ts'
import type { Login } from './charts-server.ts'
import { basicOf } from './charts-server.ts'
import { programSaying } from './program.ts'

export type Answer = {
  /** 200 when left out. */
  status?: number
  headers?: Record<string, string>
  body?: Buffer | string
  /**
   * What goes wrong: `mute` never answers, `gone` hangs up instead; with half of the body sent, `stall` never goes on, `reset` resets
   * the connection and `short` closes it; `drip` sends a byte each second.
   */
  fault?: 'mute' | 'gone' | 'stall' | 'reset' | 'short' | 'drip'
}
/** What is at a path, such as `/helm-latest-version`: the same each time, or one answer after the other, the last one again and again. */
export type Script = Record<string, Answer | Answer[]>
export type Asked = { path: string; status: number; hasLogin: boolean }
export type Downloads = {
  /** The origin, without a slash at the end. */
  url: string
  port: number
  /** Everything that was asked so far. */
  asked: () => Asked[]
  /** The same in short: `/helm-latest-version 200`. */
  requests: () => string[]
  close: () => Promise<void>
}
export type DownloadsOptions = { tls?: Certificate; login?: Login }

/** Starts a server with these files; everything else is a 404 in XML, as Helm's own server has it. */
export async function startDownloads(script: Script, { tls, login }: DownloadsOptions = {}): Promise<Downloads> {
  const asked: Asked[] = []
  const counts = new Map<string, number>()
  const next = (path: string): Answer => {
    const answers = [script[path] ?? notThere].flat()
    const count = counts.get(path) ?? 0
    counts.set(path, count + 1)
    return answers[Math.min(count, answers.length - 1)] ?? notThere
  }
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    const path = request.url ?? ''
    const { authorization } = request.headers
    const isOpen = !login || authorization === `Basic ${basicOf(login)}`
    const answer = isOpen ? next(path) : { status: 401, headers: { 'www-authenticate': 'Basic realm="helm"' } }
    asked.push({ path, status: answer.status ?? 200, hasLogin: authorization !== undefined })
    send(response, answer)
  }
  const server = tls ? createTlsServer({ cert: tls.cert, key: tls.key }, listener) : createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    port,
    asked: () => asked,
    requests: () => asked.map(({ path, status }) => `${path} ${status}`),
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const notThere: Answer = {
  status: 404,
  headers: { 'content-type': 'application/xml' },
  body: '<?xml version="1.0"?><Error><Code>BlobNotFound</Code></Error>',
}

function send(response: ServerResponse, { status = 200, headers = {}, body = '', fault }: Answer): void {
  if (fault === 'mute') return
  if (fault === 'gone') return void response.destroy()
  const content = Buffer.from(body)
  const length = 'transfer-encoding' in headers ? {} : { 'content-length': content.length }
  response.writeHead(status, { ...length, ...headers })
  if (!fault) return void response.end(content)
  if (fault === 'drip') {
    const dripping = setInterval(() => response.write('x'), 1000)
    return void response.once('close', () => clearInterval(dripping))
  }
  // Not before it has arrived: a reset overtakes what is still on its way.
  response.write(content.subarray(0, content.length / 2), () => {
    if (fault === 'reset') setTimeout(() => response.socket?.resetAndDestroy(), 50)
    if (fault === 'short') response.socket?.end()
  })
}

/** An answer that sends the client to another place. */
export function redirect(location: string, status = 302): Answer {
  return { status, headers: { location } }
}

/** The name under which Helm publishes an archive for this machine. */
export function archiveNameOf(version: string): string {
  return `helm-v${version}-${platformName}.tar.gz`
}

/** SHA-256 in lower-case hex. */
export function sha256Of(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}

/** An archive with a program of a few bytes that says it is a Helm of this version. */
export async function smallArchive(version: string, said = `v${version}`): Promise<Buffer> {
  return tarGz(helmEntries(programSaying(said)).map(({ name, content }) => ({ name, content })))
}

/** What Helm publishes of a version, under a base such as `/mirror`: the archive, and its hash beside it. */
export function published(version: string, archive: Buffer, base = ''): Record<string, Answer> {
  const name = archiveNameOf(version)
  return {
    [`${base}/${name}`]: { body: archive },
    [`${base}/${name}.sha256sum`]: { body: `${sha256Of(archive)}  ${name}\n` },
  }
}
