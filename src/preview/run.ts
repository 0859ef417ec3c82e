import { rejectedWith, type TransactionResult } from '../deploy/outcome.ts'
import type { OnPhase, Session } from '../deploy/session.ts'
import type { UpgradeRequest } from '../helm/argv.ts'
import type { PreviewTask } from './start.ts'

/** `mode: preview`: does what its event asks for. */
export async function runPreview(
  _session: Session,
  _request: UpgradeRequest,
  task: PreviewTask,
  _onPhase: OnPhase,
): Promise<TransactionResult> {
  switch (task.kind) {
    case 'deploy':
    case 'remove':
    case 'sweep':
      return rejectedWith({ problem: `\`mode: preview\` cannot ${task.kind} yet`, remedy: 'Wait for it' })
  }
}
