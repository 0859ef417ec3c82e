import semver from 'semver'
import type { Problem } from '../platform/errors.ts'

/** The Helm commands to which an extra argument can go. */
export type HelmCommand = 'upgrade' | 'template' | 'pull' | 'dependencies' | 'login' | 'repository'

interface AllowedFlag {
  readonly value: 'none' | 'required'
  /** The commands that get it, each with the first Helm that knows it there. */
  readonly for: Readonly<Partial<Record<HelmCommand, string>>>
}

/** The oldest Helm that the action works with. */
const oldest = '3.14.0'
const pulling = { pull: oldest }
const fetching = { pull: oldest, dependencies: '3.17.0', login: oldest }
const certified = { ...fetching, repository: oldest }
const rendering = { upgrade: oldest, template: oldest }

/** What `helm-args` may hold, and which commands get it: nothing that takes the transaction out of our hands. docs/charts.md lists it. */
export const allowedFlags: Readonly<Record<string, AllowedFlag>> = {
  '--plain-http': { value: 'none', for: { ...fetching, login: '3.18.0' } },
  '--ca-file': { value: 'required', for: certified },
  '--cert-file': { value: 'required', for: certified },
  '--key-file': { value: 'required', for: certified },
  '--pass-credentials': { value: 'none', for: { ...pulling, repository: oldest } },
  '--devel': { value: 'none', for: pulling },
  '--verify': { value: 'none', for: pulling },
  '--keyring': { value: 'required', for: pulling },
  '--post-renderer': { value: 'required', for: rendering },
  '--post-renderer-args': { value: 'required', for: rendering },
  '--skip-crds': { value: 'none', for: rendering },
  '--enable-dns': { value: 'none', for: rendering },
  '--disable-openapi-validation': { value: 'none', for: rendering },
  '--skip-schema-validation': { value: 'none', for: { upgrade: '3.16.0', template: '3.16.0' } },
  '--hide-notes': { value: 'none', for: { upgrade: '3.16.0' } },
  '--render-subchart-notes': { value: 'none', for: { upgrade: oldest } },
  '--force-conflicts': { value: 'none', for: { upgrade: '4.0.0' } },
  '--server-side': { value: 'required', for: { upgrade: '4.0.0' } },
}

/** Why a flag that people may try is not allowed, and what to use instead. */
const hints: readonly (readonly [RegExp, string])[] = [
  [/^--(atomic|rollback-on-failure|cleanup-on-fail|wait|install)$|^-i$/, 'The action does this itself'],
  [/^--timeout$/, 'Use `timeout`'],
  [/^--wait-for-jobs$/, 'Use `wait-for-jobs`'],
  [/^(--values|-f)$/, 'Use `value-files` or `values`'],
  [/^--set(-json|-string|-file)?$/, 'Use the input of the same name'],
  [/^--(username|password)$/, 'Use `repo-username` and `repo-password`'],
  [/^--(kube.*|namespace)$|^-n$/, 'Use `kubeconfig`, `kube-context` and `namespace`'],
  [/^--(version|repo)$/, 'Use `chart-version` and `repo`'],
  [/^--history-max$/, 'Use `history-max`'],
  [/^--(reuse-values|reset-values|reset-then-reuse-values)$/, 'Use `reuse-values`'],
  [/^--insecure/, 'Give the certificate authority with `--ca-file`'],
  [
    /^--(force|force-replace|take-ownership|no-hooks|dry-run)$/,
    'What it changes could not be undone, or not be checked',
  ],
]

/** An extra argument, settled: the flag, and the text that Helm is given. */
export interface ExtraArgument {
  readonly flag: string
  readonly text: string
}

/**
 * Reads a line of `helm-args`: `--flag`, `--flag=value` or `--flag value`. Values are not repeated in problems: they may be secret.
 * So may be a line without a flag, the value of the one above; only its number is told.
 */
export function parseExtraArgument(line: string, number: number): ExtraArgument | Problem {
  const [, flag = '', , value] = /^(-{0,2}[^\s=]*)([=\s]\s*(.*))?$/s.exec(line.trim()) ?? []
  const allowed = Object.hasOwn(allowedFlags, flag) ? allowedFlags[flag] : undefined
  if (!allowed) {
    if (!/^--?[a-z][a-z-]*$/i.test(flag))
      return {
        problem: `\`helm-args\`: line ${number} is not an option`,
        remedy: 'Give one option a line, its value on the same line: --option=value',
      }
    const hint = hints.find(([pattern]) => pattern.test(flag))?.[1]
    return {
      problem: `\`helm-args\`: "${flag.slice(0, 60)}" is not allowed`,
      remedy: hint ?? `Use one of ${Object.keys(allowedFlags).join(', ')}`,
    }
  }
  if (allowed.value === 'required')
    return value
      ? { flag, text: `${flag}=${value}` }
      : { problem: `\`helm-args\`: ${flag} needs a value`, remedy: `Write ${flag}=value` }
  if (value === undefined || value === 'true' || value === 'false')
    return { flag, text: value === undefined ? flag : `${flag}=${value}` }
  return { problem: `\`helm-args\`: ${flag} takes no value`, remedy: `Write ${flag}` }
}

/** The extra arguments of one command. */
export function argumentsFor(command: HelmCommand, extra: readonly ExtraArgument[]): string[] {
  return extra.filter(({ flag }) => allowedFlags[flag]?.for[command]).map(({ text }) => text)
}

/** What this Helm does not know of the extra arguments, in those of its commands that will be run. */
export function extraArgumentProblems(
  extra: readonly ExtraArgument[],
  version: string,
  commands: readonly HelmCommand[],
): Problem[] {
  // A pre-release knows what its release knows.
  const helm = semver.coerce(version)
  return extra.flatMap(({ flag }) => {
    const first = commands.flatMap((command) => allowedFlags[flag]?.for[command] ?? []).toSorted(semver.rcompare)[0]
    if (!helm || !first || semver.gte(helm, first)) return []
    const needed = first.replace(/(\.0)+$/, '')
    return {
      problem: `\`helm-args\`: ${flag} needs Helm ${needed} or newer, and this is Helm ${helm.version}`,
      remedy: `Leave it out, or set \`helm-version: ${needed}\``,
    }
  })
}
