import { at, type ValueNode } from './value-tree.ts'

/** A value that breaks a schema: its path from the values of the whole chart. */
type ValuePath = readonly string[]

/** Where the values stand that a chart's schema refuses, by Helm's complaints: as much of them as has a place. */
export function schemaPlaces(text: string, chart: string, values: ValueNode): ValueNode[] {
  return complaints(text, chart).flatMap((path) => at(values, path) ?? [])
}

/** Helm prints the name of a chart and below it a line for each complaint; a subchart's values stand under its name. */
function complaints(text: string, chart: string): ValuePath[] {
  const [, list = ''] = text.split('in the following chart(s):')
  let prefix: ValuePath = []
  return list.split('\n').flatMap((line) => {
    const name = /^([\w.-]+):\s*$/.exec(line)?.[1]
    if (name !== undefined) prefix = name === chart ? [] : [name]
    const path = complaint(line.trim())
    return path ? [[...prefix, ...path]] : []
  })
}

/** The path in `- at '/image/tag': got number, want string`, and in the words of Helm before 3.18; null where it names no value. */
function complaint(line: string): ValuePath | null {
  const [, pointer, said = ''] = /^- at '([^']*)': (.+)$/.exec(line) ?? []
  if (pointer !== undefined) {
    const path = pointer
      .split('/')
      .slice(1)
      .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    const extra = /^additional propert(?:y|ies) '([^']+)'/.exec(said)?.[1]
    if (extra !== undefined) return [...path, extra]
    return path.length === 0 || /^(?:missing propert|validation failed|'?(?:allOf|anyOf|oneOf)'?)/.test(said)
      ? null
      : path
  }
  const [, place = '', words = ''] = /^- ([^:\s]+): (.+)$/.exec(line) ?? []
  const path = place === '(root)' ? [] : place.split('.')
  const extra = /^Additional property (\S+) is not allowed/.exec(words)?.[1]
  if (extra !== undefined) return [...path, extra]
  return place === '' || path.length === 0 || words.endsWith(' is required') ? null : path
}
