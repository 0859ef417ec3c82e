import { existsSync } from 'node:fs'

import { run, which } from './host.ts'
import { withLock } from './lock.ts'
import { estimate, withProgress } from './progress.ts'

// A program and the Debian package it comes in. Judged by program, not by package: on many machines containerd is there
// from another source, and the two packages exclude each other.
const programs: [program: string, debianPackage: string][] = [
  ['etcd', 'etcd-server'],
  ['containerd', 'containerd'],
  ['ctr', 'containerd'],
  ['runc', 'runc'],
  ['docker-registry', 'docker-registry'],
  ['htpasswd', 'apache2-utils'],
  ['openssl', 'openssl'],
  ['squid', 'squid'],
  ['faketime', 'faketime'],
  ['ip', 'iproute2'],
  ['mount', 'mount'],
  ['unshare', 'util-linux'],
]

const pluginPackage = 'containernetworking-plugins'

/** All that may be installed; the README names them. */
export const debianPackages: readonly string[] = [...new Set([...programs.map(([, name]) => name), pluginPackage])]

const pluginDirs = ['/usr/lib/cni', '/opt/cni/bin']

/** The directory that holds the CNI plugins we need, or undefined. */
export function cniPluginDir(): string | undefined {
  return pluginDirs.find((dir) =>
    ['bridge', 'host-local', 'loopback'].every((plugin) => existsSync(`${dir}/${plugin}`)),
  )
}

/** Installs the Debian packages whose programs are missing; does nothing when all are there. */
export async function ensurePackages(): Promise<void> {
  await installMissing(missingPackages)
}

/** Installs the Debian packages that are missing by the judgement of the caller, and asks it again afterwards. */
export async function installMissing(missingOf: () => readonly string[]): Promise<void> {
  if (missingOf().length === 0) return
  // apt-get refuses where another of its kind runs, and two testbeds may start on a new machine at once.
  await withLock('apt', () => install(missingOf))
}

async function install(missingOf: () => readonly string[]): Promise<void> {
  const missing = missingOf()
  if (missing.length === 0) return
  if (!which('apt-get')) {
    throw new Error(`These Debian packages are needed and there is no apt-get to install them: ${missing.join(' ')}`)
  }
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  const install = ['install', '-o', 'DPkg::Lock::Timeout=120', '-y', '--no-install-recommends', ...missing]
  await withProgress(`installing ${missing.join(' ')}, ${estimate(40)}`, async () => {
    await run('apt-get', ['update', '-q'], { env })
    await run('apt-get', install, { env })
  })
  const still = missingOf()
  if (still.length > 0) throw new Error(`apt-get installed ${still.join(' ')}, but what we need from it is not there`)
}

function missingPackages(): string[] {
  const missing = programs.filter(([program]) => !which(program)).map(([, debianPackage]) => debianPackage)
  if (!cniPluginDir()) missing.push(pluginPackage)
  return [...new Set(missing)]
}
