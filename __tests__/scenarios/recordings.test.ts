// With ATOMIC_RECORD=yes the fixtures of recordings/ are recorded anew, and what is found in them is for somebody to read:
// `ATOMIC_RECORD=yes npm test -- __tests__/scenarios/recordings.test.ts --name crash-aborted`.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { chartOf } from '../helpers/chart.ts'
import { setStage } from '../helpers/stage.ts'
import { helmMajors, useTestbed } from '../helpers/testbed.ts'
import { web } from './objects.ts'
import { fixtureOf } from './recorder.ts'
import { recordings } from './recordings/all.ts'
import { templatesOf } from './scenario.ts'

const helm = helmMajors(await useTestbed()).at(-1)
if (process.env['ATOMIC_RECORD'] === 'yes')
  describe('recordings', { concurrency: 4 }, () => {
    for (const {
      fixture,
      about,
      good = { web: web() },
      bad,
      change,
      during,
      inputs,
      kubeconfig,
      isUpgrade,
    } of recordings) {
      test(fixture, async (context) => {
        assert.ok(helm)
        const stage = await setStage(context, { helm })
        const { namespace, testbed } = stage
        if (isUpgrade) await stage.install(chartOf(await templatesOf(good, stage)))
        await change?.(stage, context)
        const chart = chartOf(await templatesOf(bad, stage))
        const own = kubeconfig ? { kubeconfig: await kubeconfig(stage) } : {}
        const [{ report }] = await Promise.all([
          stage.deploy({ chart, ...inputs }, { timeoutMs: 400_000, ...own }),
          during?.(stage),
        ])
        assert.ok(report.timeline)
        const registry = 'registry.example'
        const names = { [testbed.nodeName]: 'node-a', [testbed.registry]: registry, 'testbed.local': registry }
        const text = fixtureOf(report.timeline, about, { ...names, [namespace]: 'shop' })
        // Registries of a test alone have a port of their own.
        const plain = text.replaceAll(/127\.0\.0\.1:\d{4,5}\b/g, registry)
        writeFileSync(new URL(`../fixtures/health/${fixture}.yaml`, import.meta.url), plain)
      })
    }
  })
