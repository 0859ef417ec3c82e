import { readFile, writeFile } from 'node:fs/promises'

import { run, which } from './host.ts'

// No cgo: the programs have to run on any libc. No workspace or vendoring of whoever calls us.
const environment = { CGO_ENABLED: '0', GOFLAGS: '-buildvcs=false', GOWORK: 'off' }
const stripped = '-s -w'

/** A program fetched by module path and version, as `go install` does it, left in `dir`. */
export async function installModule(dir: string, path: string, version: string, stamp?: string): Promise<void> {
  const flags = stamp ? `${stripped} -X ${stamp}` : stripped
  await go(dir, ['install', '-trimpath', '-ldflags', flags, `${path}@v${version}`], { GOBIN: dir })
}

/** One of Kubernetes' own programs, built into `dir`. */
export async function buildKubernetes(dir: string, work: string, program: string, version: string): Promise<void> {
  const found = await go(work, ['mod', 'download', '-json', `k8s.io/kubernetes@v${version}`])
  const { GoMod } = JSON.parse(found) as { GoMod: string }
  await writeFile(`${work}/go.mod`, kubernetesGoMod(await readFile(GoMod, 'utf8'), version))
  const [major, minor] = version.split('.')
  const stamps = { gitVersion: `v${version}`, gitMajor: major, gitMinor: minor }
  const flags = Object.entries(stamps).map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`)
  const ldflags = [stripped, ...flags].join(' ')
  const args = ['build', '-mod=mod', '-trimpath', '-ldflags', ldflags, '-o', `${dir}/${program}`]
  await go(work, [...args, `k8s.io/kubernetes/cmd/${program}`])
}

/** A program for Linux, whatever this machine runs, made of one source file that needs nothing but the standard library. */
export async function buildFile(dir: string, program: string, source: string): Promise<void> {
  await go(dir, ['build', '-trimpath', '-ldflags', stripped, '-o', `${dir}/${program}`, source], { GOOS: 'linux' })
}

/**
 * The go.mod of a module that can build Kubernetes' programs. Kubernetes replaces its staging modules by directories of
 * its own repository, which no other module can do; each is also published as v0.<minor>.<patch>.
 */
export function kubernetesGoMod(upstream: string, version: string): string {
  const goVersion = /^go (\S+)$/m.exec(upstream)?.[1]
  const staging = [...upstream.matchAll(/^\s*(?:replace )?(k8s\.io\/\S+) => \.\/staging\/src\//gm)].map(
    (match) => match[1],
  )
  if (!goVersion || staging.length === 0) throw new Error('the go.mod of k8s.io/kubernetes is not as expected')
  const published = `v0.${version.split('.').slice(1).join('.')}`
  const lines = staging.map((path) => `\t${path} => ${path} ${published}`)
  const require = `require k8s.io/kubernetes v${version}`
  return ['module testbed', `go ${goVersion}`, require, `replace (\n${lines.join('\n')}\n)`].join('\n\n') + '\n'
}

function go(cwd: string, args: string[], env: Record<string, string> = {}): Promise<string> {
  const command = which('go')
  if (!command) throw new Error('Go is needed to build the test cluster, and there is no `go` on PATH')
  return run(command, args, { cwd, env: { ...environment, ...env } })
}
