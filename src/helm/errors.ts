import type { FindingClass, Finding, ResourceRef } from '../health/finding.ts'

/** What Helm's error text is known to mean. Used for the cause that people read, never to decide what happened. */
export interface HelmErrorShape {
  readonly class: FindingClass
  readonly resource: ResourceRef | null
  readonly cause: string
  readonly advice?: string
  readonly source?: { readonly file: string; readonly line?: number }
}

interface Row {
  readonly class: FindingClass
  readonly pattern: RegExp
  readonly cause: (match: RegExpExecArray) => string
  readonly advice?: string
  readonly source?: (match: RegExpExecArray) => { file: string; line?: number }
}

const firstLine = (text: string | undefined): string => text?.split('\n')[0]?.trim() ?? ''
const oneLine = (text: string | undefined): string => (text ?? '').replaceAll(/\s+/g, ' ').trim()
const withLine = (file: string | undefined, line: string | undefined) => ({
  file: file ?? '',
  ...(line ? { line: Number(line) } : {}),
})

/** Known shapes of Helm 3.22 and 4.3, most telling first. */
const rows: readonly Row[] = [
  {
    class: 'values-schema',
    pattern: /values don't meet the specifications of the schema\(s\) in the following chart\(s\):\s*([\s\S]+)/,
    cause: (match) => `the values break the chart's schema: ${schemaErrors(match[1] ?? '')}`,
    advice: 'Correct the value, or the schema',
  },
  {
    class: 'chart-render',
    pattern: /YAML parse error on (\S+): (?:error converting YAML to JSON: )?(?:yaml: )?(?:line (\d+): )?(.+)/,
    cause: (match) =>
      `the chart does not render to YAML: ${match[1]}: ${match[2] ? `line ${match[2]}: ` : ''}${match[3]}`,
    // The line is one of the rendered text, not of the template.
    source: (match) => withLine(match[1], undefined),
  },
  {
    class: 'chart-render',
    // Charts that check their values like to begin with an empty line and to tell several things.
    pattern: /execution error at \(([^:()]+):(\d+)(?::\d+)?\):\s+([\s\S]+)/,
    cause: (match) => `the chart refuses to render: ${oneLine(match[3])} (${match[1]}:${match[2]})`,
    source: (match) => withLine(match[1], match[2]),
  },
  {
    class: 'chart-render',
    // Helm 3 nests the places in one line, Helm 4 writes them below one another; the last is where it went wrong.
    pattern: /^(?:[\s\S]*\s)?([^\s:()]+):(\d+):\d+:?\s+executing "[^"]*" at <[\s\S]*?>:\s+([\s\S]+)/,
    cause: (match) => {
      const what = oneLine(match[3]).replace(/^(?:error calling \w+: )?(?:template: )?/, '')
      return `the chart does not render: ${what} (${match[1]}:${match[2]})`
    },
    source: (match) => withLine(match[1], match[2]),
  },
  {
    class: 'chart-render',
    pattern: /(?:parse error at \(|template: )([^\s:()]+):(\d+)(?::\d+)?\)?: ?([\s\S]+)/,
    cause: (match) => `the chart does not render: ${firstLine(match[3])} (${match[1]}:${match[2]})`,
    source: (match) => withLine(match[1], match[2]),
  },
  {
    class: 'ownership',
    pattern: /\b(\w+ "[^"]+"(?: in namespace "[^"]*")?) exists and cannot be imported into the current release: (.+)/,
    cause: (match) => `${match[1]} exists already and does not belong to this release`,
    advice: 'Delete it, rename the object in the chart, or let its owner give it up',
  },
  {
    class: 'unknown-kind',
    pattern: /no matches for kind "([^"]+)" in version "([^"]+)"/,
    cause: (match) => `the cluster does not know the kind ${match[1]} in ${match[2]}`,
    advice: 'Install its CRD first, or use an apiVersion that the cluster serves',
  },
  {
    class: 'release-locked',
    pattern: /another operation \(install\/upgrade\/rollback\) is in progress/,
    cause: () => 'another operation on this release is in progress',
  },
  {
    class: 'release-locked',
    pattern: /^(?:create: failed to create: )?release: already exists/m,
    cause: () => 'another run deploys this release at the same time',
  },
  {
    class: 'conflict',
    pattern: /Apply failed with \d+ conflicts?: ([\s\S]+)/,
    cause: (match) => `another manager owns fields of it: ${firstLine(match[1])}`,
    advice: 'Leave the field out of the chart (often `replicas` beside an autoscaler), or let its manager give it up',
  },
  {
    class: 'quota-exceeded',
    pattern: /exceeded quota: .+/,
    cause: (match) => `the namespace's quota is used up: ${match[0]}`,
    advice: 'Raise the ResourceQuota, or ask for less',
  },
  {
    class: 'admission-denied',
    pattern:
      /admission webhook "([^"]+)" denied the request:? ?(.*)|(ValidatingAdmissionPolicy .+ denied request.*)|(violates PodSecurity .+)/,
    cause: (match) =>
      match[1]
        ? `the admission webhook ${match[1]} refuses it: ${match[2]}`
        : `an admission policy refuses it: ${match[3] ?? match[4]}`,
  },
  {
    class: 'forbidden',
    pattern: /is forbidden: (User "[^"]+" cannot .+)/,
    cause: (match) => `the credentials lack a permission: ${firstLine(match[1])}`,
    advice: 'Grant it with a Role and a RoleBinding in this namespace',
  },
  {
    class: 'immutable-field',
    // The field is the one right before the words that say so: other complaints in the list are of another kind.
    pattern:
      /([^\s:[][^\s:]{0,250}): (?:Invalid value|Forbidden): (?:(?!: (?:Invalid value|Forbidden|Required value): )[\s\S])*?(field is immutable|updates to statefulset spec for fields other than[^\n]*|pod updates may not change fields other than[^\n]*|field can not be less than [^\n,\]]*|may not change once set|is immutable[^\n]*)/,
    cause: (match) => `${match[1]} cannot be changed on an existing object: ${firstLine(match[2])}`,
    advice: 'Give the object a new name, or delete it first',
  },
  {
    class: 'invalid-object',
    pattern: /is invalid: ([\s\S]+)/,
    cause: (match) => `the API server finds it invalid: ${firstLine(match[1])}`,
  },
  {
    class: 'invalid-object',
    pattern:
      /(?:failed to create typed patch object \([^)]*\)|cannot be handled as an? \w+|error decoding from json|error validating data): (.+)/,
    cause: (match) =>
      `the API server finds it invalid: ${firstLine(match[1]?.replace(/; if you choose to ignore these errors.*/, ''))}`,
  },
  {
    class: 'api-refused',
    pattern: /failed calling webhook "([^"]+)": (?:failed to call webhook: )?(.+)/,
    cause: (match) => `the admission webhook ${match[1]} does not answer: ${match[2]}`,
    advice: 'Check the webhook: nothing can be changed while it is down',
  },
  {
    class: 'api-refused',
    pattern: /unable to create new content in namespace (\S+) because it is being terminated/,
    cause: (match) => `the namespace ${match[1]} is being deleted`,
    advice: 'Wait until it is gone, or deploy to another one',
  },
  {
    class: 'api-refused',
    pattern: /namespaces "([^"]+)" not found/,
    cause: (match) => `the namespace ${match[1]} does not exist`,
    advice: 'Create it, correct `namespace`, or set `create-namespace: true`',
  },
  {
    class: 'api-refused',
    pattern:
      /Request entity too large: limit is \d+|data: Too long: (?:must have at most|may not be more than) \d+ (?:bytes|characters)/,
    cause: (match) => `the release is too large to be stored in the cluster: ${match[0]}`,
    advice: 'List what the chart need not hold in its .helmignore',
  },
  {
    class: 'cluster-unreachable',
    pattern: /the server has asked for the client to provide credentials|^(?:[a-z][^\n]*: )?Unauthorized$/m,
    cause: () => 'the cluster does not accept the credentials',
    advice: 'Check the token or certificate of the kubeconfig: it may have expired',
  },
  {
    class: 'cluster-unreachable',
    pattern: /kubernetes cluster unreachable: (.+)/i,
    cause: (match) => `the cluster cannot be reached: ${match[1]}`,
  },
  {
    class: 'chart-not-found',
    // Registries (ORAS), chart repositories, and the look-up of either.
    pattern:
      /^(.*(?:basic credential not found|response status code 40[13]|: 40[13] (?:Unauthorized|Forbidden)|unauthorized: ).*)/m,
    cause: (match) => `the chart cannot be had without other credentials: ${firstLine(match[1])}`,
    advice: 'Check `repo-username` and `repo-password`, and what they may read',
  },
  {
    class: 'chart-not-found',
    pattern: /^(.*server gave HTTP response to HTTPS client.*)/m,
    cause: (match) => `the registry does not speak HTTPS: ${firstLine(match[1])}`,
    advice: 'Set `helm-args: --plain-http` if that is intended',
  },
  {
    class: 'chart-not-found',
    pattern: /^(.*helm (?:pull|registry|repo|dependency) took longer than .*)/m,
    cause: (match) => `the chart cannot be had: ${firstLine(match[1])}`,
    advice: 'Check that the registry or repository answers, and the proxy of the runner',
  },
  {
    class: 'chart-not-found',
    pattern: /(found in Chart\.yaml, but missing in charts\/ directory: .+)/,
    cause: (match) => `the chart lacks its dependencies: ${match[1]}`,
    advice: 'Run `helm dependency build` in an earlier step',
  },
  {
    class: 'chart-not-found',
    pattern:
      /^(.*(?:chart "[^"]+" .*not found in |failed to (?:download|fetch|authorize|perform "FetchReference")|non-absolute URLs should be in form of repo_name|path "[^"]+" not found|^repo \S+ not found|Chart\.yaml file is missing|unable to detect chart at|is not a valid chart repository|response status code 40[134]|(?<!release): not found$).*)/m,
    cause: (match) => `the chart cannot be had: ${firstLine(match[1])}`,
    advice: 'Check `chart`, `chart-version` and `repo`, and the credentials for it',
  },
  {
    class: 'values-schema',
    pattern: /failed parsing (--set\S*) data(.*)/,
    cause: (match) => `a line of \`${match[1]?.slice(2)}\` cannot be parsed${match[2] ?? ''}`,
    advice: 'Correct the line; a comma or a bracket in a value needs a backslash before it',
  },
  {
    class: 'api-refused',
    pattern:
      /(?:cannot patch|failed to create resource|server-side apply failed|cannot (?:create|re-use|replace))[\s\S]*?: (.+)/,
    cause: (match) => `the API server refuses it: ${firstLine(match[1])}`,
  },
]

