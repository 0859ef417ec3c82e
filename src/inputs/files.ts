import { existsSync, globSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathInWorkspace } from '../places/in-workspace.ts'
import type { Problem } from '../platform/errors.ts'
import type { Inputs } from './inputs.ts'
import { yamlErrorLine, yamlMapProblem } from './yaml.ts'

/** Where the chart comes from, settled by looking at the disk. */
export interface ChartSource {
  /** What Helm is given: an absolute path, an oci:// reference, or a name within `repo`. */
  readonly reference: string
  readonly kind: 'directory' | 'archive' | 'oci' | 'repository'
}

/** Inputs that name files, looked up under the workspace. */
export interface FileInputs {
  readonly chart: ChartSource
  /** Absolute paths, globs opened, in order. */
  readonly valueFiles: readonly string[]
  readonly problems: readonly Problem[]
}

/** Finds the chart and the value files, and tells everything that is missing or unreadable. */
export function findFiles(inputs: Inputs, workspace: string): FileInputs {
  const chart = inputs.chart
    ? findChart(inputs, workspace)
    : { chart: { reference: '', kind: 'directory' as const }, problems: [] }
  const files = inputs.valueFiles.map((pattern) => findValueFiles(pattern, workspace))
  return {
    chart: chart.chart,
    valueFiles: files.flatMap(({ paths }) => paths),
    problems: [...chart.problems, ...files.flatMap(({ problems }) => problems)],
  }
}

/** Whether a chart comes from a registry or a repository, and not from the workspace. */
export function isRemoteChart({ chart, repo }: Pick<Inputs, 'chart' | 'repo'>): boolean {
  return chart.startsWith('oci://') || (repo !== '' && !/^(?:\.{0,2}|[A-Za-z]:)[/\\]/.test(chart))
}

function findChart(
  { chart, repo, chartDigest }: Inputs,
  workspace: string,
): { chart: ChartSource; problems: Problem[] } {
  if (isRemoteChart({ chart, repo })) {
    if (chart.startsWith('oci://')) return { chart: { reference: chart, kind: 'oci' }, problems: [] }
    // Helm knows no `--repo` that is a registry, but people do.
    if (repo.startsWith('oci://'))
      return { chart: { reference: `${repo.replace(/\/+$/, '')}/${chart}`, kind: 'oci' }, problems: [] }
    return { chart: { reference: chart, kind: 'repository' }, problems: [] }
  }
  const path = resolve(workspace, chart)
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found) {
    const remedy =
      'Check the path, that the repository is checked out, or give `repo` when it is the name of a chart in a repository'
    return {
      chart: { reference: path, kind: 'directory' },
      problems: [{ problem: `\`chart\`: there is no "${chart}" in the workspace`, remedy }],
    }
  }
  if (found.isDirectory() && !existsSync(join(path, 'Chart.yaml'))) {
    const problem = `\`chart\`: the directory "${chart}" has no Chart.yaml`
    return {
      chart: { reference: path, kind: 'directory' },
      problems: [{ problem, remedy: 'Give the directory that holds Chart.yaml' }],
    }
  }
  if (found.isDirectory() && chartDigest) {
    const problem = '`chart-digest` is given, but the chart is a directory'
    return {
      chart: { reference: path, kind: 'directory' },
      problems: [{ problem, remedy: 'Leave it out: it pins charts that come as an archive or from a registry' }],
    }
  }
  return { chart: { reference: path, kind: found.isDirectory() ? 'directory' : 'archive' }, problems: [] }
}

function findValueFiles(pattern: string, workspace: string): { paths: string[]; problems: Problem[] } {
  const literal = resolve(workspace, pattern)
  const isGlob = /[*?[\]{}]/.test(pattern) && !existsSync(literal)
  const paths = isGlob
    ? inOrder(globSync(pattern, { cwd: workspace })).map((path) => resolve(workspace, path))
    : [literal]
  if (paths.length === 0)
    return {
      paths,
      problems: [
        {
          problem: `\`value-files\`: no file matches "${pattern}"`,
          remedy: 'Check the pattern; it is relative to the workspace',
        },
      ],
    }
  const problems = paths.flatMap((path) => {
    const problem = valueFileProblem(path, isGlob ? path.slice(resolve(workspace).length + 1) : pattern, workspace)
    return problem ?? []
  })
  return { paths, problems }
}

/** By name with slashes: which file wins must not depend on the system. */
export function inOrder(paths: readonly string[]): string[] {
  const key = (path: string): string => path.replaceAll('\\', '/')
  return paths.toSorted((one, other) => (key(one) < key(other) ? -1 : 1))
}

function valueFileProblem(path: string, name: string, workspace: string): Problem | null {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) {
    return {
      problem: `\`value-files\`: there is no file "${name}"`,
      remedy: 'Check the path; it is relative to the workspace',
    }
  }
  const text = readFileSync(path, 'utf8')
  const problem = yamlMapProblem(text)
  if (!problem) return null
  const file = pathInWorkspace(path, workspace)
  const line = yamlErrorLine(text)
  return {
    problem: `\`value-files\`: "${name}" ${problem}`,
    remedy: 'Correct the file',
    ...(file === null ? {} : { source: { file, ...(line === null ? {} : { line }) } }),
  }
}
