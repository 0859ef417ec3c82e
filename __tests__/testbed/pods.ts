import { existsSync, readFileSync, readdirSync, rmdirSync } from 'node:fs'

import { containerdNamespace, containersDir } from './containerd.ts'
import { pause } from './host.ts'
import { othersExist, type Instance } from './paths.ts'
import { allPids, readProc } from './processes.ts'

const cgroupFilesystem = '/sys/fs/cgroup'

/** The processes inside of an instance's pods, found also when all that started them is gone. */
export function podProcesses(instance: Instance): number[] {
  const inGroups = podCgroups(instance).flatMap((dir) =>
    read(`${dir}/cgroup.procs`).split('\n').filter(Boolean).map(Number),
  )
  const all = new Set([...inGroups, ...processesOnDisk(instance)])
  return [...all].filter((pid) => pid > 0 && isAlive(pid))
}

/** The control groups of an instance's containers, in each hierarchy that this kernel has. */
export function podCgroups(instance: Instance): string[] {
  const ids = new Set(names(containersDir(instance)))
  for (const pid of processesOnDisk(instance)) {
    const found = new RegExp(`/${containerdNamespace}/([0-9a-f]{64})`).exec(readProc(pid, 'cgroup'))
    if (found?.[1]) ids.add(found[1])
  }
  return parents().flatMap((parent) => [...ids].map((id) => `${parent}/${id}`).filter(existsSync))
}

/** Removes control groups whose processes are dead, and their parents after the last instance. */
export async function removeCgroups(instance: Instance, groups: string[]): Promise<void> {
  const deadline = Date.now() + 10_000
  for (let left = groups; ; await pause(10)) {
    // A group stays busy for a moment after its last process has died.
    left = left.filter((dir) => !isRemoved(dir))
    if (left.length === 0) break
    if (Date.now() > deadline) throw new Error(`these control groups cannot be removed: ${left.join(' ')}`)
  }
  // Not under the feet of another instance that is about to make one inside.
  if (!othersExist(instance)) for (const parent of parents()) isRemoved(parent)
}

// The root file system of a container is an overlay that keeps its changes in our directory.
function processesOnDisk(instance: Instance): number[] {
  const marker = `upperdir=${instance.dir}/`
  return allPids().filter((pid) => readProc(pid, 'mountinfo').includes(marker))
}

// Version 2 has one hierarchy, version 1 one for each controller.
function parents(): string[] {
  const hierarchies = [cgroupFilesystem, ...names(cgroupFilesystem).map((name) => `${cgroupFilesystem}/${name}`)]
  return hierarchies.map((hierarchy) => `${hierarchy}/${containerdNamespace}`).filter(existsSync)
}

function isRemoved(dir: string): boolean {
  try {
    rmdirSync(dir)
  } catch {
    return !existsSync(dir)
  }
  return true
}

// A process that is dead but not waited for cannot be killed any further.
function isAlive(pid: number): boolean {
  return /^State:\s+[^ZX]/m.test(readProc(pid, 'status'))
}

function names(dir: string): string[] {
  try {
    return readdirSync(dir)
  } catch {
    return []
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
