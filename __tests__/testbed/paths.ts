import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'

/** Everything about an instance that follows from its name, so that it can be cleaned up when nothing else is left of it. */
export interface Instance {
  name: string
  dir: string
  nodeName: string
  /** Unique on this machine, whatever TMPDIR is. */
  id: string
  /** The network interface that the pods hang on. */
  bridge: string
}

/** Where builds are kept, outside of the source tree. */
export function cacheDir(): string {
  return `${process.env['XDG_CACHE_HOME'] || `${homedir()}/.cache`}/atomic-helm-action`
}

/** The directory that holds one directory per instance. */
export function instancesDir(): string {
  return `${tmpdir()}/atomic-helm-testbed`
}

/** The instance of that name, whether it runs or not. */
export function instanceOf(name: string): Instance {
  if (!/^[a-z]([a-z0-9-]{0,18}[a-z0-9])?$/.test(name)) {
    throw new Error(`'${name}' cannot name a testbed: up to 20 lower-case letters, digits and inner dashes`)
  }
  const dir = `${instancesDir()}/${name}`
  // It goes into configuration files of several languages.
  if (!/^[\w./-]+$/.test(dir)) throw new Error(`${dir} has characters that not all components take; set TMPDIR`)
  // Socket paths end at 107 bytes, and this is the longest that we and the kubelet make.
  if (`${dir}/kubelet/pod-resources/kubelet.sock.123456`.length > 107) {
    throw new Error(`${dir} is too long a path for sockets; set TMPDIR to a shorter one`)
  }
  // Interface names end at 15 bytes, and the same name may be used under two directories.
  const id = createHash('sha256').update(dir).digest('hex').slice(0, 8)
  return { name, dir, nodeName: `testbed-${name}`, id, bridge: `ahtb${id}` }
}

/** Whether there are instances besides this one, with which it shares some empty directories of the machine. */
export function othersExist(instance: Instance): boolean {
  return existingInstances().some((name) => name !== instance.name)
}

/** The names of the instances that exist, running or left over. */
export function existingInstances(): string[] {
  try {
    return readdirSync(instancesDir())
  } catch {
    return []
  }
}
