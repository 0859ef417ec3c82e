import { existsSync, readFileSync, readdirSync, rmSync, rmdirSync } from 'node:fs'

import { pause, run } from './host.ts'
import { removePlaces } from './namespace.ts'
import { instancesDir, type Instance } from './paths.ts'
import { podCgroups, podProcesses, removeCgroups } from './pods.ts'
import { findProcesses } from './processes.ts'

/**
 * Removes every trace of an instance but the build cache. It relies on nothing that a crash could have taken: what
 * belongs to an instance is found by its name alone. Nothing is stopped gently, as nothing of it is kept.
 */
export async function teardown(instance: Instance): Promise<void> {
  // Looked up first: containerd's directory of containers shrinks while its shims die.
  const groups = podCgroups(instance)
  await killAll(instance)
  await removeCgroups(instance, groups)
  await unmountAll(instance)
  await removeBridge(instance)
  removePlaces(instance)
  rmSync(instance.dir, { recursive: true, force: true, maxRetries: 5 })
  removeIfEmpty(instancesDir())
  if (anythingLeft(instance)) throw new Error(`something of ${instance.dir} is still there: run \`down\` once more`)
}

/** Whether anything of the instance is there. */
export function anythingLeft(instance: Instance): boolean {
  return (
    existsSync(instance.dir) ||
    existsSync(`/sys/class/net/${instance.bridge}`) ||
    findProcesses(instance).length > 0 ||
    podProcesses(instance).length > 0
  )
}

async function killAll(instance: Instance): Promise<void> {
  const deadline = Date.now() + 20_000
  for (;;) {
    const pids = [...findProcesses(instance).map(({ pid }) => pid), ...podProcesses(instance)]
    if (pids.length === 0) return
    if (Date.now() > deadline) throw new Error(`these processes cannot be killed: ${pids.join(' ')}`)
    for (const pid of pids) kill(pid)
    await pause(20)
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    return // Gone already.
  }
}

// The node's own mounts died with its namespace; whatever else was mounted below must not be deleted through.
async function unmountAll(instance: Instance): Promise<void> {
  const points = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
  for (const point of points.filter((point) => point.startsWith(`${instance.dir}/`)).toReversed()) {
    await run('umount', ['--lazy', point])
  }
}

async function removeBridge(instance: Instance): Promise<void> {
  const bridge = `/sys/class/net/${instance.bridge}`
  if (!existsSync(bridge)) return
  // The far ends went with the pods, but only when the kernel gets round to it. One may vanish before we ask for it.
  for (const port of readdirSync(`${bridge}/brif`)) {
    await run('ip', ['link', 'delete', port]).catch(() => undefined)
  }
  await run('ip', ['link', 'delete', instance.bridge])
}

function removeIfEmpty(dir: string): void {
  try {
    rmdirSync(dir)
  } catch {
    return
  }
}
