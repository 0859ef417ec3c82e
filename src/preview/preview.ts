import type { Repository } from '../github/call.ts'

/** A preview: the release of one pull request, in a namespace of its own. */
export interface Preview {
  readonly repository: Repository
  /** `https://github.com`: the same name on another GitHub is another repository. */
  readonly serverUrl: string
  readonly pull: number
  /** Name of the branch that the pull request wants to merge, as its author wrote it: not trusted. */
  readonly branch: string | null
  /** The commit that this run is about. */
  readonly sha: string | null
  /** When the event that started this run happened, ms since 1970 by GitHub's clock; null when it does not tell. */
  readonly seenAtMs: number | null
}
