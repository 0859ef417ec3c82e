import { posix, win32, type PlatformPath } from 'node:path'

/** One of the systems that a runner can be. The edge takes it from Node, so that a test can be on any. */
export interface System {
  readonly name: NodeJS.Platform
  /** The processor, as Node names it. */
  readonly arch: string
  /** How paths are written there. */
  readonly path: PlatformPath
}

type Env = Readonly<Record<string, string | undefined>>

/** The system of that name. */
export function systemOf(name: NodeJS.Platform, arch: string): System {
  return { name, arch, path: name === 'win32' ? win32 : posix }
}

/** The name under which an environment has a variable: on Windows `Path` is `PATH`. The name itself when it has none. */
export function variableName(env: Env, name: string, system: System): string {
  if (system.name !== 'win32' || env[name] !== undefined) return name
  return Object.keys(env).find((key) => key.toUpperCase() === name.toUpperCase()) ?? name
}

/** What a look for a program comes to: where it is, or where only a script of that name is. */
export type FoundProgram = { readonly path: string } | { readonly script: string } | null

/**
 * Looks for a program as the system does. On Windows one has the ending `.exe`. What else stands for a command there (PATHEXT: `.cmd`,
 * `.bat`) needs a shell, which would read arguments that are not ours as its own: it is told, and never run (Node, CVE-2024-27980).
 */
export function findProgram(
  name: string,
  env: Env,
  system: System,
  isProgram: (path: string) => boolean,
): FoundProgram {
  const { path } = system
  const isWindows = system.name === 'win32'
  const value = (variable: string): string => env[variableName(env, variable, system)] ?? ''
  const folders = value('PATH')
    .split(path.delimiter)
    // On Windows one may stand in quotes.
    .map((folder) => (isWindows ? folder.replaceAll('"', '') : folder))
    .filter(Boolean)
  const find = (ending: string): string[] => folders.map((folder) => path.join(folder, `${name}${ending}`))
  const found = find(isWindows ? '.exe' : '').find(isProgram)
  if (found !== undefined) return { path: found }
  if (!isWindows) return null
  const endings = (value('PATHEXT') || '.COM;.EXE;.BAT;.CMD').toLowerCase().split(';').filter(Boolean)
  const script = endings.flatMap(find).find(isProgram)
  return script === undefined ? null : { script }
}

/** The path of one file or folder from another that it is in, with slashes; null when it is not in it, empty when it is the same. */
export function pathFrom(outer: string, inner: string, { path }: Pick<System, 'path'>): string | null {
  const inside = path.relative(outer, inner)
  const isOutside = inside === '..' || inside.startsWith(`..${path.sep}`) || path.isAbsolute(inside)
  return isOutside ? null : inside.split(path.sep).join('/')
}

/** The kubeconfig files that everybody looks for, in their order, as client-go does (clientcmd, homedir.go). */
export function kubeconfigFiles(env: Env, system: System, home: string, exists: (path: string) => boolean): string[] {
  const { path } = system
  if (env['KUBECONFIG']) return env['KUBECONFIG'].split(path.delimiter).filter(Boolean)
  const inHome = (folder: string): string => path.join(folder, '.kube', 'config')
  if (system.name !== 'win32') return [inHome(env['HOME'] ?? home)]
  const value = (variable: string): string => env[variableName(env, variable, system)] ?? ''
  const driveAndPath = value('HOMEDRIVE') && value('HOMEPATH') && value('HOMEDRIVE') + value('HOMEPATH')
  const folders = [value('HOME'), driveAndPath, value('USERPROFILE')].filter(Boolean)
  return [inHome(folders.find((folder) => exists(inHome(folder))) ?? home)]
}
