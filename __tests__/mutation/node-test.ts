// What the tests get for `node:test`: it only notes them down, for the runner to run as often as it wants.
import { mock } from 'node:test'

export { mock }

/** A test as its file has it. */
export interface NotedTest {
  readonly name: string
  readonly run: () => unknown
}

let noted: NotedTest[] = []

/** Notes a test down; stands for `test` of `node:test` with a name and a function, all that unit tests use of it. */
export function test(name: string, run: () => unknown): void {
  noted.push({ name, run })
}

/** Takes the tests that were noted since the last time. */
export function takeTests(): NotedTest[] {
  const taken = noted
  noted = []
  return taken
}
