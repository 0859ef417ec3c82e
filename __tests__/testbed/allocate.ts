import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'

import { withLock } from './lock.ts'
import { existingInstances, instanceOf, type Instance } from './paths.ts'

/** What an instance holds of the machine: ports, and the first three numbers of its pods' addresses. */
export interface Allocation {
  ports: { etcd: number; etcdPeer: number; apiserver: number; kubelet: number; registry: number }
  subnet: string
}

// Below the range that outgoing connections take theirs from, so that a port picked now is free a moment later.
const firstPort = 20_000
const lastPort = 30_000

/** Picks free ports and a free subnet for a new instance and writes them down where the next one sees them. */
export function allocate(instance: Instance): Promise<Allocation> {
  return withLock('allocate', async () => {
    const others = existingInstances().flatMap((name) => readAllocation(instanceOf(name)) ?? [])
    const taken = new Set(others.flatMap((other) => Object.values(other.ports)))
    const [etcd, etcdPeer, apiserver, kubelet, registry] = await freePorts(5, taken)
    const routes = readFileSync('/proc/net/route', 'utf8')
    const subnets = others.map((other) => other.subnet)
    const allocation = {
      ports: { etcd: etcd!, etcdPeer: etcdPeer!, apiserver: apiserver!, kubelet: kubelet!, registry: registry! },
      subnet: freeSubnet(routes, subnets),
    }
    mkdirSync(instance.dir, { recursive: true })
    writeFileSync(fileOf(instance), JSON.stringify(allocation, null, 2))
    return allocation
  })
}

/** What an existing instance holds, or undefined when it got no further than its name. */
export function readAllocation(instance: Instance): Allocation | undefined {
  if (!existsSync(fileOf(instance))) return undefined
  return JSON.parse(readFileSync(fileOf(instance), 'utf8')) as Allocation
}

/** That many different ports which nobody listens on and which are not taken. */
export async function freePorts(count: number, taken: Set<number>): Promise<number[]> {
  const found = new Set<number>()
  const start = firstPort + Math.floor(Math.random() * (lastPort - firstPort))
  for (let step = 0; step < lastPort - firstPort && found.size < count; step++) {
    const port = firstPort + ((start - firstPort + step) % (lastPort - firstPort))
    if (!taken.has(port) && (await isFree(port))) found.add(port)
  }
  if (found.size < count) throw new Error(`no ${count} free ports between ${firstPort} and ${lastPort}`)
  return [...found]
}

/** The first 10.199.x that neither another instance uses nor a route of this machine (the text of /proc/net/route) covers. */
export function freeSubnet(routes: string, taken: string[]): string {
  const routed = routes.split('\n').slice(1).flatMap(parseRoute)
  for (let third = 1; third < 255; third++) {
    const subnet = `10.199.${third}`
    const address = ((10 << 24) | (199 << 16) | (third << 8)) >>> 0
    // Two ranges overlap when they agree in the bits that both masks keep.
    const covered = routed.some(({ to, mask }) => ((to ^ address) & mask & 0xff_ff_ff_00) === 0)
    if (!covered && !taken.includes(subnet)) return subnet
  }
  throw new Error('every 10.199.x.0/24 is in use on this machine')
}

// A line is: interface, destination, gateway, flags, use counts, metric, mask …; addresses are hexadecimal, last byte first.
function parseRoute(line: string): { to: number; mask: number }[] {
  const [, to, , , , , , mask] = line.trim().split(/\s+/)
  if (!to || !mask || /^0+$/.test(mask)) return []
  return [{ to: littleEndian(to), mask: littleEndian(mask) }]
}

function littleEndian(hex: string): number {
  return Buffer.from(hex, 'hex').readUInt32LE()
}

// Asked for on all addresses, as some components listen on a pod network's address and not on loopback.
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '0.0.0.0', () => server.close(() => resolve(true)))
  })
}

function fileOf(instance: Instance): string {
  return `${instance.dir}/allocation.json`
}
