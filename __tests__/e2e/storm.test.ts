// A sample of the storm that `npm run storm` lets go over a cluster with twenty pull requests.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { helmMajors, useTestbed } from '../helpers/testbed.ts'
import { playStorm } from '../storm/play.ts'

const testbed = await useTestbed()

describe('after a storm of pull requests, with events lost and runs cut off', () => {
  for (const helm of helmMajors(testbed))
    test(`a sweep leaves exactly the previews of those that are open (Helm ${helm.major})`, async (context) => {
      const seed = Number(process.env['ATOMIC_SEED'] ?? Math.floor(Math.random() * 1_000_000))
      context.diagnostic(`ATOMIC_SEED=${seed}`)
      const { problems, log } = await playStorm({ seed, pulls: 5, seconds: 15, atOnce: 4 }, helm, testbed)
      assert.deepEqual(problems, [], `ATOMIC_SEED=${seed}\n${log}`)
    })
})
