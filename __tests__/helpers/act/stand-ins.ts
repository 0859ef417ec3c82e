// What only a cloud has is stood in for by actions that do as they say: shell, with the testbed's kubeconfig in TESTBED.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryDirectory } from '../temporary.ts'

export type StandIn = {
  run: string
  /** The name of the output that it sets. */
  output?: string
  /** The inputs that the shell reads, as environment variables of the same names. */
  inputs?: readonly string[]
}

/** Actions of others, by what a workflow says of them. */
const standIns: Readonly<Record<string, StandIn>> = {
  'aws-actions/configure-aws-credentials': { run: 'echo logged in' },
  'google-github-actions/auth': { run: 'echo logged in' },
  'google-github-actions/get-gke-credentials': {
    run: 'echo "kubeconfig_path=$TESTBED" >> "$GITHUB_OUTPUT"',
    output: 'kubeconfig_path',
  },
  'azure/login': { run: 'echo logged in' },
  'azure/use-kubelogin': { run: 'echo installed' },
  'azure/aks-set-context': { run: 'echo "KUBECONFIG=$TESTBED" >> "$GITHUB_ENV"' },
  'helm/kind-action': { run: 'mkdir -p ~/.kube && sed "s/: testbed$/: kind-test/" "$TESTBED" > ~/.kube/config' },
}

/** The stand-ins of a workflow as act takes them: `owner/name@ref` and a directory. */
export function standInsOf(workflow: string, more: Readonly<Record<string, StandIn>> = {}): Record<string, string> {
  const uses = [...workflow.matchAll(/uses: (\S+)@(\S+)/g)]
  return Object.fromEntries(
    uses.flatMap(([, name = '', ref]) => {
      const standIn = { ...standIns, ...more }[name]
      return standIn === undefined ? [] : [[`${name}@${ref}`, write(name, standIn)]]
    }),
  )
}

function write(name: string, { run, output, inputs = [] }: StandIn): string {
  const directory = temporaryDirectory('stand-in')
  const env = Object.fromEntries(inputs.map((input) => [input, `\${{ inputs.${input} }}`]))
  const action = {
    name,
    description: 'A stand-in',
    inputs: Object.fromEntries(inputs.map((input) => [input, { description: input }])),
    ...(output && { outputs: { [output]: { description: '', value: `\${{ steps.it.outputs.${output} }}` } } }),
    runs: { using: 'composite', steps: [{ id: 'it', run, shell: 'bash', env }] },
  }
  writeFileSync(join(directory, 'action.yml'), JSON.stringify(action))
  return directory
}

/** A folder with an `aws` that writes the testbed's kubeconfig where it is told to. */
export function fakeAws(): string {
  const directory = temporaryDirectory('aws')
  const script = '#!/bin/sh\nwhile [ "$1" != --kubeconfig ]; do shift; done\ncp "$TESTBED" "$2"\n'
  writeFileSync(join(directory, 'aws'), script, { mode: 0o755 })
  return directory
}
