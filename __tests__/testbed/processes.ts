import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync, readdirSync } from 'node:fs'
import { basename } from 'node:path'

import { searchPath } from './host.ts'
import type { Instance } from './paths.ts'

// Every process we start carries this variable, and hands it on to what it starts (shims, runc, network plugins). It is
// how `down` finds them all, whatever has crashed; nothing else ever sets it.
const marker = 'ATOMIC_TESTBED_INSTANCE'

/** A component that was started by this command. */
export interface Started {
  component: string
  /** Set once it has ended. */
  ended?: string
}

/** A process of an instance. */
export interface Found {
  pid: number
  program: string
}

/** Starts a component that outlives this command, with its output in a log file of the instance. */
export function start(instance: Instance, component: string, command: string, args: string[]): Started {
  mkdirSync(`${instance.dir}/logs`, { recursive: true })
  const log = openSync(logFile(instance, component), 'a')
  // A small environment: nothing of the caller's (KUBECONFIG, registry logins in HOME) may leak into the cluster.
  // The last one keeps `mount` from making /run/mount on machines that have none.
  const own = { HOME: instance.dir, LIBMOUNT_UTAB: `${instance.dir}/utab` }
  const env = { PATH: searchPath(), ...own, [marker]: instance.dir }
  const child = spawn(command, args, { cwd: instance.dir, env, detached: true, stdio: ['ignore', log, log] })
  closeSync(log)
  const started: Started = { component }
  child.once('error', (error) => (started.ended = error.message))
  child.once('exit', (code, signal) => (started.ended = `it ended with ${signal ?? `exit code ${code}`}`))
  child.unref()
  return started
}

/** All processes of an instance but those inside of its pods. */
export function findProcesses(instance: Instance): Found[] {
  const wanted = `${marker}=${instance.dir}`
  return allPids().flatMap((pid) => {
    if (!readProc(pid, 'environ').split('\0').includes(wanted)) return []
    return [{ pid, program: basename(readProc(pid, 'cmdline').split('\0')[0] ?? '') }]
  })
}

/** The last lines a component wrote. */
export function tailOf(instance: Instance, component: string, lines = 25): string {
  try {
    return readFileSync(logFile(instance, component), 'utf8').trimEnd().split('\n').slice(-lines).join('\n')
  } catch {
    return ''
  }
}

/** Where a component writes. */
export function logFile(instance: Instance, component: string): string {
  return `${instance.dir}/logs/${component}.log`
}

/** The ids of all processes of this machine. */
export function allPids(): number[] {
  return readdirSync('/proc').map(Number).filter(Number.isInteger)
}

/** A file of /proc about a process; empty when it is gone by now. */
export function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}
