// What the suite is pointed at to show that it catches what it is for: a step that just runs Helm with its own atomicity.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryDirectory } from '../helpers/temporary.ts'

// As the shell of a `run:` step does it: Helm is its child, on the same pipes, gets no signal, and is waited for.
const main = `import { spawn } from 'node:child_process'
const input = (name) => process.env['INPUT_' + name]
process.on('SIGINT', () => {})
const sets = (input('SET') ?? '').split('\\n').filter(Boolean).map((one) => '--set=' + one)
const child = spawn('helm', ['upgrade', input('RELEASE'), input('CHART'), '--install', input('ATOMIC-FLAG'),
  '--namespace', input('NAMESPACE'), '--timeout', input('TIMEOUT'), '--reset-values', ...sets], { stdio: 'inherit' })
child.on('exit', (code) => process.exit(code ?? 1))
`

/** Writes that step as an action, and gives its directory. */
export function writeBaseline(): string {
  const directory = temporaryDirectory('baseline')
  mkdirSync(join(directory, 'dist'))
  writeFileSync(join(directory, 'action.yml'), 'runs:\n  using: node24\n  main: dist/main.js\n')
  writeFileSync(join(directory, 'dist/package.json'), '{"type":"module"}')
  writeFileSync(join(directory, 'dist/main.js'), main)
  return directory
}
