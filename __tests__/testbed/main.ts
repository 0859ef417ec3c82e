import { parseArgs } from 'node:util'

import { readAllocation } from './allocate.ts'
import { canRunNode } from './host.ts'
import { components, runningTestbed } from './node.ts'
import { existingInstances, instanceOf } from './paths.ts'
import { findProcesses, logFile } from './processes.ts'
import { say } from './progress.ts'
import { defaultName, ensureTestbed, stopTestbed, type Testbed } from './testbed.ts'

const usage = `npm run testbed -- <verb> [--name NAME]

  up      start a one-node cluster, or use the one that runs; the last line printed is KUBECONFIG=…
  down    stop it and remove everything but the build cache
  status  say what runs
  env     start it if needed and print exports for a shell: eval "$(npm run --silent testbed -- env)"

NAME is "default", or what ATOMIC_TESTBED says; several can run side by side.`

/** Does what the command line says. */
export async function main(args: string[]): Promise<number> {
  const options = {
    name: { type: 'string', default: defaultName() },
    help: { type: 'boolean', default: false },
  } as const
  const { positionals, values } = parseArgs({ args, allowPositionals: true, options })
  const [verb] = positionals
  if (positionals.length !== 1 || values.help) {
    say(usage)
    return values.help ? 0 : 2
  }
  switch (verb) {
    case 'up':
      console.log(`KUBECONFIG=${(await ensureTestbed(values.name)).kubeconfig}`)
      return 0
    case 'down':
      await stopTestbed(values.name)
      say(`testbed ${values.name}: stopped`)
      return 0
    case 'status':
      return await status(values.name)
    case 'env':
      console.log(exportsOf(await ensureTestbed(values.name)))
      return 0
    default:
      say(usage)
      return 2
  }
}

// Ends with 0 when all of it runs and with 3, as init scripts do, when it does not.
async function status(name: string): Promise<number> {
  if (!canRunNode()) {
    console.log(`external: the cluster of ${(await ensureTestbed(name)).kubeconfig}`)
    return 0
  }
  const instance = instanceOf(name)
  const testbed = await runningTestbed(instance)
  const processes = findProcesses(instance)
  const allocation = readAllocation(instance)
  const state = testbed
    ? 'running'
    : processes.length > 0 || allocation
      ? 'broken (up starts it afresh)'
      : 'not running'
  console.log(`${name}: ${state}`)
  if (testbed) console.log(`  ${testbed.server}, registry ${testbed.registry}, KUBECONFIG=${testbed.kubeconfig}`)
  if (allocation) {
    for (const component of components) {
      const pid = processes.find(({ program }) => program === component)?.pid
      console.log(`  ${component.padEnd(24)}${String(pid ?? 'dead').padEnd(9)}${logFile(instance, component)}`)
    }
  }
  const others = existingInstances().filter((other) => other !== name)
  if (others.length > 0) console.log(`other testbeds: ${others.join(', ')}`)
  return testbed ? 0 : 3
}

function exportsOf(testbed: Testbed): string {
  const variables = {
    KUBECONFIG: testbed.kubeconfig,
    ATOMIC_HELM3: testbed.helm3Dir,
    ATOMIC_HELM4: testbed.helm4Dir,
    ATOMIC_TOOLS: testbed.toolsDir,
    ATOMIC_REGISTRY: testbed.registry,
  }
  const quoted = (text: string) => `'${text.replaceAll("'", String.raw`'\''`)}'`
  return Object.entries(variables)
    .map(([name, value]) => `export ${name}=${quoted(value)}`)
    .join('\n')
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  say(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}
