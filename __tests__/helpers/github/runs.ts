// Attempts of workflow runs, as far as a test says that there are any.
import { describeGitHub, object } from './description.ts'
import type { Json } from './description.ts'
import type { World } from './world.ts'

/** GitHub's own example of a run, with what the test says of this one; undefined when there is no such attempt. */
export function attemptShape({ attempts }: World, run: string, attempt: string): Json | undefined {
  const status = attempts[`${run}/${attempt}`]
  if (status === undefined) return undefined
  const { document } = describeGitHub()
  const examples = object(object(document['components'])['examples'])
  const example = object(object(examples['workflow-run'])['value'])
  return { ...example, id: Number(run), run_attempt: Number(attempt), status, conclusion: null }
}
