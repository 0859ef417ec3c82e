// What a testbed could leave on a machine, looked for in other ways than `down` does it.
import { existsSync, readFileSync, readlinkSync, readdirSync } from 'node:fs'
import { connect } from 'node:net'
import { readAllocation } from './allocate.ts'
import type { Instance } from './paths.ts'
import { podCgroups } from './pods.ts'
import { allPids, readProc } from './processes.ts'

/** What a running instance holds beyond its directory, by names that can be asked for when it is gone. */
export interface Holdings {
  ports: number[]
  interfaces: string[]
  cgroups: string[]
  subnet: string
}

/** Notes what an instance holds. */
export function holdingsOf(instance: Instance): Holdings {
  const { ports, subnet } = readAllocation(instance) ?? { ports: {}, subnet: '' }
  const bridge = `/sys/class/net/${instance.bridge}`
  const interfaces = [instance.bridge, ...(existsSync(bridge) ? readdirSync(`${bridge}/brif`) : [])]
  return { ports: Object.values(ports), interfaces, cgroups: podCgroups(instance), subnet }
}

/** Everything of an instance that is on this machine: a line each, and none when it is gone. */
export async function tracesOf({ dir }: Instance, holdings: Holdings): Promise<string[]> {
  const { ports, interfaces, cgroups, subnet } = holdings
  const isOpen = await Promise.all(ports.map(isListening))
  return [
    ...(existsSync(dir) ? [`directory ${dir}`] : []),
    ...allPids().flatMap((pid) => processTrace(pid, dir)),
    ...interfaces.filter((name) => existsSync(`/sys/class/net/${name}`)).map((name) => `interface ${name}`),
    ...(subnet && readFileSync('/proc/net/fib_trie', 'utf8').includes(`${subnet}.1\n`) ? [`address ${subnet}.1`] : []),
    ...cgroups.filter((path) => existsSync(path)).map((path) => `control group ${path}`),
    ...ports.filter((_, index) => isOpen[index]).map((port) => `port ${port}`),
  ]
}

/** A process is of the instance when its directory is in what it was started with, in where it works, or in what it sees mounted. */
function processTrace(pid: number, dir: string): string[] {
  const names = (text: string): boolean => text.includes(`${dir}/`) || text.split(/[\0\s=]/).includes(dir)
  const where = ['cmdline', 'environ', 'mountinfo'].filter((file) => names(readProc(pid, file)))
  if (names(workingDirectory(pid))) where.push('cwd')
  return where.length === 0 ? [] : [`process ${pid} (${where.join(', ')}): ${readProc(pid, 'comm').trim()}`]
}

function workingDirectory(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return '' // It has ended.
  }
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.unref()
    socket.once('connect', () => socket.destroy())
  })
}
