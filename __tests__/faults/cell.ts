// A cell of the fault table: one fault at one phase, and how the release must end.
import type { Templates } from '../helpers/chart.ts'
import type { RunOptions } from '../helpers/runner.ts'
import type { Scene } from './scene.ts'

/**
 * How a release ends: everything is the very same as before; the new revision and nothing else; no release and nothing of one; the
 * failed revision, left to people.
 */
export type Ending = 'before' | 'new' | 'nothing' | 'kept'

export type Expected = {
  /** Each is right; which one it is must be what the report says. */
  ends: readonly Ending[]
  /** The output `status`; any, when left out. */
  status?: readonly string[]
  /** Objects that Helm itself deletes in the failing revision, so that they come back as new ones. */
  recreated?: readonly string[]
  /** Objects that nobody can put back, which the report must name. */
  drifts?: readonly string[]
  /** Somebody had scaled it by hand: the number of replicas is that of before, or the manifest's. */
  isRescaled?: true
  /** Somewhere in the log, the report or the comment. */
  says?: RegExp
  /** How long the cluster itself may take to come to rest; 8 s when left out. */
  graceMs?: number
  /** There is no room for a report, and perhaps none for the outputs. */
  noReport?: true
  /** Several runs at once: which one ended last means nothing, and `check` looks at what each has said. */
  isRace?: true
}

export type Cell = {
  /** The number of the fault in the list of issue 6; after its last one what must be true of all. */
  row: number
  fault: string
  phase: string
  only?: 3 | 4
  /** Means something for a plain `helm upgrade --install --atomic` as well. */
  baseline?: true
  /** What is there before; a web server that works when left out, nothing when it is null. */
  good?: Templates | null
  /** What the disturbed run deploys; null for a mode without a chart. */
  deploy: Templates | null | ((scene: Scene) => Templates)
  inputs?: Record<string, string>
  /** After the good revision, before the picture of how everything was. */
  prepare?: (scene: Scene) => Promise<unknown>
  /** How the run is disturbed. */
  disturb?: (scene: Scene) => RunOptions | Promise<RunOptions>
  /** Beside the run; it should end when the run has. */
  beside?: (scene: Scene) => Promise<unknown>
  /**
   * A steady stream of requests goes to the Service `web` from before the first run until after the last: none may be lost. So it is
   * with the web server that is there when `good` is left out; false where the fault itself takes the service away.
   */
  stream?: boolean
  /** Another run afterwards, which deploys a good revision: then it is the last run, whose end is judged. */
  next?: true | { inputs?: Record<string, string>; before?: (scene: Scene) => Promise<unknown> }
  /** How the last run ends. */
  expect: Expected
  /** What the table does not say in general; problems come back. */
  check?: (scene: Scene) => Promise<string[]> | string[]
  /** The picture of `before` is not of now but was kept by `prepare`. */
  keepsPicture?: true
  /** Alone, because it disturbs the whole cluster. */
  alone?: true
}

/** The stage could not be set, or the fault came too late: this says nothing about what is tested. */
export class Unplayed extends Error {}

/** The name of a cell with one Helm, by which it is chosen and remembered. */
export function cellName({ row, fault, phase }: Cell, major: 3 | 4): string {
  return `${row} ${fault} · ${phase} · Helm ${major}`
}
