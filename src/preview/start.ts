import type { RunContext } from '../context/context.ts'
import { describeGitHubProblem } from '../github/call.ts'
import { createGitHub } from '../github/octokit.ts'
import { readPull } from '../github/pulls.ts'
import { parseInputs, type ParsedInputs } from '../inputs/parse.ts'
import type { RawInputs } from '../inputs/readers.ts'
import type { Problem } from '../platform/errors.ts'
import { previewWish } from './event.ts'
import { refuseFork } from './fork-check.ts'
import { refuseForkByNumber } from './fork.ts'
import { fillInputs } from './fill-inputs.ts'
import type { Preview } from './preview.ts'

/** What `mode: preview` is to do, settled. */
export type PreviewTask =
  | { readonly kind: 'deploy'; readonly preview: Preview }
  | { readonly kind: 'remove'; readonly preview: Preview }
  | { readonly kind: 'sweep' }

/** A run of `mode: preview` before anything is looked at but GitHub. */
export interface PreviewStart {
  /** Null when there are problems. */
  readonly task: PreviewTask | null
  /** Code that may not be deployed: nothing else is looked at, and nothing else is told. */
  readonly isRefused: boolean
  readonly parsed: ParsedInputs
  /** The context as that of the pull request's own commit, also where somebody named it by hand. */
  readonly context: RunContext
  /** Inputs that were templates, filled, by name. */
  readonly filled: Readonly<Record<string, string>>
}

/** Settles by event, or by GitHub when a pull request was named by hand, what is to be done, and fills the templates for it. */
export async function startPreview(raw: RawInputs, context: RunContext, workspace: string): Promise<PreviewStart> {
  const settled = await settle(raw, context)
  if ('problem' in settled) return rejected(raw, context, settled)
  const refusal = await refuseFork(settled, raw, context, workspace)
  if (refusal) return refused(raw, context, refusal)
  if (settled.kind === 'sweep') {
    // Names belong to a pull request, and there is none: each preview tells its own.
    const parsed = parseInputs(over(raw, nameless))
    const task = parsed.problems.length > 0 ? null : settled
    return { task, isRefused: false, parsed, context, filled: nameless }
  }
  const { preview } = settled
  const { filled: names, problems } = fillInputs(raw, preview)
  const filled = settled.kind === 'remove' ? { ...names, ...onlyForDeploy } : names
  const parsed = parseInputs(over(raw, filled), settled.kind === 'deploy')
  const all = [...problems, ...parsed.problems]
  return {
    task: all.length > 0 ? null : settled,
    isRefused: false,
    parsed: { inputs: parsed.inputs, problems: all },
    context: { ...context, pullRequest: preview.pull, sha: preview.sha ?? context.sha },
    filled,
  }
}

/** What a removal and a sweep do not read: the files that these name may not even be there, without a checkout. */
const onlyForDeploy = { chart: '', 'value-files': '', values: '', 'set-file': '' }
const nameless = { ...onlyForDeploy, release: '', namespace: '', environment: '', 'environment-url': '' }

async function settle(raw: RawInputs, context: RunContext): Promise<PreviewTask | Problem> {
  const given = raw('pr-number').trim()
  // One that is no number is told when the inputs are parsed.
  const wish = previewWish(context, /^[1-9]\d{0,8}$/.test(given) ? Number(given) : null)
  const { repository, serverUrl, pull } = context
  if (wish.kind === 'rejected') return wish.problem
  if (!repository)
    return {
      problem: 'GITHUB_REPOSITORY is not set, so nobody knows whose previews these are',
      remedy: 'Run `mode: preview` in a GitHub Actions workflow',
    }
  switch (wish.kind) {
    case 'sweep':
      return wish
    case 'by-state':
      return byState(raw, context, { repository, serverUrl, pull: wish.pull })
    case 'deploy':
    case 'remove': {
      const facts = { branch: pull?.headRef ?? null, sha: pull?.headSha ?? null, seenAtMs: pull?.updatedAtMs ?? null }
      return { kind: wish.kind, preview: { repository, serverUrl, pull: wish.pull, ...facts } }
    }
  }
}

async function byState(
  raw: RawInputs,
  { apiUrl }: RunContext,
  of: Pick<Preview, 'repository' | 'serverUrl' | 'pull'>,
): Promise<PreviewTask | Problem> {
  const answer = await readPull(createGitHub(raw('github-token').trim(), apiUrl), of.repository, of.pull)
  if (answer.kind !== 'ok')
    return {
      problem: `Pull request ${of.pull} cannot be read: ${describeGitHubProblem(answer)}`,
      remedy: 'Check `pr-number`, and that `github-token` has `pull-requests: read`',
    }
  const { isOpen, headSha, headRef, updatedAtMs } = answer.value
  const refusal = isOpen ? refuseForkByNumber(answer.value, of.pull, of.repository) : null
  if (refusal) return refusal
  const preview = { ...of, branch: headRef, sha: headSha, seenAtMs: updatedAtMs }
  return { kind: isOpen ? 'deploy' : 'remove', preview }
}

/** The inputs are parsed all the same, so that every problem is told at once. */
function rejected(raw: RawInputs, context: RunContext, problem: Problem): PreviewStart {
  const { inputs, problems } = parseInputs(over(raw, nameless))
  const parsed = { inputs, problems: [problem, ...problems] }
  return { task: null, isRefused: false, parsed, context, filled: nameless }
}

/** Whatever else is missing, as the secrets are, is a consequence. */
function refused(raw: RawInputs, context: RunContext, problem: Problem): PreviewStart {
  const { inputs } = parseInputs(over(raw, nameless))
  return { task: null, isRefused: true, parsed: { inputs, problems: [problem] }, context, filled: nameless }
}

function over(raw: RawInputs, filled: Readonly<Record<string, string>>): RawInputs {
  return (name) => filled[name] ?? raw(name)
}
