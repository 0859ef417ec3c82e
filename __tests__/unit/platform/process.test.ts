// Real processes, in a folder whose name has what paths of Windows have.
import assert from 'node:assert/strict'
import { mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { isAlive, startTicks } from '../../../src/platform/process-identity.ts'
import { processStarter, type RunningProcess } from '../../../src/platform/process.ts'
import { temporaryDirectory } from '../../helpers/temporary.ts'

const folder = join(temporaryDirectory('processes'), 'Program Files (x86)')
mkdirSync(folder)
const start = processStarter(folder)
const env = Object.fromEntries(
  Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
)
const node = (script: string, ...args: string[]) =>
  start(process.execPath, ['-e', script, '--', ...args], { env, cwd: folder, name: 'node' })

/** Ends with 7 when it is told to end and may say so, as Helm marks its revision failed; else after half a minute. */
const patient = `process.on('SIGINT', () => process.exit(7)); console.log('ready'); setTimeout(() => {}, 30_000)`

async function untilReady(running: RunningProcess): Promise<void> {
  for (let tries = 0; !running.output().stdout.includes('ready') && tries < 500; tries++) await sleep(20)
  assert.match(running.output().stdout, /ready/)
}

describe('a process', () => {
  test('gets its arguments as they are, and its output goes to files', async () => {
    const args = ['a b', 'C:\\dir\\', '"quoted"', "it's", '%PATH%', '$HOME', 'a,b\\,c', '', '^&|<>', 'größe']
    const running = node('console.log(JSON.stringify(process.argv.slice(1))); console.error("aside")', ...args)
    assert.deepEqual(await running.exited, { code: 0, signal: null })
    const { stdout, stderr } = running.output()
    assert.deepEqual([JSON.parse(stdout), stderr.trim()], [args, 'aside'])
    // Windows has no modes.
    const mode = process.platform === 'win32' ? 0o666 : 0o600
    assert.equal(statSync(join(folder, '01-node.out')).mode & 0o777, mode)
  })

  test('is told to end by SIGINT, which on Windows ends it at once', async () => {
    const running = node(patient)
    await untilReady(running)
    const ticks = startTicks(running.pid)
    assert.equal(isAlive(running.pid, ticks), true)
    running.signal('SIGINT')
    const expected = process.platform === 'win32' ? { code: null, signal: 'SIGINT' } : { code: 7, signal: null }
    assert.deepEqual(await running.exited, expected)
    assert.equal(isAlive(running.pid, ticks), false)
  })

  test('that does not listen is ended by SIGKILL everywhere', async () => {
    const running = node(`process.on('SIGINT', () => {}); console.log('ready'); setTimeout(() => {}, 30_000)`)
    await untilReady(running)
    running.signal('SIGKILL')
    assert.deepEqual(await running.exited, { code: null, signal: 'SIGKILL' })
  })

  test('that does not exist is an error for whoever waits for it, and ends nothing else', async () => {
    const running = start(join(folder, 'no-such-program'), [], { env, cwd: folder, name: 'none' })
    await assert.rejects(running.exited, /start .*no-such-program/)
    assert.deepEqual(running.output(), { stdout: '', stderr: '' })
  })

  test('reads what it is given', async () => {
    const script = `process.stdin.on('data', (data) => process.stdout.write(data))`
    const running = start(process.execPath, ['-e', script], { env, cwd: folder, name: 'input', input: 'one\r\ntwo\n' })
    await running.exited
    assert.equal(running.output().stdout, 'one\r\ntwo\n')
  })
})
