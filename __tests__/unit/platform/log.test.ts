import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLog } from '../../../src/platform/log.ts'

function record(colour = false) {
  let text = ''
  let ms = 1000
  const log = createLog({ write: (more) => (text += more), now: () => ms, colour })
  return { log, text: () => text, wait: (more: number) => (ms += more) }
}

test('a phase is a group with one timed line per change', () => {
  const { log, text, wait } = record()
  log.group('deploy shop to production')
  wait(400)
  log.line('upgrade started: 12 objects')
  wait(14_800)
  log.line('pod x\nsaid two lines')
  log.group('rollback to 41')
  log.endGroup()
  log.block(['✗ shop was not deployed'])
  assert.equal(
    text(),
    [
      '::group::▸ deploy shop to production',
      '   0.4s  upgrade started: 12 objects',
      '  15.2s  pod x',
      '         said two lines',
      '::endgroup::',
      '::group::▸ rollback to 41',
      '::endgroup::',
      '✗ shop was not deployed',
      '',
    ].join('\n'),
  )
})

test('ten identical lines are one and a count', () => {
  const { log, text } = record()
  for (let index = 0; index < 10; index += 1) log.line('back-off')
  log.line('next')
  assert.equal(text(), '   0.0s  back-off\n         … the same 9 times more\n   0.0s  next\n')
})

test('a reminder is told only when it was quiet for 15 s, and again 15 s later', () => {
  const { log, text, wait } = record()
  log.line('started')
  for (let second = 0; second < 31; second += 1) {
    wait(1000)
    log.reminder('Deployment/shop 0 of 4 ready')
  }
  assert.deepEqual(text().trimEnd().split('\n').slice(1), [
    '  15.0s  waiting: Deployment/shop 0 of 4 ready',
    '  30.0s  waiting: Deployment/shop 0 of 4 ready',
  ])
})

test('cluster text gives no command, wherever it is written', () => {
  const { log, text } = record(true)
  const evil = '::error::x\r::warning::y\n##[error]z'
  log.group(evil)
  log.line(evil, 'bad')
  log.warning(evil)
  log.block([evil], 'bad')
  const commands = text()
    .split(/\r\n|\r|\n/)
    .filter((line) => line.trimStart().startsWith('::') || line.includes('##['))
  assert.deepEqual(
    commands.map((line) => line.slice(0, 10)),
    ['::group::▸', '::endgroup'],
  )
})

test('colour is only in what we write ourselves', () => {
  const { log, text } = record(true)
  log.line('good \u001B[31mred\u001B[0m', 'good')
  assert.equal(text(), '\u001B[2m   0.0s\u001B[0m  \u001B[32mgood red\u001B[0m\n')
})
