import type { RunContext } from './context/context.ts'
import { parseInputs, type ParsedInputs } from './inputs/parse.ts'
import { workspaceOf } from './prepare-helm.ts'
import { startPreview, type PreviewTask } from './preview/start.ts'
import type { World } from './world.ts'

/** A run before anything is looked at: its inputs, its context, and of a preview what is to be done. */
export interface Start {
  readonly context: RunContext
  readonly parsed: ParsedInputs
  /** Null in every other mode, and when there are problems. */
  readonly task: PreviewTask | null
  /** What was asked for may not be done: the one problem that there is says why. */
  readonly isRefused: boolean
}

/** Reads the inputs. Those of a preview are templates, which are filled first, and written down so that the post step finds the same names. */
export async function readStart({ input, journal, env }: World, context: RunContext): Promise<Start> {
  if (input('mode').trim() !== 'preview') return { context, parsed: parseInputs(input), task: null, isRefused: false }
  const { filled, ...start } = await startPreview(input, context, workspaceOf(env))
  const noted = Object.entries(filled).map(([name, text]) => [`INPUT_${name.toUpperCase()}`, text] as const)
  journal.note({ inputs: { ...journal.read().inputs, ...Object.fromEntries(noted) } })
  return start
}
