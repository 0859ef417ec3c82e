// Which cluster a test file uses: the one that run.ts started for it, or the developer's own when it is run by itself.
import { readFileSync } from 'node:fs'
import type { TestContext } from 'node:test'
import { ensureTestbed } from '../testbed/testbed.ts'
import type { Testbed } from '../testbed/testbed.ts'

export type { Testbed }
export type HelmMajor = { major: 3 | 4; dir: string }

/** The variable that hands a testbed from run.ts to the test files, as JSON. */
export const testbedVariable = 'ATOMIC_TESTBED_FILE'

/** The testbed of this test run. */
export async function useTestbed(): Promise<Testbed> {
  const file = process.env[testbedVariable]
  const testbed = file === undefined ? await ensureTestbed() : (JSON.parse(readFileSync(file, 'utf8')) as Testbed)
  return testbed.external ? onlyWhatIsThere(testbed) : testbed
}

class NotThere extends Error {}

/** A cluster that is not ours, of which reading what only our own node has is an error. */
export function onlyWhatIsThere(testbed: Testbed): Testbed {
  const guard = <Part extends object>(part: Part): Part =>
    new Proxy(part, {
      get(target, name, receiver) {
        const value: unknown = Reflect.get(target, name, receiver)
        const isPlace = /^(helm[34]|tools)Dir$/.test(String(name))
        if (value === '' && !isPlace) throw new NotThere(`only a node of our own has what it needs: ${String(name)}`)
        return value
      },
    })
  return guard({ ...testbed, images: guard(testbed.images) })
}

/** Runs a test; one that asks a cluster for what only our own node has is skipped with that as the reason. */
export async function unlessNotThere(context: TestContext, body: () => Promise<void>): Promise<void> {
  try {
    await body()
  } catch (error) {
    if (!(error instanceof NotThere)) throw error
    context.skip(error.message)
  }
}

/** The Helm majors that the testbed has; both, but for a cluster that is not ours. */
export function helmMajors(testbed: Testbed): HelmMajor[] {
  const majors: HelmMajor[] = [
    { major: 3, dir: testbed.helm3Dir },
    { major: 4, dir: testbed.helm4Dir },
  ]
  return majors.filter(({ dir }) => dir !== '')
}
