import type { Finding } from '../health/finding.ts'
import { cluesOf, splitImage, type Clue } from './clues.ts'
import { findImage } from './image-place.ts'
import { schemaPlaces } from './schema-place.ts'
import { keyLine, literalLines } from './template-line.ts'
import { yamlErrorLine } from '../inputs/yaml.ts'
import { at, emptyMap, leavesOf, readValues, under, type ValueLeaf, type ValueNode } from './value-tree.ts'

/** A file of the workspace, with its path there. */
export interface SourceFile {
  readonly file: string
  readonly text: string
}

/** What people have written of which a chart is rendered, as far as it is there to be read. */
export interface Sources {
  /** The chart's name, as Helm puts it before its files. */
  readonly chart: string
  /** The subcharts that lead to the file that the finding is of; empty for the chart itself. */
  readonly part: readonly string[]
  /** The names under which the values of subcharts stand. */
  readonly subcharts: readonly string[]
  /** The chart's file that Helm names, when it is a file of the workspace. */
  readonly template: SourceFile | null
  /** The Chart.yaml beside it. */
  readonly chartFile: SourceFile | null
  /** All values together, as Helm merges them. */
  readonly values: ValueNode
}

/** A file of the workspace and, when it can be told, the line. */
export interface Place {
  readonly file: string
  readonly line?: number
}

/**
 * The file and line that a fault comes from: where the value that it is about is written, if that is one place only, else the template
 * that renders the object. Null when there is no such file in the workspace, or the value is given in the workflow: a wrong place is
 * worse than none.
 */
export function placeOf(finding: Finding, sources: Sources): Place | null {
  const { template } = sources
  const told = finding.evidence.source?.line
  if (told !== undefined) return template && { file: template.file, line: told }
  if (finding.class === 'chart-render') return template && renderPlace(template)
  if (finding.class === 'values-schema') return schemaPlace(finding, sources)
  for (const clue of cluesOf(finding)) {
    const [hit, ...more] = hitsOf(clue, sources)
    if (hit === undefined) continue
    if (more.length === 0) return hit
    return [hit, ...more].every((one) => one === null) ? null : template && { file: template.file }
  }
  return template && withLine(template.file, keyLine(template.text, finding))
}

/** Helm counts the lines of what a template renders, and of what it cannot read not always right. */
function renderPlace({ file, text }: SourceFile): Place | null {
  if (!/(?:^|\/)(?:values|Chart)\.yaml$/.test(file)) return { file }
  // Helm does not say whose values.yaml it cannot read: it may be a subchart's.
  const line = yamlErrorLine(text)
  return line === null ? null : { file, line }
}

function schemaPlace({ evidence }: Finding, { chart, values }: Sources): Place | null {
  const nodes = schemaPlaces(evidence.message ?? '', chart, values)
  return nodes.map(toPlace).find((place) => place !== null) ?? null
}

/** Everywhere that what a clue is about is written; null for a value that is given in the workflow, or outside of the workspace. */
function hitsOf(clue: Clue, sources: Sources): (Place | null)[] {
  const { template } = sources
  const literal = template ? literalLines(template.text, clue).map((line) => ({ file: template.file, line })) : []
  const leaves = leavesInScope(sources)
  if (clue.kind === 'value') {
    const fitting = leaves.filter(({ path, texts }) => texts.includes(clue.text) && clue.key.test(path.join('.')))
    return [...literal, ...fitting.map(toPlace)]
  }
  const image = findImage(leaves, clue.image, clue.part)
  return [
    ...literal,
    ...image.leaves.map(toPlace),
    ...(image.isTagOfChart ? appVersionPlaces(clue.image, sources) : []),
  ]
}

function appVersionPlaces(image: string, { chartFile }: Sources): Place[] {
  const values = chartFile && readValues(chartFile.text, chartFile.file)
  const leaves = values ? leavesOf(values).filter(({ path }) => path.join() === 'appVersion') : []
  return leaves
    .filter(({ texts }) => texts.includes(splitImage(image).tag ?? ''))
    .flatMap((leaf) => toPlace(leaf) ?? [])
}

/** The values that the templates of the chart, or of the subchart, can see. */
function leavesInScope({ values, part, subcharts }: Sources): ValueLeaf[] {
  const ofPart = leavesOf(at(values, part) ?? emptyMap)
  if (part.length === 0) return ofPart.filter(({ path: [first = ''] }) => !subcharts.includes(first))
  return [...ofPart, ...leavesOf(under(['global'], at(values, ['global']) ?? emptyMap))]
}

function toPlace({ file, line }: Pick<ValueLeaf, 'file' | 'line'>): Place | null {
  return file === null ? null : { file, line }
}

function withLine(file: string, line: number | null): Place {
  return line === null ? { file } : { file, line }
}
