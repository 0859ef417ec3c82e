// Writes docs/diagnosis.md from the table of failure signals; `--check` only tells whether it is in step.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { format } from 'oxfmt'
import { findingClasses, type FindingClass, type Severity } from '../src/health/finding.ts'
import { objectRowGroups } from '../src/health/object-faults.ts'
import { refinements } from '../src/health/refine.ts'
import { remarkRows } from '../src/health/remarks.ts'
import { containerRows, podRowGroups } from '../src/health/signals.ts'
import { urlAdvice } from '../src/health/url-finding.ts'
import { errorShapes } from '../src/helm/error-shapes.ts'

/** One line of the document. */
interface Line {
  readonly id: string
  readonly class: FindingClass
  readonly sign: string
  readonly wait: string
  readonly advice: string
}

const meanings: Readonly<Record<FindingClass, string>> = {
  'cluster-unreachable':
    'The API server does not answer, its certificate is not trusted, or it does not accept the credentials.',
  'chart-not-found': 'The chart, its version, a dependency or its repository does not exist, or may not be read.',
  'chart-render':
    'A template does not render, or renders something that is not YAML; file and line are in the evidence.',
  'values-schema': 'The values break the schema of the chart, or cannot be parsed.',
  'unknown-kind': 'The cluster does not know a kind or its version: a definition is missing, or the version is gone.',
  'immutable-field': 'A field differs that cannot be changed on an existing object, such as a selector.',
  'invalid-object': 'The API server says that an object is not valid; the field is in the evidence.',
  forbidden: 'The identity of the deploy may not do what the chart needs.',
  'quota-exceeded': 'An object or a pod would take the namespace over its ResourceQuota, or breaks its LimitRange.',
  'admission-denied': 'An admission webhook, a policy or Pod Security refuses an object or a pod.',
  conflict: 'Another manager owns a field, or an object was changed at the same moment.',
  'api-refused': 'The API server refuses for another reason.',
  ownership: 'An object exists already and belongs to another release or to none.',
  'release-locked': 'Another operation on the release is in progress, or an earlier one never ended.',
  'replica-creation': 'The pods of a workload cannot be created.',
  unschedulable: 'No node takes the pod. It is named at once; an autoscaler may be bringing a node.',
  volume: 'A volume cannot be provisioned, attached or mounted.',
  sandbox: 'The node cannot make the sandbox of the pod: its network, its runtime.',
  'image-name': 'An image reference cannot be parsed.',
  'image-pull': 'An image cannot be pulled.',
  'missing-config':
    'A ConfigMap, a Secret or a key of one that a container or a volume needs does not exist; it may still come.',
  'container-start': 'A container cannot be configured or started; its process never ran.',
  'crash-loop': 'A container starts and ends again and again.',
  'not-ready': 'Containers run and do not become ready; the answer of the probe is in the evidence.',
  'hook-failed': 'A hook of the chart failed; its log is in the evidence even if the hook is deleted by now.',
  'job-failed': 'A Job of the chart failed for good.',
  'pod-failed': 'A pod ended that nobody replaces, or pods are evicted again and again.',
  'resource-failed': 'An object without pods says by its conditions that it does not work.',
  'rollout-stalled': 'The rollout makes no progress, and no pod says why.',
  'url-not-answering':
    'Everything is ready, and with `verify-url` the URL of the environment did not answer 2xx or 3xx until the time was up.',
  'no-effect':
    'Helm calls it deployed although it does nothing, or is not as well as it looks: a warning, never a reason to go back.',
  unknown: 'Something else; the raw message is in the evidence.',
}

const urlSigns: Readonly<Record<keyof typeof urlAdvice, string>> = {
  name: 'its name does not resolve',
  refused: 'connections are refused',
  timeout: 'nothing answers within 5 s',
  certificate: 'the certificate is not trusted, expired, or for another name; its facts are in the evidence',
  broken: 'the connection breaks, or a proxy does not let it through',
  login: '401 or 403',
  path: '404',
  backend: '502, 503 or 504',
  answer: 'any other 4xx or 5xx; the first lines of the body are in the evidence',
  none: 'no URL is given, and no object of the release has one',
}

