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

test('lines that alternate are told once in 15 s', () => {
  const { log, text, wait } = record()
  for (let index = 0; index < 40; index += 1) {
    log.line(index % 2 === 0 ? 'up' : 'down')
    wait(500)
  }
  log.line('end')
  assert.deepEqual(text().trimEnd().split('\n'), [
    '   0.0s  up',
    '   0.5s  down',
    '         … lines of the last 15 s 28 times more',
    '  15.0s  up',
    '  15.5s  down',
    '         … lines of the last 15 s 8 times more',
    '  20.0s  end',
  ])
})

test('each phase tells its lines anew', () => {
  const { log, text } = record()
  log.group('deploy')
  log.line('ready')
  log.group('roll back')
  log.line('ready')
  assert.equal(text().match(/ready/g)?.length, 2)
})

test('a reminder is told every 15 s of a phase, whatever else is, and says when it comes next', () => {
  const { log, text, wait } = record()
  log.group('deploy')
  const next: number[] = []
  for (let second = 1; second < 40; second += 1) {
    wait(1000)
    log.line(`line ${String(second)}`)
    next.push(log.reminder(() => 'waiting for 1 of 4\n  Deployment/shop'))
  }
  assert.deepEqual(
    text()
      .split('\n')
      .filter((line) => !line.includes('line ')),
    [
      '::group::▸ deploy',
      '  15.0s  waiting for 1 of 4',
      '           Deployment/shop',
      '  30.0s  waiting for 1 of 4',
      '           Deployment/shop',
      '',
    ],
  )
  assert.deepEqual(next.slice(12, 17), [2000, 1000, 15_000, 14_000, 13_000])
})

test('a reminder of nothing is not told', () => {
  const { log, text, wait } = record()
  wait(20_000)
  log.reminder(() => '')
  assert.equal(text(), '')
})

test('the final block can be copied: no time, and no colour but in its first line', () => {
  const { log, text } = record(true)
  log.block(['✗ shop was not deployed', "    kubectl -n shop delete clusterrole 'a b'"], 'bad')
  assert.equal(text(), "\u001B[31m✗ shop was not deployed\u001B[0m\n    kubectl -n shop delete clusterrole 'a b'\n")
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
