// Programs that Helm and the action start, and which tell what they were given.
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryDirectory } from '../../helpers/temporary.ts'
import type { Testbed } from '../../helpers/testbed.ts'
import { kubeconfigFor } from '../../testbed/testbed.ts'

export type Renderer = {
  /** What `helm-args` names. */
  name: string
  /** Where Helm finds it. */
  env: Record<string, string>
  /** Its environments and arguments so far, as text; empty when it was never run. */
  given: () => string
}

const pluginName = 'relabel'
// It lives long enough to be seen by whoever looks at all processes every few milliseconds.
const tell = (file: string): string =>
  `tr '\\0' '\\n' </proc/$$/environ >>${file}; echo "arguments: $*" >>${file}; sleep 0.05`

/** A post-renderer that changes the label of the shelf: a program for Helm 3, a plugin for Helm 4. */
export function relabel(major: 3 | 4): Renderer {
  const plugins = temporaryDirectory('plugins')
  const plugin = join(plugins, pluginName)
  mkdirSync(plugin)
  const [program, file] = [join(plugin, 'run.sh'), join(plugins, 'given')]
  writeFileSync(program, `#!/bin/sh\n${tell(file)}\nsed 's/rendered-by: nobody/rendered-by: us/'\n`)
  chmodSync(program, 0o755)
  const description = {
    apiVersion: 'v1',
    type: 'postrenderer/v1',
    name: pluginName,
    version: '1.0.0',
    runtime: 'subprocess',
    // oxlint-disable-next-line no-template-curly-in-string
    runtimeConfig: { platformCommand: [{ command: '${HELM_PLUGIN_DIR}/run.sh' }] },
  }
  if (major === 4) writeFileSync(join(plugin, 'plugin.yaml'), JSON.stringify(description))
  return {
    name: major === 4 ? pluginName : program,
    env: major === 4 ? { HELM_PLUGINS: plugins } : {},
    given: () => readGiven(file),
  }
}

/** A kubeconfig whose credentials come from a program, and what that was given. */
export function execKubeconfig(testbed: Testbed): { kubeconfig: string; given: () => string } {
  const directory = temporaryDirectory('plugin')
  const [program, file] = [join(directory, 'credentials'), join(directory, 'given')]
  const status = { token: testbed.adminToken }
  const answer = { apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status }
  writeFileSync(program, `#!/bin/sh\n${tell(file)}\necho '${JSON.stringify(answer)}'\n`)
  chmodSync(program, 0o755)
  const kubeconfig = kubeconfigFor(testbed, { exec: { command: program, args: [] } })
  return { kubeconfig, given: () => readGiven(file) }
}

function readGiven(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}