const cluster = [...containerRows, ...Object.values(podRowGroups).flat(), ...objectRowGroups.flat(), ...remarkRows]
const lines: readonly Line[] = [
  ...errorShapes.map(({ id, class: name, sign, advice }) => ({
    id,
    class: name,
    sign,
    advice,
    wait: 'at once, by Helm',
  })),
  ...cluster.map(({ id, class: name, sign, advice, severity }) => ({
    id,
    class: name,
    sign,
    advice,
    wait: waitOf(severity, id, name),
  })),
  ...refinements.map(({ id, class: name, sign, advice }) => ({
    id,
    class: name,
    sign,
    advice,
    wait: 'as the signal that it explains',
  })),
  {
    id: 'H06',
    class: 'hook-failed',
    sign: 'Helm says that a hook failed, or its Job has the condition Failed',
    wait: 'at once, by Helm; a hook that runs is never cut',
    advice: 'Read the log of the hook',
  },
  ...Object.entries(urlAdvice).map(([why, advice], index) => ({
    id: `U${String(index + 1).padStart(2, '0')}`,
    class: 'url-not-answering' as const,
    sign: urlSigns[why as keyof typeof urlAdvice],
    wait: 'at the timeout',
    advice,
  })),
]

const introduction = `<!-- Generated by .ci/diagnosis.ts from the table in src/health: change it there. -->

# Diagnosis

The words of \`failing-resources[].class\`, in the order of their layer, lowest first: when one resource shows several, the first
in this list is the cause. Everything is judged by the clock of the API server, and only on objects of the new revision: what was
broken before is not this deploy's fault. With \`fail-fast: false\` nothing but Helm and \`timeout\` ends a deploy.

**Slow is not broken, and one bad node is not a bad release.** A fault of a pod ends the deploy only when all new pods show it, or
pods on two nodes do; where pods come one after another, as in a StatefulSet, one is enough. A crash loop, whatever its cause, takes
the third crash of a container (\`crash-tolerance\` says how many are forgiven), and 30 s since its first start. What is missing may
still come: the time begins anew when it appears. A hook that runs is never cut.

**What only events tell** (volumes, sandboxes, pods of a StatefulSet that cannot be created) stays unknown until the timeout when the
identity of the deploy may not read events; the report says so.

## For one resource

Two annotations of an object in the chart stand above this table. A wrong value is a warning, and the default holds.

| annotation | meaning |
| --- | --- |
| \`atomic-helm.dev/fail-fast: "off"\` | nothing about this object ends the deploy before the timeout |
| \`atomic-helm.dev/grace: 90s\` | stands for every wait below, also for "at once" |

Pods that no node takes are judged at the timeout, or after \`unschedulable-grace\`. With \`stabilize\`, the release is watched on after
it is complete: then the first crash, a lost readiness or a failed Job takes it back.

## To judge it again

The report of a run holds everything that the diagnosis saw. \`npm run diagnose -- report.json\` prints the findings again from nothing
but that recording; attach it when a verdict was wrong.
`

const target = fileURLToPath(new URL('../docs/diagnosis.md', import.meta.url))
const { code } = await format('diagnosis.md', documentText(), { printWidth: 120 })
if (!process.argv.includes('--check')) writeFileSync(target, code)
else if (readFileSync(target, 'utf8') !== code) {
  console.error('docs/diagnosis.md is not in step with the table of signals: run `npm run docs`')
  process.exitCode = 1
}

function documentText(): string {
  const sections = findingClasses.flatMap((name) => {
    const own = lines.filter((line) => line.class === name)
    const rows = own.map(({ id, sign, wait, advice }) => `| ${[id, sign, wait, advice].map(cell).join(' | ')} |`)
    const table =
      rows.length > 0 ? ['| | what is seen | ends the deploy | what to do |', '| --- | --- | --- | --- |', ...rows] : []
    return [`## \`${name}\``, '', meanings[name], '', ...table, '']
  })
  return [introduction, ...sections].join('\n')
}

function waitOf(severity: Severity, id: string, name: FindingClass): string {
  const after = severity.kind === 'grace' ? `${severity.afterMs / 1000} s` : ''
  if (after && (name === 'crash-loop' || id === 'F04')) return `at the third crash, ${after} after the first start`
  // Told by events alone: the time of a try that failed counts.
  if (after && id.startsWith('D')) return `at the first try that fails after ${after}`

  switch (severity.kind) {
    case 'now':
      return 'at once'
    case 'grace':
      return `after ${after}`
    case 'timeout':
      return 'at the timeout'
    case 'information':
      return 'never: a warning'
  }
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}
