import { parseDocument } from 'yaml'
import { yamlMapProblem } from '../inputs/yaml.ts'
import type { Problem } from '../platform/errors.ts'

/** What `preview-quota` asks for. */
export interface PreviewQuota {
  /** `spec.hard` of a ResourceQuota; null: none. */
  readonly hard: Quantities | null
  /** What a LimitRange says of each container, by `default`, `defaultRequest`, `max` or `min`; null: none. */
  readonly limits: Readonly<Record<string, Quantities>> | null
  /** Whether a NetworkPolicy keeps other previews out. */
  readonly isIsolated: boolean
}

type Quantities = Readonly<Record<string, string>>

export const noQuota: PreviewQuota = { hard: null, limits: null, isIsolated: false }

const limitKinds = ['default', 'defaultRequest', 'max', 'min']
/** As Kubernetes reads quantities (apimachinery pkg/api/resource/quantity.go): `500m`, `2`, `4Gi`, `1e3`. */
const quantity = /^(\d+(\.\d*)?|\.\d+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?$/

class Wrong extends Error {
  readonly remedy: string

  constructor(problem: string, remedy: string) {
    super(problem)
    this.remedy = remedy
  }
}

/** Reads the YAML of `preview-quota`: `hard`, `limits` and `networkPolicy: isolate`; gives the first thing that is wrong with it. */
export function parseQuota(text: string): PreviewQuota | Problem {
  const problem = yamlMapProblem(text)
  if (problem) return { problem, remedy: shape }
  try {
    return readQuota((parseDocument(text).toJS() ?? {}) as Record<string, unknown>)
  } catch (error) {
    if (error instanceof Wrong) return { problem: error.message, remedy: error.remedy }
    throw error
  }
}

const shape =
  'Give `hard` (as in a ResourceQuota), `limits` (as in a LimitRange) and `networkPolicy: isolate`, as far as you want them'

function readQuota({ hard, limits, networkPolicy, ...others }: Record<string, unknown>): PreviewQuota {
  const [surplus] = Object.keys(others)
  if (surplus !== undefined) throw new Wrong(`has an unknown key "${surplus}"`, shape)
  if (networkPolicy !== undefined && networkPolicy !== 'isolate')
    throw new Wrong('has a `networkPolicy` that is not `isolate`', 'Write `networkPolicy: isolate`, or leave it out')
  return {
    hard: hard === undefined ? null : quantities(hard, 'hard'),
    limits: limits === undefined ? null : readLimits(limits),
    isIsolated: networkPolicy === 'isolate',
  }
}

function readLimits(value: unknown): Record<string, Quantities> {
  const read: Record<string, Quantities> = {}
  for (const [kind, inner] of Object.entries(mapOf(value, 'limits'))) {
    if (!limitKinds.includes(kind))
      throw new Wrong(`has an unknown key "limits.${kind}"`, `Use ${limitKinds.join(', ')}`)
    read[kind] = quantities(inner, `limits.${kind}`)
  }
  return read
}

function quantities(value: unknown, name: string): Quantities {
  const read: Record<string, string> = {}
  for (const [key, amount] of Object.entries(mapOf(value, name))) {
    const text = typeof amount === 'number' || typeof amount === 'string' ? String(amount) : ''
    if (!quantity.test(text))
      throw new Wrong(`has no quantity for "${key}" in \`${name}\``, 'Write one such as 20, 500m or 4Gi')
    read[key] = text
  }
  return read
}

function mapOf(value: unknown, name: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Wrong(`has a \`${name}\` that is not a map`, 'Write resources with quantities, such as `pods: 20`')
  return value as Record<string, unknown>
}
