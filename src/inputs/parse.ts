import type { Problem } from '../platform/errors.ts'
import type { EvidencePolicy, Inputs } from './inputs.ts'
import { readers, type RawInputs } from './readers.ts'
import { previewReaders } from './preview.ts'
import { subjectReaders } from './subject.ts'

/** What parsing gives: the inputs as far as they can be read, and every problem. With problems, nothing may be touched. */
export interface ParsedInputs {
  readonly inputs: Inputs
  readonly problems: readonly Problem[]
}

/**
 * Parses all inputs and collects all problems; pure, so nothing on disk or in the cluster is looked at. Templates of a preview are
 * filled before (preview/start.ts), where it is also known whether it is deployed.
 */
export function parseInputs(raw: RawInputs, isPreviewDeploy = false): ParsedInputs {
  const problems: Problem[] = []
  const tell = (problem: string, remedy: string): void => void problems.push({ problem, remedy })
  const general = readers(raw, tell)
  const read = { ...general, ...subjectReaders(raw, tell, general.argument), ...previewReaders(raw, tell) }
  const mode = read.choice('mode', ['deploy', 'plan', 'rollback', 'recover', 'preview', 'setup'], 'deploy')
  const inputs: Inputs = {
    mode,
    release: read.release(mode !== 'setup' && mode !== 'preview'),
    chart: read.chart(mode === 'deploy' || mode === 'plan' || isPreviewDeploy),
    chartVersion: read.argument('chart-version'),
    chartDigest: read.digest('chart-digest'),
    ...read.repository(),
    namespace: read.namespace(),
    createNamespace: read.boolean('create-namespace', false),
    valueFiles: read.lines('value-files'),
    values: read.yamlMap('values'),
    assignments: [
      ...read.assignments('set-json', '--set-json'),
      ...read.assignments('set', '--set'),
      ...read.assignments('set-string', '--set-string'),
      ...read.assignments('set-file', '--set-file'),
    ],
    reuseValues: read.boolean('reuse-values', false),
    timeoutMs: read.duration('timeout', '10m'),
    rollbackTimeoutMs: read.duration('rollback-timeout', '5m'),
    waitForJobs: read.boolean('wait-for-jobs', false),
    failFast: read.boolean('fail-fast', true),
    crashTolerance: read.count('crash-tolerance', 2, 0),
    unschedulableGraceMs: raw('unschedulable-grace').trim() === '' ? null : read.duration('unschedulable-grace', ''),
    stabilizeMs: read.duration('stabilize', '0s', 0),
    onFailure: read.choice('on-failure', ['rollback', 'keep'], 'rollback'),
    onStuck: read.choice('on-stuck', ['rollback', 'forward', 'fail'], 'rollback'),
    lock: read.lock('lock'),
    repair: read.choice('repair', ['none', 'safe'], 'none'),
    test: read.boolean('test', false),
    verifyUrl: read.boolean('verify-url', false),
    revision: raw('revision').trim() === 'previous' ? null : read.optionalCount('revision', 1),
    historyMax: read.count('history-max', 10, 0),
    helmArgs: read.helmArgs('helm-args'),
    helmVersion: raw('helm-version').trim(),
    helmVersionFile: raw('helm-version-file').trim(),
    helmDownloadUrls: read.baseUrls('helm-download-url', 'https://get.helm.sh'),
    helmSha256: read.sha256('helm-sha256'),
    kubeconfig: raw('kubeconfig'),
    kubeContext: raw('kube-context').trim(),
    expectCluster: raw('expect-cluster').trim(),
    githubToken: raw('github-token').trim(),
    comment: read.choice('comment', ['on-failure', 'always', 'never'], 'on-failure'),
    evidence:
      raw('evidence').trim() === ''
        ? null
        : read.choice<EvidencePolicy>('evidence', ['full', 'no-logs', 'none'], 'full'),
    prNumber: read.optionalCount('pr-number', 1),
    ...read.environment(),
    previewTtlMs: read.ttl('preview-ttl'),
    previewQuota: read.quota('preview-quota'),
    previewCopySecrets: read.secretNames('preview-copy-secrets'),
    reportFile: raw('report-file').trim(),
  }
  return { inputs, problems }
}
