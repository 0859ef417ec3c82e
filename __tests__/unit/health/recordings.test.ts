import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { refText } from '../../../src/cluster/manifest.ts'
import type { Recording } from '../../../src/health/recording.ts'
import { firstVerdict, judgeRecording } from '../../../src/health/replay.ts'

/** The report of a run with what should have been found: a wrong verdict of a user's becomes a test case by `expect` alone. */
interface RecordedCase {
  readonly timeline: Recording
  readonly expect: {
    readonly findings: readonly string[]
    /** The first moment in which the deploy could be ended, in seconds of it; null when it could not. */
    readonly verdictAfter: number | null
  }
}

const folder = fileURLToPath(new URL('../../fixtures/recordings', import.meta.url))
const files = globSync(`${folder}/*.json`).sort()

test('there are recordings', () => assert.ok(files.length > 0))

for (const file of files) {
  test(`the recording ${basename(file, '.json')} is judged as expected`, () => {
    const { timeline, expect } = JSON.parse(readFileSync(file, 'utf8')) as RecordedCase
    const begin = timeline.changes.find(({ kind }) => kind === 'begin')?.at ?? timeline.endedAt
    const verdict = firstVerdict(timeline)
    const found = judgeRecording(timeline)
    assert.deepEqual(
      {
        findings: found.map(({ class: name, resource, cause }) => `${name} ${refText(resource)}: ${cause}`),
        verdictAfter: verdict && Math.round((verdict.at - begin) / 1000),
      },
      expect,
    )
  })
}