/** Helm's own error text, without klog noise, warnings and prefixes. */
export function helmErrorText(stderr: string): string {
  const lines = stderr
    .split('\n')
    .filter((line) => !/^[EWIF]\d{4} /.test(line) && !/^(level=|WARNING: |time=.* level=|I\d{4} )/.test(line))
  const text = withoutValues(lines.join('\n'))
  const start = text.search(/^Error: /m)
  return (start >= 0 ? text.slice(start) : text)
    .replace(/^Error: /, '')
    .replace(/^(UPGRADE|INSTALLATION) FAILED: /, '')
    .trim()
}

/** What Helm and the API server quote of values and whole objects may be secret, and is no help. */
function withoutValues(text: string): string {
  return text
    .replaceAll(/(failed parsing --set-json data) .*/g, '$1')
    .replaceAll(/Invalid value: "\{(?:[^"\\]|\\.)*"/g, 'Invalid value: "{…}"')
    .replaceAll(/Invalid value: \{[^\n]{300,}?\}: /g, 'Invalid value: {…}: ')
}

/** Enough for every known shape; an error can quote an object of a megabyte. */
const maxTextLength = 8000

/** Recognises an error of Helm; null for one that only says that time ran out, or for an unknown text. */
export function recogniseHelmError(text: string, namespace: string): HelmErrorShape | null {
  const start = text.slice(0, maxTextLength)
  for (const row of rows) {
    const match = row.pattern.exec(start)
    if (!match) continue
    const source = row.source?.(match)
    return {
      class: row.class,
      resource: resourceIn(start, namespace),
      cause: row.cause(match),
      ...(row.advice ? { advice: row.advice } : {}),
      ...(source ? { source } : {}),
    }
  }
  return null
}

