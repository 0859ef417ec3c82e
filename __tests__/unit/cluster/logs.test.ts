import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import type { ClusterClient } from '../../../src/cluster/client.ts'
import { followLog, readLog } from '../../../src/cluster/logs.ts'

const pod = { metadata: { name: 'p', namespace: 'shop' } }

/** Follows a log whose lines come as the test says; gives how many lines were told each time, and the last. */
async function followed(write: (line: (text: string) => Promise<void>) => Promise<void>): Promise<[number, string][]> {
  const told: [number, string][] = []
  const lines: string[] = []
  let wake = (): void => undefined
  let isOver = false
  async function* stream(): AsyncGenerator<string> {
    for (;;) {
      const next = lines.shift()
      if (next !== undefined) yield next
      else if (isOver) return
      else await new Promise<void>((resolve) => (wake = resolve))
    }
  }
  const client = { lines: stream } as unknown as ClusterClient
  const following = followLog(client, pod, 'app', new AbortController().signal, (kept) =>
    told.push([kept.length, kept.at(-1) ?? '']),
  )
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
  await write(async (text) => {
    lines.push(text)
    wake()
    await settle()
  })
  isOver = true
  wake()
  await following
  return told
}

test('a log that is followed is told at most once a second, and at its end', async () => {
  mock.timers.enable({ apis: ['setTimeout'] })
  const told = await followed(async (line) => {
    for (let index = 1; index <= 100; index++) await line(`line ${index}`)
    mock.timers.tick(1000)
    await line('late')
  })
  mock.timers.reset()
  assert.deepEqual(told, [
    [60, 'line 100'],
    [60, 'late'],
  ])
})

test('what was told is not told again at the end, and an empty log is not told', async () => {
  mock.timers.enable({ apis: ['setTimeout'] })
  const told = await followed(async (line) => {
    await line('only')
    mock.timers.tick(1000)
  })
  const none = await followed(async () => undefined)
  mock.timers.reset()
  assert.deepEqual([told, none], [[[1, 'only']], []])
})

const gone = [
  'unable to retrieve container logs for containerd://f231e0495b22',
  'failed to try resolving symlinks in path "/var/log/pods/a_b_c/app/1.log": lstat /var/log/pods/a_b_c/app/1.log: no such file or directory',
  'failed to open log file "/var/log/pods/a_b_c/app/1.log": open /var/log/pods/a_b_c/app/1.log: no such file or directory',
]

test('what a node says in place of a log that is gone is no log', async () => {
  const { signal } = new AbortController()
  const read = (text: string): Promise<string[]> =>
    readLog({ text: async () => text } as unknown as ClusterClient, pod, 'app', true, signal)
  for (const text of gone) {
    assert.deepEqual(await read(text), [])
    assert.deepEqual(await read(`${text}\n`), [])
    assert.deepEqual(await followed((line) => line(text)), [])
    assert.deepEqual(await read(`begun\n${text}\n`), ['begun', text], 'a program may say so too')
  }
})
