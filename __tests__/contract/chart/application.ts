// A chart directory with dependencies, as a workflow has it after checkout: locked, but without what is in `charts/`.
import assert from 'node:assert/strict'
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { configMap } from '../../helpers/chart.ts'
import type { Login } from '../../helpers/charts-server.ts'
import { runHelm } from '../../helpers/helm.ts'
import { temporaryDirectory } from '../../helpers/temporary.ts'
import { authsOf } from './home.ts'
import { anyHelm, chartName, shelf } from './shelf.ts'

/** The repository is a URL, or `@name` of one that is known as `known`. */
export type Dependency = { name: string; version: string; repository: string }
export type Server = {
  login: Login
  /** Of a registry. */
  host?: string
  /** Of a repository. */
  url?: string
  /** How Helm reaches it; over plain HTTP when left out. */
  flags?: string[]
}

/** The name under which a repository is known that goes by one. */
export const knownName = 'known'

/** Makes a workspace with the chart `app`, locked by Helm itself, and the chart of the shelf in `libs`. */
export async function workspaceWith(dependencies: Dependency[], server?: Server): Promise<string> {
  const workspace = temporaryDirectory('workspace')
  cpSync(shelf, join(workspace, 'libs', chartName), { recursive: true })
  mkdirSync(join(workspace, 'app', 'templates'), { recursive: true })
  writeFileSync(join(workspace, 'app', 'templates', 'app.yaml'), configMap('app', {}))
  writeDependencies(workspace, dependencies)
  await vendor(workspace, server)
  rmSync(join(workspace, 'app', 'charts'), { recursive: true })
  return workspace
}

/** Writes Chart.yaml with these dependencies, whatever the lock says. */
export function writeDependencies(workspace: string, dependencies: Dependency[]): void {
  const chart = { apiVersion: 'v2', name: 'app', version: '1.0.0', dependencies }
  writeFileSync(join(workspace, 'app', 'Chart.yaml'), JSON.stringify(chart))
}

/** `helm dependency update`, with the login that the server asks for. */
export async function vendor(workspace: string, server?: Server): Promise<void> {
  const home = temporaryDirectory('home')
  const [auths, known] = [join(home, 'config.json'), join(home, 'repositories.yaml')]
  writeFileSync(auths, JSON.stringify(server?.host ? authsOf(server.host, server.login) : {}))
  const repositories = server?.url ? [{ name: knownName, url: server.url, ...server.login }] : []
  writeFileSync(known, JSON.stringify({ apiVersion: '', repositories }))
  const files = [`--registry-config=${auths}`, `--repository-config=${known}`, `--repository-cache=${home}`]
  const args = ['dependency', 'update', join(workspace, 'app'), ...(server?.flags ?? ['--plain-http']), ...files]
  const { exitCode, stderr } = await runHelm(anyHelm, '', args)
  assert.equal(exitCode, 0, stderr)
}
