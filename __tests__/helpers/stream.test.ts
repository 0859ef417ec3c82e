// The stream loses nothing where a Service is updated gently, and counts what is lost where it is not.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { gently, good } from '../faults/charts.ts'
import { chartOf } from './chart.ts'
import { until } from './cluster.ts'
import { setStage } from './stage.ts'
import { openStream } from './stream.ts'
import { helmMajors, useTestbed } from './testbed.ts'

const [helm] = helmMajors(await useTestbed())

/** The requests that are lost while such a web server is replaced by the next one. */
async function lostIn(context: TestContext, spec: Record<string, unknown>): Promise<string[]> {
  assert.ok(helm)
  const { install, cluster, namespace } = await setStage(context, { helm })
  const version = (message: string): string => chartOf(good({ args: ['serve', `--message=${message}`], spec }))
  await install(version('one'))
  const stream = await openStream(cluster, namespace, 'web')
  await install(version('two'))
  // On a busy machine an update may be over before so many were sent.
  await until('enough answers', () => Promise.resolve(stream.answered() > 20 ? true : undefined))
  return stream.end()
}

test('an update that never takes a service below two pods loses no request', async (context) => {
  assert.deepEqual(await lostIn(context, gently), [])
})

test('an update that stops all pods first loses requests for want of an endpoint', async (context) => {
  const lost = await lostIn(context, { replicas: 2, strategy: { type: 'Recreate' } })
  assert.ok(
    lost.some((one) => one.includes('no endpoint is ready')),
    lost.join('\n'),
  )
})
