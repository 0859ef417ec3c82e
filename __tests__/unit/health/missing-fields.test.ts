// An API server leaves out what is empty, and so do its versions what they do not know: no field but the names may be relied on.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HealthFixture } from './fixture-file.ts'
import { judge, readFixtures, toObserved } from './fixture.ts'
import { remarks } from '../../../src/health/remarks.ts'

const named = new Set(['metadata', 'name', 'namespace', 'uid', 'kind', 'apiVersion'])
/** The parts of a fixture that an API server told. */
const told = ['objects', 'others', 'replicaSets', 'pods', 'events'] as const

interface Holder {
  readonly path: string
  readonly holder: Record<string, unknown>
  readonly key: string
}

/** All fields below a value that may be missing, each with the object that holds it. */
function fieldsOf(value: unknown, path: string): Holder[] {
  if (typeof value !== 'object' || value === null) return []
  if (Array.isArray(value)) return value.flatMap((one) => fieldsOf(one, `${path}[]`))
  const holder = value as Record<string, unknown>
  return Object.entries(holder).flatMap(([key, below]) => [
    ...(named.has(key) || /\.(isNew|live)$/.test(`.${key}`) ? [] : [{ path: `${path}.${key}`, holder, key }]),
    ...fieldsOf(below, `${path}.${key}`),
  ])
}

/** Judges a fixture once without each of its fields that has not been left out of a fixture with the same faults yet. */
function judgeWithout(name: string, fixture: HealthFixture, seen: Set<string>): number {
  const faults = fixture.expect.faults.map((one) => `${one.class} ${one.cause.split(' ').slice(0, 5).join(' ')}`).join()
  let count = 0
  for (const part of told) {
    for (const { path, holder, key } of fieldsOf(fixture[part], part)) {
      if (seen.has(`${faults} ${path}`)) continue
      seen.add(`${faults} ${path}`)
      const value = holder[key]
      delete holder[key]
      count++
      try {
        const observed = toObserved(fixture)
        judge(observed)
        remarks(observed)
      } catch (error) {
        assert.fail(`${name} without ${path}: ${String(error)}`)
      } finally {
        holder[key] = value
      }
    }
  }
  return count
}

test('a field that is missing is no reason to fail', () => {
  const seen = new Set<string>()
  let count = 0
  for (const [name, fixture] of readFixtures()) count += judgeWithout(name, structuredClone(fixture), seen)
  assert.ok(count > 1000, String(count))
})
