import type { Answer, GitHubCall } from '../github/call.ts'
import { readPull, type PullState } from '../github/pulls.ts'
import type { Preview } from './preview.ts'

/** A preview with what its run has of GitHub. */
export interface PreviewRun {
  readonly preview: Preview
  readonly github: GitHubCall
  readonly runUrl: string | null
  /** Its code comes from a fork: each commit is deployed by a label of its own, and no push is. */
  readonly isOfFork: boolean
}

/** Asks GitHub for the pull request of a preview. */
export function askPull({ github, preview }: PreviewRun): Promise<Answer<PullState>> {
  return readPull(github, preview.repository, preview.pull)
}

/** The pull request in words. */
export function pullText({ pull }: Pick<Preview, 'pull'>): string {
  return `pull request ${pull}`
}
