// What an attempt to deploy is judged to have failed of, in short.
import type { AttemptEnd } from '../../../src/health/end.ts'
import type { Finding } from '../../../src/health/finding.ts'
import { judge } from '../../../src/health/judge.ts'
import type { Sights } from '../../../src/health/observed.ts'
import { observed } from './builders.ts'
import { options } from './fixture.ts'

const subject = { namespace: 'shop', chart: './charts/shop' }

/** The findings of what was seen, at that end. */
export function found(parts: Partial<Sights>, end: AttemptEnd): Finding[] {
  return judge(observed(parts), end, options, subject)
}

/** The same in words: `class Kind/name: cause`. */
export function told(parts: Partial<Sights>, end: AttemptEnd): string[] {
  return found(parts, end).map(
    ({ class: name, resource, cause }) => `${name} ${resource.kind}/${resource.name}: ${cause}`,
  )
}

/** Helm ended by itself with that text. */
export function byHelm(error: string): AttemptEnd {
  return { kind: 'helm-failed', error }
}
