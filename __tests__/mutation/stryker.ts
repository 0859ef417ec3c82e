// What Stryker and its runners tell each other: the part of its API that is used here. Its own types are not installed when
// `npm run check` reads this.

/** The object through which the instrumented code is steered. */
export interface Steering {
  activeMutant?: string | undefined
  currentTestId?: string | undefined
  mutantCoverage?: object
  hitCount?: number | undefined
  hitLimit?: number | undefined
}

/** How Stryker wants one mutant to be run. */
export interface MutantRun {
  readonly activeMutant: { readonly id: string }
  readonly testFilter?: readonly string[]
  readonly hitLimit?: number
  /** Whether the mutant has to be there already while modules are loaded. */
  readonly mutantActivation: 'runtime' | 'static'
  readonly reloadEnvironment: boolean
  readonly disableBail: boolean
}

/** How one test went. */
export type TestResult = { readonly id: string; readonly name: string; readonly timeSpentMs: number } & (
  | { readonly status: 'success' }
  | { readonly status: 'failed'; readonly failureMessage: string }
)

/** How all tests went without a mutant. */
export interface DryRunResult {
  readonly status: 'complete'
  readonly tests: readonly TestResult[]
  readonly mutantCoverage: object | undefined
}

/** What became of a mutant. */
export type MutantResult =
  | { readonly status: 'timeout'; readonly reason: string }
  | { readonly status: 'survived'; readonly nrOfTests: number }
  | {
      readonly status: 'killed'
      readonly nrOfTests: number
      readonly killedBy: readonly string[]
      readonly failureMessage: string
    }

/** A runner of tests as Stryker takes it. */
export interface TestRunner {
  readonly capabilities: () => { readonly reloadEnvironment: boolean }
  readonly dryRun: () => Promise<DryRunResult>
  readonly mutantRun: (run: MutantRun) => Promise<MutantResult>
}

/** A node of the syntax tree on the way from the root. */
export interface NodePath {
  readonly node: { readonly type: string; readonly key?: { readonly name?: string }; readonly value?: unknown }
  readonly parentPath: NodePath | null
  readonly getFunctionParent: () => NodePath | null
}
