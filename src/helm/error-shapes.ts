import type { FindingClass } from '../health/finding.ts'

/** A shape of an error that Helm tells: how it is recognised, and what it means. */
export interface ErrorShape {
  /** As in the table of `health/`, and what Helm says, for people. */
  readonly id: string
  readonly sign: string
  readonly class: FindingClass
  readonly pattern: RegExp
  readonly cause: (match: RegExpExecArray) => string
  readonly advice: string
  /** The objects that it names have no part in it. */
  readonly isAboutNone?: true
  readonly source?: (match: RegExpExecArray) => { file: string; line?: number }
}

/** The first line of a text; empty when there is none. */
export const firstLine = (text: string | undefined): string => text?.split('\n')[0]?.trim() ?? ''
const oneLine = (text: string | undefined): string => (text ?? '').replaceAll(/\s+/g, ' ').trim()
const withLine = (file: string | undefined, line: string | undefined) => ({
  file: file ?? '',
  ...(line ? { line: Number(line) } : {}),
})

/** Known shapes of Helm 3.22 and 4.3, most telling first. */
export const errorShapes: readonly ErrorShape[] = [
  {
    id: 'A03',
    sign: 'the values break the schema of the chart',
    class: 'values-schema',
    pattern: /values don't meet the specifications of the schema\(s\) in the following chart\(s\):\s*([\s\S]+)/,
    cause: (match) => `the values break the chart's schema: ${schemaErrors(match[1] ?? '')}`,
    advice: 'Correct the value, or the schema',
  },
  {
    id: 'A02',
    sign: "the chart's own values.yaml or Chart.yaml is not YAML",
    class: 'chart-render',
    pattern:
      /cannot load (values\.yaml|Chart\.yaml): (?:cannot unmarshal yaml document: )?(?:error converting YAML to JSON: )?(?:yaml: )?(?:line \d+: )?(.+)/,
    cause: (match) => `the chart's ${match[1]} is not valid YAML: ${match[2]}`,
    // Helm's line is one off for some mistakes.
    source: (match) => withLine(`chart/${match[1]}`, undefined),
    advice: 'Correct the file',
  },
  {
    id: 'A02',
    sign: 'a template renders something that is not YAML',
    class: 'chart-render',
    pattern: /YAML parse error on (\S+): (?:error converting YAML to JSON: )?(?:yaml: )?(?:line (\d+): )?(.+)/,
    cause: (match) =>
      `the chart does not render to YAML: ${match[1]}: ${match[2] ? `line ${match[2]}: ` : ''}${match[3]}`,
    // The line is one of the rendered text, not of the template.
    source: (match) => withLine(match[1], undefined),
    advice: 'Correct the template; `helm template --debug` prints what it renders',
  },
  {
    id: 'A02',
    sign: 'the chart itself refuses to render (`fail`, `required`)',
    class: 'chart-render',
    // Charts that check their values like to begin with an empty line and to tell several things.
    pattern: /execution error at \(([^:()]+):(\d+)(?::\d+)?\):\s+([\s\S]+)/,
    cause: (match) => `the chart refuses to render: ${oneLine(match[3])} (${match[1]}:${match[2]})`,
    source: (match) => withLine(match[1], match[2]),
    advice: 'Set the value that the chart asks for',
  },
  {
    id: 'A02',
    sign: 'a template fails while it is executed, such as a nil pointer',
    class: 'chart-render',
    // Helm 3 nests the places in one line, Helm 4 writes them below one another; the last is where it went wrong.
    pattern: /^(?:[\s\S]*\s)?([^\s:()]+):(\d+):\d+:?\s+executing "[^"]*" at <[\s\S]*?>:\s+([\s\S]+)/,
    cause: (match) => {
      const what = oneLine(match[3]).replace(/^(?:error calling \w+: )?(?:template: )?/, '')
      return `the chart does not render: ${what} (${match[1]}:${match[2]})`
    },
    source: (match) => withLine(match[1], match[2]),
    advice: 'Set the value that the line reads, or guard it with `default` or `with`',
  },
  {
    id: 'A02',
    sign: 'a template cannot be parsed',
    class: 'chart-render',
    pattern: /(?:parse error at \(|template: )([^\s:()]+):(\d+)(?::\d+)?\)?: ?([\s\S]+)/,
    cause: (match) => `the chart does not render: ${firstLine(match[3])} (${match[1]}:${match[2]})`,
    source: (match) => withLine(match[1], match[2]),
    advice: 'Correct the template',
  },
  {
    id: 'A17',
    sign: 'the API server or its store is overloaded or restarts (429, 503, etcd)',
    class: 'cluster-unreachable',
    pattern:
      /(etcdserver: [^\n"]+|the server has received too many requests and has asked us to try again later|TooManyRequests|the server is currently unable to handle the request)/,
    cause: (match) => `the API server cannot answer at the moment: ${match[1]}`,
    advice: 'Deploy again in a moment; look at the load of the API server when it comes back',
  },
  {
    id: 'A05',
    sign: 'an object exists and belongs to another release, or to none',
    class: 'ownership',
    pattern: /\b(\w+ "[^"]+"(?: in namespace "[^"]*")?) exists and cannot be imported into the current release: (.+)/,
    cause: (match) => `${match[1]} exists already and does not belong to this release`,
    advice: 'Delete it, rename the object in the chart, or let its owner give it up',
  },
  {
    id: 'A04',
    sign: 'the cluster does not know a kind or its version',
    class: 'unknown-kind',
    pattern: /no matches for kind "([^"]+)" in version "([^"]+)"/,
    cause: (match) => `the cluster does not know the kind ${match[1]} in ${match[2]}`,
    advice: 'Install its CRD first, or use an apiVersion that the cluster serves',
  },
  {
    id: 'A14',
    sign: 'another operation on the release is in progress',
    class: 'release-locked',
    pattern: /another operation \(install\/upgrade\/rollback\) is in progress/,
    cause: () => 'another operation on this release is in progress',
    advice: 'Wait for the other run, or see whether one that is dead has left the release pending',
  },
  {
    id: 'A14',
    sign: 'another run makes the same revision at the same time',
    class: 'release-locked',
    pattern: /^(?:create: failed to create: )?release: already exists/m,
    cause: () => 'another run deploys this release at the same time',
    advice: 'Let only one run deploy a release at a time, with `concurrency` in the workflow',
  },
  {
    id: 'A07',
    sign: 'another manager owns fields of an object (server-side apply)',
    class: 'conflict',
    pattern: /Apply failed with \d+ conflicts?: ([^\n]+(?:\n(?:- |conflicts? with )[^\n]+)*)/,
    cause: (match) => `another manager owns fields of it: ${oneLine(match[1]?.replaceAll('\n- ', ' '))}`,
    advice:
      'Leave the field out of the chart (often `replicas` beside an autoscaler), or take it with `--force-conflicts` in `helm-args`',
  },
  {
    id: 'A12',
    sign: 'an object would exceed the quota of the namespace',
    class: 'quota-exceeded',
    pattern: /exceeded quota: .+/,
    cause: (match) => `the namespace's quota is used up: ${match[0]}`,
    advice: 'Raise the ResourceQuota, or ask for less',
  },
  {
    id: 'A09',
    sign: 'an admission webhook, a policy or Pod Security refuses an object',
    class: 'admission-denied',
    pattern:
      /admission webhook "([^"]+)" denied the request:? ?(.*)|(ValidatingAdmissionPolicy .+ denied request.*)|(violates PodSecurity .+)/,
    cause: (match) =>
      match[1]
        ? `the admission webhook ${match[1]} refuses it: ${match[2]}`
        : `an admission policy refuses it: ${match[3] ?? match[4]}`,
    advice: 'Change what the policy objects to',
  },
  {
    id: 'A10',
    sign: 'the credentials lack a permission',
    class: 'forbidden',
    pattern: /is forbidden: (User "[^"]+" cannot .+)/,
    cause: (match) => `the credentials lack a permission: ${firstLine(match[1])}`,
    advice: 'Grant it with a Role and a RoleBinding in this namespace',
  },
  {
    id: 'A06',
    sign: 'a field cannot be changed on an existing object',
    class: 'immutable-field',
    // The field is the one right before the words that say so: other complaints in the list are of another kind.
    pattern:
      /([^\s:[][^\s:]{0,250}): (?:Invalid value|Forbidden): (?:(?!: (?:Invalid value|Forbidden|Required value): )[\s\S])*?(field is immutable|updates to statefulset spec for fields other than[^\n]*|pod updates may not change fields other than[^\n]*|field can not be less than [^\n,\]]*|may not change once set|is immutable[^\n]*)/,
    cause: (match) => `${match[1]} cannot be changed on an existing object: ${firstLine(match[2])}`,
    advice: 'Give the object a new name, or delete it first',
  },
  {
    id: 'A13',
    sign: 'the release is too large to be stored',
    class: 'api-refused',
    pattern:
      /Request entity too large: limit is \d+|data: Too long: (?:must have at most|may not be more than) \d+ (?:bytes|characters)/,
    cause: (match) => `the release is too large to be stored in the cluster: ${match[0]}`,
    advice: 'List what the chart need not hold in its .helmignore',
  },
  {
    id: 'A18',
    sign: 'the API server finds an object invalid',
    class: 'invalid-object',
    pattern: /is invalid: ([\s\S]+)/,
    cause: (match) => `the API server finds it invalid: ${firstLine(match[1])}`,
    advice: 'Correct the field in the chart or the values',
  },
  {
    id: 'A18',
    sign: 'an object does not fit the schema of its kind',
    class: 'invalid-object',
    pattern:
      /(?:failed to create typed patch object \([^)]*\)|cannot be handled as an? \w+|error decoding from json|error validating data): (.+)/,
    cause: (match) =>
      `the API server finds it invalid: ${firstLine(match[1]?.replace(/; if you choose to ignore these errors.*/, ''))}`,
    advice: 'Correct the field in the chart or the values',
  },
  {
    id: 'A08',
    sign: 'an admission webhook does not answer',
    class: 'api-refused',
    pattern: /failed calling webhook "([^"]+)": (?:failed to call webhook: )?(.+)/,
    cause: (match) => `the admission webhook ${match[1]} does not answer: ${match[2]}`,
    advice: 'Check the webhook: nothing can be changed while it is down',
  },
  {
    id: 'A11',
    sign: 'the namespace is being deleted',
    class: 'api-refused',
    pattern: /unable to create new content in namespace (\S+) because it is being terminated/,
    cause: (match) => `the namespace ${match[1]} is being deleted`,
    advice: 'Wait until it is gone, or deploy to another one',
  },
  {
    id: 'A11',
    sign: 'the namespace does not exist',
    class: 'api-refused',
    pattern: /namespaces "([^"]+)" not found/,
    cause: (match) => `the namespace ${match[1]} does not exist`,
    advice: 'Create it, correct `namespace`, or set `create-namespace: true`',
  },
  {
    id: 'A16',
    sign: 'the cluster does not accept the credentials',
    class: 'cluster-unreachable',
    pattern: /the server has asked for the client to provide credentials|^(?:[a-z][^\n]*: )?Unauthorized$/m,
    cause: () => 'the cluster does not accept the credentials',
    advice: 'Check the token or certificate of the kubeconfig: it may have expired',
  },
  {
    id: 'A17',
    sign: 'the cluster does not answer, or its certificate is not trusted',
    class: 'cluster-unreachable',
    pattern: /kubernetes cluster unreachable: (.+)/i,
    cause: (match) => `the cluster cannot be reached: ${match[1]}`,
    advice: 'Check the server in the kubeconfig, and the network of the runner',
  },
  {
    id: 'A17',
    sign: "the API server went away while Helm 4 waited, whose watcher then knows of no object's state",
    class: 'cluster-unreachable',
    // At the timeout it says so too, of what it has never seen.
    pattern: /^(?![\s\S]*context deadline exceeded)resource \S+ not ready\. status: Unknown, message:\s*$/m,
    isAboutNone: true,
    cause: () => 'Helm lost its connection to the API server while it waited, and gave up',
    advice: 'Deploy again; look at the API server and the network at that time if it happens again',
  },
  {
    id: 'A01',
    sign: 'the registry or repository refuses the credentials',
    class: 'chart-not-found',
    // Registries (ORAS), chart repositories, and the look-up of either.
    pattern:
      /^(.*(?:basic credential not found|response status code 40[13]|: 40[13] (?:Unauthorized|Forbidden)|unauthorized: ).*)/m,
    cause: (match) => `the chart cannot be had without other credentials: ${firstLine(match[1])}`,
    advice: 'Check `repo-username` and `repo-password`, and what they may read',
  },
  {
    id: 'A01',
    sign: 'the certificate of the registry or repository is not trusted',
    class: 'chart-not-found',
    pattern: /^(.*(?:\/v2\/|index\.yaml|\.tgz)[^\n]*(?:x509|tls): .*)/m,
    cause: (match) => `the certificate of the registry or repository is not trusted: ${firstLine(match[1])}`,
    advice: 'Name the file of its certificate authority with `helm-args: --ca-file=…`',
  },
  {
    id: 'A01',
    sign: 'the registry does not speak HTTPS',
    class: 'chart-not-found',
    pattern: /^(.*server gave HTTP response to HTTPS client.*)/m,
    cause: (match) => `the registry does not speak HTTPS: ${firstLine(match[1])}`,
    advice: 'Set `helm-args: --plain-http` if that is intended',
  },
  {
    id: 'A01',
    sign: 'the registry or repository does not answer',
    class: 'chart-not-found',
    pattern: /^(.*helm (?:pull|registry|repo|dependency) took longer than .*)/m,
    cause: (match) => `the chart cannot be had: ${firstLine(match[1])}`,
    advice: 'Check that the registry or repository answers, and the proxy of the runner',
  },
  {
    id: 'A01',
    sign: 'a dependency of the chart is not there',
    class: 'chart-not-found',
    pattern: /(found in Chart\.yaml, but missing in charts\/ directory: .+)/,
    cause: (match) => `the chart lacks its dependencies: ${match[1]}`,
    advice: 'Run `helm dependency build` in an earlier step',
  },
  {
    id: 'A01',
    sign: 'the chart, its version, or the repository does not exist',
    class: 'chart-not-found',
    pattern:
      /^(.*(?:chart "[^"]+" .*not found in |failed to (?:download|fetch|authorize|perform "FetchReference")|non-absolute URLs should be in form of repo_name|path "[^"]+" not found|^repo \S+ not found|Chart\.yaml file is missing|unable to detect chart at|is not a valid chart repository|the repository \S+ cannot be read|response status code 40[134]|(?<!release): not found$).*)/m,
    cause: (match) => `the chart cannot be had: ${firstLine(match[1])}`,
    advice: 'Check `chart`, `chart-version` and `repo`, and the credentials for it',
  },
  {
    id: 'A03',
    sign: 'a line of `set` cannot be parsed',
    class: 'values-schema',
    pattern: /failed parsing (--set\S*) data(.*)/,
    cause: (match) => `a line of \`${match[1]?.slice(2)}\` cannot be parsed${match[2] ?? ''}`,
    advice: 'Correct the line; a comma or a bracket in a value needs a backslash before it',
  },
  {
    id: 'A18',
    sign: 'the API server refuses an object for any other reason',
    class: 'api-refused',
    pattern:
      /(?:cannot patch|failed to create resource|server-side apply failed|cannot (?:create|re-use|replace))[\s\S]*?: (.+)/,
    cause: (match) => `the API server refuses it: ${firstLine(match[1])}`,
    advice: 'Correct what the message names in the chart or the values',
  },
]

/** The schema's complaints on one line; Helm 3 and 4 both print a chart's name and then a line for each. */
function schemaErrors(text: string): string {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('- '))
  return lines.map((line) => line.slice(2)).join('; ') || firstLine(text)
}