/** The finding for an error that Helm tells: about the object that it names, else about the chart. */
export function helmFinding(text: string, namespace: string, chart: string): Finding {
  const known = recogniseHelmError(text, namespace)
  return {
    class: known?.class ?? 'unknown',
    resource: known?.resource ??
      resourceIn(text.slice(0, maxTextLength), namespace) ?? { kind: 'Chart', namespace, name: chartName(chart) },
    cause: known?.cause ?? `Helm failed: ${firstLine(text) || 'it gave no reason'}`,
    ...(known?.advice ? { advice: known.advice } : {}),
    severity: { kind: 'now' },
    count: 1,
    evidence: {
      status: {},
      events: [],
      logs: [],
      excerpt: {},
      message: text,
      ...(known?.source ? { source: known.source } : {}),
    },
  }
}

/** The last part of a path or reference: what people call the chart. */
function chartName(chart: string): string {
  return (
    chart
      .replace(/[/\\]+$/, '')
      .split(/[/\\]/)
      .at(-1) || chart
  )
}

/** Whether the text only says that time ran out or that we interrupted Helm: the cause is then in the cluster. */
export function isOnlyTimeout(text: string): boolean {
  const isTimeout = /context deadline exceeded|timed out waiting for the condition|context canceled|has been cancelled/
  return isTimeout.test(text) && recogniseHelmError(text, '') === null
}

