// Which cluster a test file uses: the one that run.ts started for it, or the developer's own when it is run by itself.
import { readFileSync } from 'node:fs'
import { ensureTestbed } from '../testbed/testbed.ts'
import type { Testbed } from '../testbed/testbed.ts'

export type { Testbed }
export type HelmMajor = { major: 3 | 4; dir: string }

/** The variable that hands a testbed from run.ts to the test files, as JSON. */
export const testbedVariable = 'ATOMIC_TESTBED_FILE'

/** The testbed of this test run. */
export async function useTestbed(): Promise<Testbed> {
  const file = process.env[testbedVariable]
  return file === undefined ? ensureTestbed() : (JSON.parse(readFileSync(file, 'utf8')) as Testbed)
}

/** The Helm majors that the testbed has; both, but for a cluster that is not ours. */
export function helmMajors(testbed: Testbed): HelmMajor[] {
  const majors: HelmMajor[] = [
    { major: 3, dir: testbed.helm3Dir },
    { major: 4, dir: testbed.helm4Dir },
  ]
  return majors.filter(({ dir }) => dir !== '')
}
