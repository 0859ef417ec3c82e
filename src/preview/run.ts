import type { RunContext } from '../context/context.ts'
import { type OnVerdict, type TransactionResult } from '../deploy/outcome.ts'
import type { OnPhase, Session } from '../deploy/session.ts'
import { createGitHub } from '../github/octokit.ts'
import type { UpgradeRequest } from '../helm/argv.ts'
import { deployPreview } from './deploy.ts'
import { isFork } from './fork.ts'
import type { PreviewRun } from './of.ts'
import type { Preview } from './preview.ts'
import { removePreview } from './remove.ts'
import type { PreviewTask } from './start.ts'
import type { TellRemoved } from './sweep-away.ts'
import { sweep } from './sweep.ts'

/** `mode: preview`: does what its event asks for. */
export async function runPreview(
  session: Session,
  request: UpgradeRequest,
  task: PreviewTask,
  { context, tellRemoved }: { readonly context: RunContext; readonly tellRemoved: TellRemoved },
  onPhase: OnPhase,
  onVerdict: OnVerdict,
): Promise<TransactionResult> {
  const github = createGitHub(session.inputs.githubToken, context.apiUrl)
  const isOfFork = context.pull !== null && isFork(context.pull, context.repository)
  const runOf = (preview: Preview): PreviewRun => ({ preview, github, runUrl: context.runUrl, isOfFork })
  switch (task.kind) {
    case 'deploy':
      return deployPreview(session, request, runOf(task.preview), onPhase, onVerdict)
    case 'remove':
      return removePreview(session, runOf(task.preview), onPhase)
    case 'sweep':
      return sweep(session, { context, github, tellRemoved }, onPhase)
  }
}
