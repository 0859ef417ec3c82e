import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { UpgradeRequest } from '../helm/argv.ts'
import { pathInWorkspace } from './in-workspace.ts'
import { mergeValues } from './merge-values.ts'
import type { SourceFile, Sources } from './place.ts'
import { at, emptyMap, leavesOf, readValues, type ValueNode } from './value-tree.ts'

/** What decides what is deployed and may be in the workspace. */
export type SourceRequest = Pick<UpgradeRequest, 'chart' | 'valueFiles'> & {
  readonly inputs: Pick<UpgradeRequest['inputs'], 'assignments' | 'reuseValues'>
}

/** A larger file is no chart that somebody wrote. */
const mostBytes = 1_000_000

/**
 * Gives what reads that of which a chart's file is rendered (`shop/templates/web.yaml`, as Helm names it). Files that are not in the
 * workspace, that lie in the run's private folder or that cannot be read are shown to nobody. Each is read once.
 */
export function sourceReader(
  { chart, valueFiles, inputs }: SourceRequest,
  workspace: string,
  privateFolder: string,
): (source: string) => Promise<Sources> {
  const read = once(async (path): Promise<ReadFile> => {
    const text = await textOf(path)
    const isPrivate = pathInWorkspace(path, privateFolder) !== null
    return { file: isPrivate || text === null ? null : pathInWorkspace(path, workspace), text }
  })
  const ofChart = async (path: readonly string[]): Promise<ReadFile> =>
    chart.kind === 'directory' && path.length > 0 && !path.includes('..')
      ? read(join(chart.reference, ...path))
      : absent

  async function readLayers(part: readonly string[]): Promise<ValueNode> {
    const own = await Promise.all(
      chains(part).map(async (to) => ({ ...(await ofChart([...folder(to), 'values.yaml'])), part: to })),
    )
    const given = await Promise.all(valueFiles.map(async (path) => ({ ...(await read(path)), part: [] })))
    // With `reuse-values` the values of the last revision lie between the chart's own and the given ones.
    return mergeValues(
      [...own.filter(({ text }) => text !== null && !inputs.reuseValues), ...given],
      inputs.assignments,
    )
  }
  const valuesOf = once((part) => readLayers(part === '' ? [] : part.split('/')))

  return async (source) => {
    const [name = '', ...inChart] = source.split('/')
    const part = subchartsOf(inChart)
    const [template, chartFile, main, values] = await Promise.all([
      ofChart(inChart),
      ofChart([...folder(part), 'Chart.yaml']),
      ofChart(['Chart.yaml']),
      valuesOf(part.join('/')),
    ])
    return {
      chart: nameIn(main.text) ?? name,
      part,
      subcharts: dependencies(main.text),
      template: shown(template),
      chartFile: shown(chartFile),
      values,
    }
  }
}

function once<T>(make: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const made = new Map<string, Promise<T>>()
  return (key) => {
    const known = made.get(key) ?? make(key)
    made.set(key, known)
    return known
  }
}

function folder(part: readonly string[]): string[] {
  return part.flatMap((name) => ['charts', name])
}

/** A file's text, and its path when people may be sent there; both null when it cannot be read. */
interface ReadFile {
  readonly file: string | null
  readonly text: string | null
}

const absent: ReadFile = { file: null, text: null }

function shown({ file, text }: ReadFile): SourceFile | null {
  return file === null || text === null ? null : { file, text }
}

async function textOf(path: string): Promise<string | null> {
  try {
    const { size } = await stat(path)
    return size > mostBytes ? null : await readFile(path, 'utf8')
  } catch {
    return null
  }
}

/** `charts/db/charts/common/templates/x.yaml` leads through `db` and `common`. */
function subchartsOf(path: readonly string[]): string[] {
  return path[0] === 'charts' && path[1] !== undefined ? [path[1], ...subchartsOf(path.slice(2))] : []
}

/** The subchart with all that it lies in, the innermost first: values of the outer are the stronger ones. */
function chains(part: readonly string[]): (readonly string[])[] {
  return Array.from({ length: part.length + 1 }, (_, index) => part.slice(0, part.length - index))
}

function nameIn(chartYaml: string | null): string | null {
  const name = at(contentOf(chartYaml), ['name'])
  return name?.kind === 'scalar' ? (name.texts[0] ?? null) : null
}

/** The names under which the values of dependencies stand. */
function dependencies(chartYaml: string | null): string[] {
  return leavesOf(at(contentOf(chartYaml), ['dependencies']) ?? emptyMap)
    .filter(({ path }) => /^(?:name|alias)$/.test(path.at(-1) ?? ''))
    .flatMap(({ texts }) => texts)
}

function contentOf(text: string | null): ValueNode {
  return readValues(text ?? '', null) ?? emptyMap
}
