import type { Problem } from '../platform/errors.ts'
import { parseDuration } from './duration.ts'
import type { EvidencePolicy } from '../report/evidence.ts'
import type { Assignment, Inputs } from './inputs.ts'
import { yamlMapProblem } from './yaml.ts'

/** The raw text of an input; empty when it is not given. */
export type RawInputs = (name: string) => string

/** What parsing gives: the inputs as far as they can be read, and every problem. With problems, nothing may be touched. */
export interface ParsedInputs {
  readonly inputs: Inputs
  readonly problems: readonly Problem[]
}

const maxReleaseName = 53
const maxNamespace = 63
const dnsLabel = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/
const dnsName = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/

/** Parses all inputs and collects all problems; pure, so nothing on disk or in the cluster is looked at. */
export function parseInputs(raw: RawInputs): ParsedInputs {
  const problems: Problem[] = []
  const read = readers(raw, (problem, remedy) => problems.push({ problem, remedy }))
  const mode = read.choice('mode', ['deploy', 'setup'], 'deploy')
  const isDeploy = mode === 'deploy'
  const inputs: Inputs = {
    mode,
    release: read.release(isDeploy),
    chart: read.chart(isDeploy),
    chartVersion: read.argument('chart-version'),
    repo: read.argument('repo'),
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
    historyMax: read.count('history-max', 10, 0),
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
    prNumber: raw('pr-number').trim() === '' ? null : read.count('pr-number', 1, 1),
    reportFile: raw('report-file').trim(),
  }
  return { inputs, problems }
}

function readers(raw: RawInputs, tell: (problem: string, remedy: string) => void) {
  /** A single-line value that becomes an argument of Helm: it must not look like an option. */
  function argument(name: string): string {
    const text = raw(name).trim()
    if (text.startsWith('-'))
      tell(`\`${name}\`: "${withoutUser(text)}" begins with a dash`, 'Helm would take it for an option: give a value')
    if (/[\r\n\0]/.test(text)) tell(`\`${name}\` has more than one line`, 'Give one value')
    return text
  }

  function release(isRequired: boolean): string {
    const text = raw('release').trim()
    if (text === '') {
      if (isRequired) tell('`release` is missing', 'Give the name of the Helm release')
    } else if (text.length > maxReleaseName)
      tell(`\`release\`: "${text}" has ${text.length} characters`, `Helm allows at most ${maxReleaseName}`)
    else if (!dnsName.test(text))
      tell(
        `\`release\`: "${text}" is not a DNS name`,
        'Use lower-case letters, digits, dashes and dots, with a letter or digit at both ends',
      )
    return text
  }

  function namespace(): string {
    const text = raw('namespace').trim()
    if (text === '') return text
    if (text.length > maxNamespace)
      tell(`\`namespace\`: "${text}" has ${text.length} characters`, `Kubernetes allows at most ${maxNamespace}`)
    else if (!dnsLabel.test(text))
      tell(
        `\`namespace\`: "${text}" is not a DNS label`,
        'Use lower-case letters, digits and dashes, with a letter or digit at both ends',
      )
    return text
  }

  function chart(isRequired: boolean): string {
    const text = argument('chart')
    if (text === '' && isRequired)
      tell(
        '`chart` is missing',
        'Give a directory, a .tgz file, an oci:// reference, or a chart name together with `repo`',
      )
    return text
  }

  function boolean(name: string, fallback: boolean): boolean {
    const text = raw(name).trim()
    if (text === '') return fallback
    if (/^(true|True|TRUE)$/.test(text)) return true
    if (/^(false|False|FALSE)$/.test(text)) return false
    tell(`\`${name}\`: "${text}" is not a boolean`, 'Use true or false')
    return fallback
  }

  function duration(name: string, fallback: string): number {
    const text = raw(name).trim() || fallback
    const ms = parseDuration(text)
    if (ms === null)
      tell(`\`${name}\`: "${text}" is not a duration`, 'Use a number and a unit, such as 90s, 5m or 1h30m')
    else if (ms < 1000) tell(`\`${name}\`: "${text}" is under a second`, 'Give at least 1s')
    return ms ?? 0
  }

  function count(name: string, fallback: number, least: number): number {
    const text = raw(name).trim()
    if (text === '') return fallback
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
    if (value >= least) return value
    tell(`\`${name}\`: "${text}" is not a whole number of at least ${least}`, `Use ${least} or more`)
    return fallback
  }

  function choice<T extends string>(name: string, allowed: readonly T[], fallback: T): T {
    const text = raw(name).trim()
    if (text === '') return fallback
    const found = allowed.find((word) => word === text)
    if (!found) tell(`\`${name}\`: "${text}" is unknown`, `Use ${allowed.join(', ')}`)
    return found ?? fallback
  }

  function lines(name: string): string[] {
    const found = raw(name)
      .split(/\r?\n/)
      .map((line) => line.trim())
      .filter(Boolean)
    for (const line of found)
      if (line.startsWith('-'))
        tell(`\`${name}\`: "${line}" begins with a dash`, 'Give one item a line, without list marks')
    return found
  }

  function assignments(name: string, flag: Assignment['flag']): Assignment[] {
    const found: Assignment[] = []
    for (const [index, text] of raw(name).split(/\r?\n/).entries()) {
      if (text.trim() === '') continue
      // The value may be a secret, so only the place is told.
      if (!/^\s*[^\s=][^=]*=/.test(text))
        tell(`\`${name}\`: line ${index + 1} is not an assignment`, 'Write key=value, one a line')
      found.push({ flag, text })
    }
    return found
  }

  function yamlMap(name: string): string {
    const text = raw(name)
    if (text.trim() === '') return ''
    const problem = yamlMapProblem(text)
    if (problem) tell(`\`${name}\` ${problem}`, 'Helm values are keys with values, such as `image: {tag: v1}`')
    return text
  }

  function baseUrls(name: string, fallback: string): string[] {
    const found = lines(name)
    for (const text of found) {
      const problem = baseUrlProblem(text)
      if (problem) tell(`\`${name}\`: "${withoutUser(text)}" ${problem}`, 'Give an https URL, such as that of a mirror')
    }
    return found.length > 0 ? found.filter((text) => baseUrlProblem(text) === null) : [fallback]
  }

  function sha256(name: string): string {
    const text = raw(name).trim()
    const hash = text.replace(/^sha256:/i, '').toLowerCase()
    if (text && !/^[0-9a-f]{64}$/.test(hash))
      tell(`\`${name}\`: "${text}" is not a SHA-256`, 'Give its 64 hexadecimal digits')
    return hash
  }

  return {
    argument,
    baseUrls,
    sha256,
    release,
    namespace,
    chart,
    boolean,
    duration,
    count,
    choice,
    lines,
    assignments,
    yamlMap,
  }
}

/** What keeps a text from being a URL to which the name of a file can be added; null when nothing does. */
function baseUrlProblem(text: string): string | null {
  const url = URL.canParse(text) ? new URL(text) : null
  if (!url || !/^https?:$/.test(url.protocol)) return 'is not an http or https URL'
  return url.search || url.hash ? 'has a query or a fragment, to which no file name can be added' : null
}

/** A URL without the credentials in it. */
function withoutUser(text: string): string {
  return text.replaceAll(/\/\/[^@/\s]*@/g, '//')
}
