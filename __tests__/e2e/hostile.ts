// Charts whose pods, names and notes say what is given.
/** So many names of objects are in each chart. */
export const namesInChart = 8
/** What these charts have and the chart of `examples/rbac` has not. */
export const roles = { apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles'] }
/** A log shows its last 25 lines; the last one is not hostile, so that all runs have the same. */
const mostLines = 24

/** What can be an argument of a program: no NUL, no half of a character. */
export function sayable(text: string): string {
  return text.toWellFormed().replaceAll('\u0000', '')
}

/** Helm 4 sends objects as YAML, which has no such characters. */
export function isForHelm3(text: string): boolean {
  return /[\u007F-\u0084\u0086-\u009F\uFFFE\uFFFF]/.test(text)
}

/** The texts in groups, each of which a log shows whole. */
export function batched(texts: readonly string[]): string[][] {
  const batches: string[][] = [[]]
  let lines = 0
  for (const text of texts) {
    const more = text.split('\n').length
    if (lines + more > mostLines) {
      batches.push([])
      lines = 0
    }
    lines += more
    batches.at(-1)?.push(text)
  }
  return batches
}

/** The API takes it as the name of a Role, which may be nearly anything. */
export function canBeName(text: string): boolean {
  return text.trim() !== '' && !/[/%\p{Cc}\u2028\u2029]/u.test(text) && text.length <= 100
}

/** The files of a chart: a hook whose pod says all texts and fails, Roles with these names, a ConfigMap and notes with the texts. */
export function chartFiles(texts: readonly string[], names: readonly string[]): Record<string, string> {
  const args = ['crash', '--lines=0', '--delay=3s', ...texts, 'FATAL: the end of all']
  const work = { name: 'work', image: 'testbed.local/app:1', args, terminationMessagePolicy: 'FallbackToLogsOnError' }
  const template = { spec: { restartPolicy: 'Never', terminationGracePeriodSeconds: 1, containers: [work] } }
  const hook = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'work', annotations: { 'helm.sh/hook': 'post-upgrade' } },
    spec: { backoffLimit: 0, template },
  }
  const data = Object.fromEntries(texts.map((text, index) => [`text-${String(index)}`, text]))
  const map = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'texts', annotations: { note: texts.join() } },
    data,
  }
  const named = names.map((name) => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name },
    rules: [],
  }))
  return {
    'plant/Chart.yaml': 'apiVersion: v2\nname: plant\nversion: 0.1.0\n',
    'plant/templates/hook.yaml': yamlOf(hook),
    'plant/templates/map.yaml': yamlOf(map),
    'plant/templates/roles.yaml': named.map(yamlOf).join('\n---\n'),
    'plant/templates/NOTES.txt': texts.join('\n').replaceAll('{{', '{{ "{{" }}'),
  }
}

/** JSON that YAML reads as it is meant, and Helm's templates leave alone. */
function yamlOf(object: object): string {
  return JSON.stringify(object)
    .replaceAll(
      /[\u007F-\u009F\u2028\u2029\uFEFF\uFFFE\uFFFF]/g,
      (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
    )
    .replaceAll('{{', '{{ "{{" }}')
}
