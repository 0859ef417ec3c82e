import type { ClusterClient } from '../cluster/client.ts'
import type { Discovery } from '../cluster/discovery.ts'
import type { HelmTarget } from '../helm/argv.ts'
import type { HelmBinary } from '../helm/binary.ts'
import { helmErrorText } from '../helm/errors.ts'
import type { Inputs } from '../inputs/inputs.ts'
import type { Clock } from '../platform/clock.ts'
import type { Log } from '../platform/log.ts'
import type { Exit, RunningProcess, StartProcess } from '../platform/process.ts'
import type { SecretKeeper } from '../platform/secret-keeper.ts'
import type { ReleaseStorage } from '../release/storage.ts'
import type { Observer } from './observer.ts'

/** What every step of the transaction works with: the edges, opened, for one release. */
export interface Session {
  readonly inputs: Inputs
  readonly target: HelmTarget
  readonly helm: HelmBinary
  /** The API server's version, as it says it: `v1.36.3`. */
  readonly kubeVersion: string
  /** The environment that Helm is given. */
  readonly env: Readonly<Record<string, string>>
  readonly workspace: string
  readonly client: ClusterClient
  readonly discovery: Discovery
  readonly storage: ReleaseStorage
  readonly observer: Observer
  readonly clock: Clock
  readonly log: Log
  readonly secrets: SecretKeeper
  /** Whether lines of pods may be told in the job's log, which everybody can read in a public repository. */
  readonly tellsPodLines: boolean
  readonly start: StartProcess
}

/** Starts Helm with these arguments; its output goes to files. */
export function startHelm(session: Session, name: string, args: readonly string[]): RunningProcess {
  return session.start(session.helm.path, args, { env: session.env, cwd: session.workspace, name })
}

/** Runs Helm to its end; `error` is its own text, empty when it succeeded. Never interrupts it (design decision 5). */
export async function runHelm(
  session: Session,
  name: string,
  args: readonly string[],
): Promise<{ readonly exit: Exit; readonly error: string; readonly stdout: string }> {
  const running = startHelm(session, name, args)
  const exit = await running.exited
  const { stdout, stderr } = running.output()
  return {
    exit,
    stdout,
    error: exit.code === 0 ? '' : helmErrorText(stderr) || `Helm ended with ${exit.signal ?? exit.code}`,
  }
}
