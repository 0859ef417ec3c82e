import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

import { othersExist, type Instance } from './paths.ts'
import { findProcesses } from './processes.ts'

// containerd, the kubelet and the controller manager write to some fixed places outside of the directories they are
// given, and set some kernel parameters. They therefore run in a mount namespace where those places are directories and
// files of the instance. Every mount they make ends with them, however they end, and two instances never meet.
const places = ['/run/containerd', '/var/lib/kubelet', '/var/lib/cni', '/var/log/containers', '/tmp/hostpath_pv']

// What the kubelet and the network plugins would write; they leave alone what has that value already.
const parameters: Record<string, string> = {
  '/proc/sys/vm/overcommit_memory': '1',
  '/proc/sys/vm/panic_on_oom': '0',
  '/proc/sys/kernel/panic': '10',
  '/proc/sys/kernel/panic_on_oops': '1',
  '/proc/sys/kernel/keys/root_maxkeys': '1000000',
  '/proc/sys/kernel/keys/root_maxbytes': '25000000',
  '/proc/sys/net/ipv4/ip_forward': '1',
}

/** The command line that runs the first program of a new namespace; it holds the namespace that the others join. */
export function inNewNamespace(instance: Instance, command: string[]): [string, string[]] {
  const script = ['set -eu']
  for (const place of places) {
    mkdirSync(place, { recursive: true })
    mkdirSync(privateCopy(instance, place), { recursive: true })
    script.push(`mount --bind '${privateCopy(instance, place)}' ${place}`)
  }
  for (const [parameter, value] of Object.entries(parameters)) {
    if (!existsSync(parameter)) continue
    mkdirSync(dirname(privateCopy(instance, parameter)), { recursive: true })
    writeFileSync(privateCopy(instance, parameter), `${value}\n`)
    script.push(`mount --bind '${privateCopy(instance, parameter)}' ${parameter}`)
  }
  script.push('exec "$@"')
  // As a slave it still sees what the machine mounts later on; nothing goes the other way.
  return ['unshare', ['--mount', '--propagation', 'slave', 'sh', '-c', script.join('\n'), 'sh', ...command]]
}

/** The command line that runs a program in the namespace of the instance's containerd. */
export function inNamespace(instance: Instance, command: string[]): [string, string[]] {
  const holder = findProcesses(instance).find(({ program }) => program === 'containerd')
  if (!holder) throw new Error('containerd is not running')
  return ['nsenter', [`--mount=/proc/${holder.pid}/ns/mnt`, '--', ...command]]
}

/** Removes the empty directories that were only there to be mounted over, unless another instance needs them. */
export function removePlaces(instance: Instance): void {
  if (othersExist(instance)) return
  for (const place of places) {
    try {
      rmdirSync(place)
    } catch {
      continue // In use by somebody else, or gone.
    }
  }
}

function privateCopy(instance: Instance, path: string): string {
  return `${instance.dir}/host${path}`
}
