// A credential plugin as clouds have them: a program that the kubeconfig names, whose tokens live for seconds.
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { kubeconfigFor } from '../testbed/testbed.ts'
import { temporaryDirectory } from './temporary.ts'

export type ExecPlugin = {
  /** For `startFaultyApi`: the kubeconfig that names the plugin, and who tells a token that has ended from one that lives. */
  kubeconfigOf: (cluster: { server: string; caFile: string }) => string
  exchange: (token: string) => string | undefined
  /** How often it was called so far. */
  calls: () => number
}

/** Writes a plugin whose tokens stand for `token` as long as they live; it fails at the call of that number, or from it on. */
export function writeExecPlugin(
  token: string,
  {
    livesMs = 20_000,
    failsAt = 0,
    failsFrom = Infinity,
  }: { livesMs?: number; failsAt?: number; failsFrom?: number } = {},
): ExecPlugin {
  const directory = temporaryDirectory('exec-plugin')
  const [command, count] = [join(directory, 'credentials'), join(directory, 'calls')]
  const script = [
    '#!/bin/sh',
    `echo call >>'${count}'`,
    `number=$(wc -l <'${count}')`,
    `if [ "$number" -eq ${failsAt} ] || [ "$number" -ge ${failsFrom === Infinity ? 1_000_000 : failsFrom} ]; then`,
    "  echo 'the token endpoint does not answer' >&2; exit 1",
    'fi',
    `end=$(( $(date +%s) + ${Math.round(livesMs / 1000)} ))`,
    `printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"until-%s","expirationTimestamp":"%s"}}' \\`,
    '  "$end" "$(date -u -d @"$end" +%Y-%m-%dT%H:%M:%SZ)"',
  ]
  writeFileSync(command, `${script.join('\n')}\n`)
  chmodSync(command, 0o755)
  return {
    kubeconfigOf: (cluster) => kubeconfigFor(cluster, { exec: { command } }),
    exchange: (given) => {
      const end = Number(/^until-(\d+)$/.exec(given)?.[1] ?? 0) * 1000
      return Date.now() < end ? token : undefined
    },
    calls: () => (existsSync(count) ? readFileSync(count, 'utf8').split('\n').length - 1 : 0),
  }
}