/** The phase of the hooks that failed, as in `pre-upgrade hooks failed: …` (upgrade) or `failed pre-install: …` (install). */
export function failedHookPhase(text: string): string | null {
  return (
    /((?:pre|post)-(?:upgrade|install|rollback|delete)) hooks failed/.exec(text)?.[1] ??
    /failed ((?:pre|post)-(?:install|upgrade)): /.exec(text)?.[1] ??
    null
  )
}

interface ResourcePattern {
  readonly pattern: RegExp
  readonly kind: number
  readonly name: number
  readonly namespace?: number
  /** The namespace is the manifest's, where none means the release's; elsewhere none means that there is none. */
  readonly isAsWritten?: boolean
}

const resourcePatterns: readonly ResourcePattern[] = [
  {
    pattern: /(?:server-side apply failed for|conflict occurred while applying) object (\S*?)\/(\S+) \S*, Kind=(\w+)/,
    namespace: 1,
    name: 2,
    kind: 3,
  },
  { pattern: /cannot (?:patch|create|replace) "([^"]+)" with kind (\w+)/, name: 1, kind: 2 },
  { pattern: /\b([A-Z]\w+) "([^"]+)" in namespace "([^"]*)" exists/, kind: 1, name: 2, namespace: 3 },
  { pattern: /\b([A-Z]\w+) "([^"]+)" exists and cannot be imported/, kind: 1, name: 2 },
  {
    pattern:
      /resource mapping not found for name: "([^"]+)" namespace: "([^"]*)" from "[^"]*": no matches for kind "([^"]+)"/,
    name: 1,
    namespace: 2,
    kind: 3,
    isAsWritten: true,
  },
  { pattern: /\b([A-Z]\w+)(?:\.[a-z0-9.]+)? "([^"]+)" is invalid/, kind: 1, name: 2 },
  {
    pattern: /failed to create (?:typed patch object|resource) \((\S*?)\/(\S+?); \S*, Kind=(\w+)\)/,
    namespace: 1,
    name: 2,
    kind: 3,
  },
  { pattern: /resource (\w+)\/([^/\s]*)\/(\S+) not ready/, kind: 1, namespace: 2, name: 3 },
]

/** Plural resource names in Kubernetes' "forbidden" messages, as kinds. */
const plurals: Readonly<Record<string, string>> = {
  configmaps: 'ConfigMap',
  secrets: 'Secret',
  services: 'Service',
  serviceaccounts: 'ServiceAccount',
  pods: 'Pod',
  'deployments.apps': 'Deployment',
  'statefulsets.apps': 'StatefulSet',
  'daemonsets.apps': 'DaemonSet',
  'jobs.batch': 'Job',
  'cronjobs.batch': 'CronJob',
  'ingresses.networking.k8s.io': 'Ingress',
  'roles.rbac.authorization.k8s.io': 'Role',
  'rolebindings.rbac.authorization.k8s.io': 'RoleBinding',
  persistentvolumeclaims: 'PersistentVolumeClaim',
  'networkpolicies.networking.k8s.io': 'NetworkPolicy',
  'poddisruptionbudgets.policy': 'PodDisruptionBudget',
  'horizontalpodautoscalers.autoscaling': 'HorizontalPodAutoscaler',
}

function resourceIn(text: string, namespace: string): ResourceRef | null {
  for (const { pattern, kind, name, namespace: ns, isAsWritten } of resourcePatterns) {
    const match = pattern.exec(text)
    if (!match) continue
    const told = ns === undefined ? undefined : match[ns]
    const settled = isAsWritten ? told || namespace : (told ?? namespace)
    return { kind: match[kind] ?? '', name: match[name] ?? '', namespace: settled }
  }
  const plural = /\b([a-z.0-9]+) "([^"]+)" is forbidden/.exec(text)
  const kind = plurals[plural?.[1] ?? '']
  return plural && kind ? { kind, name: plural[2] ?? '', namespace } : null
}

/** The schema's complaints on one line; Helm 3 and 4 both print a chart's name and then a line for each. */
function schemaErrors(text: string): string {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('- '))
  return lines.map((line) => line.slice(2)).join('; ') || firstLine(text)
}
