// Fixtures of the diagnosis as a real cluster shows them: one deploy each, which recordings.test.ts writes down when it is asked to.
import type { Scenario } from '../scenario.ts'
import { creation } from './creation.ts'
import { images } from './images.ts'
import { pods } from './pods.ts'
import { resources } from './resources.ts'
import { scheduling } from './scheduling.ts'
import { volumes } from './volumes.ts'

export type Recorded = Pick<Scenario, 'good' | 'bad' | 'change' | 'during' | 'inputs' | 'kubeconfig'> & {
  fixture: string
  about: string
  /** The deploy is an upgrade. */
  isUpgrade?: true
}

/** All of them. */
export const recordings: readonly Recorded[] = [
  ...pods,
  ...images,
  ...creation,
  ...scheduling,
  ...volumes,
  ...resources,
]
