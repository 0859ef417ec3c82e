// A helm that tells how it was called before it does its work.
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryDirectory } from './temporary.ts'

export type Witness = {
  /** Goes before Helm's own directory on PATH. */
  directory: string
  /** The arguments of each call so far. */
  calls: () => string[][]
  /** The mode and path of each private kubeconfig that a call was given. */
  kubeconfigs: () => string[]
}

/** Puts a witness before the helm of a directory. */
export function witnessHelm(real: string): Witness {
  const directory = temporaryDirectory('witness')
  const [argv, modes] = [join(directory, 'argv'), join(directory, 'modes')]
  const script = [
    '#!/bin/sh',
    `{ for a in "$@"; do printf '%s\\037' "$a"; done; printf '\\036'; } >>${argv}`,
    'for a in "$KUBECONFIG" "$@"; do',
    `  case "$a" in */atomic-helm-*kubeconfig) stat -c '%a %n' "\${a#--kubeconfig=}" >>${modes};; esac`,
    'done',
    `exec ${join(real, 'helm')} "$@"`,
  ]
  writeFileSync(join(directory, 'helm'), `${script.join('\n')}\n`)
  chmodSync(join(directory, 'helm'), 0o755)
  const read = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8') : '')
  const split = (text: string, by: string): string[] => text.split(by).slice(0, -1)
  return {
    directory,
    calls: () => split(read(argv), '\u001E').map((call) => split(call, '\u001F')),
    kubeconfigs: () => split(read(modes), '\n'),
  }
}
