import type { ManifestObject } from '../cluster/manifest.ts'
import { refText } from '../cluster/manifest.ts'
import { parseDuration } from '../inputs/duration.ts'

/** What the annotations of an object of the release say about its own judgement. */
export interface Tuning {
  /** False: nothing about it ends the deploy before the timeout. */
  readonly failFast: boolean
  /** Stands for the wait of every rule, in ms; null: the rules' own. */
  readonly graceMs: number | null
}

const failFastName = 'atomic-helm.dev/fail-fast'
const graceName = 'atomic-helm.dev/grace'

/** Reads `atomic-helm.dev/fail-fast` and `atomic-helm.dev/grace` in the release's manifest; what is wrong leaves the default. */
export function tuningOf({ object }: ManifestObject): Tuning {
  const { failFast, grace } = annotationsOf(object)
  return {
    failFast: failFast !== 'off',
    graceMs: grace === undefined ? null : parseDuration(grace),
  }
}

/** What is wrong with those annotations, in words. */
export function tuningProblem(manifest: ManifestObject): string | null {
  const { failFast, grace } = annotationsOf(manifest.object)
  const wrong = [
    failFast === undefined || failFast === 'off' || failFast === 'on'
      ? null
      : `${failFastName} is "${failFast}", neither on nor off`,
    grace === undefined || parseDuration(grace) !== null
      ? null
      : `${graceName} is "${grace}", which is no duration such as 90s`,
  ].filter((one) => one !== null)
  return wrong.length > 0 ? `${refText(manifest)}: ${wrong.join('; ')}: the default holds` : null
}

/** YAML makes booleans of `off` and `on` (1.1), and Helm's own parser does too: then they are as good. */
function annotationsOf({ metadata }: ManifestObject['object']): {
  failFast: string | undefined
  grace: string | undefined
} {
  const found: Readonly<Record<string, unknown>> = metadata.annotations ?? {}
  const text = (name: string): string | undefined =>
    typeof found[name] === 'string' || typeof found[name] === 'boolean' ? String(found[name]).trim() : undefined
  const word = text(failFastName)
  return { failFast: word === 'false' ? 'off' : word === 'true' ? 'on' : word, grace: text(graceName) }
}
