import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import { Cancelled, cancelSignal, stopSignals } from '../../../src/platform/stop.ts'

const rows: [NodeJS.Platform, string[]][] = [
  ['linux', ['SIGINT', 'SIGTERM']],
  ['darwin', ['SIGINT', 'SIGTERM']],
  ['win32', ['SIGINT', 'SIGBREAK']],
]

for (const [name, signals] of rows)
  test(`${name}: either of ${signals.join(' and ')} cancels, once, and the second ends nothing`, () => {
    assert.deepEqual(stopSignals({ name }), signals)
    for (const first of signals) {
      const source = new EventEmitter()
      let told = 0
      const signal = cancelSignal({ name }, () => told++, source as unknown as NodeJS.Process)
      assert.equal(signal.aborted, false)
      source.emit(first)
      for (const again of signals) source.emit(again)
      assert.deepEqual([signal.aborted, signal.reason instanceof Cancelled, told], [true, true, 1])
      // What somebody listens to does not end the process.
      assert.deepEqual(source.eventNames(), signals)
    }
  })
