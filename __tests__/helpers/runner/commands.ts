// Workflow commands in a step's log, found the way the runner finds them (actions/runner, ActionCommand.cs and
// ActionCommandManager.cs): `::name key=value::data` where a line begins, and the old `##[name key=value;]data` anywhere in it.

export type Command = { name: string; properties: Record<string, string>; data: string; legacy: boolean; line: string }

const registered = new Set([
  'add-mask',
  'add-matcher',
  'remove-matcher',
  'add-path',
  'debug',
  'echo',
  'endgroup',
  'error',
  'group',
  'notice',
  'save-state',
  'set-env',
  'set-output',
  'stop-commands',
  'warning',
])

/** Lines as the runner sees them: .NET also ends one at a lone carriage return. */
export function splitLines(text: string): string[] {
  const lines = text.split(/\r\n|\n|\r/)
  if (lines.at(-1) === '') lines.pop()
  return lines
}

/** All commands that the runner would obey, in order, with `stop-commands` honoured. */
export function findCommands(lines: string[]): Command[] {
  const found: Command[] = []
  let stopToken: string | undefined
  for (const line of lines) {
    if (stopToken !== undefined) {
      if (line.trimStart().startsWith(`::${stopToken}::`) || line.includes(`##[${stopToken}]`)) stopToken = undefined
      continue
    }
    const command = parseNew(line) ?? parseLegacy(line)
    if (command === undefined) continue
    found.push(command)
    if (command.name === 'stop-commands') stopToken = command.data
  }
  return found
}

function parseNew(line: string): Command | undefined {
  const text = line.trimStart()
  const end = text.indexOf('::', 2)
  if (!text.startsWith('::') || end < 0) return undefined
  const [name, properties] = cut(text.slice(2, end), ' ')
  if (!registered.has(name.toLowerCase())) return undefined
  const unescape = (value: string): string => value.replaceAll('%3A', ':').replaceAll('%2C', ',')
  return {
    name: name.toLowerCase(),
    properties: pairs(properties, ',', unescape),
    data: unescapeData(text.slice(end + 2)),
    legacy: false,
    line,
  }
}

function parseLegacy(line: string): Command | undefined {
  const start = line.indexOf('##[')
  const end = line.indexOf(']', start)
  if (start < 0 || end < 0) return undefined
  const [name, properties] = cut(line.slice(start + 3, end), ' ')
  if (!registered.has(name.toLowerCase())) return undefined
  const unescape = (value: string): string => value.replaceAll('%3B', ';').replaceAll('%5D', ']')
  const data = unescape(unescapeData(line.slice(end + 1)))
  return { name: name.toLowerCase(), properties: pairs(properties, ';', unescape), data, legacy: true, line }
}

function pairs(text: string, separator: string, unescape: (value: string) => string): Record<string, string> {
  const entries = text.split(separator).map((pair) => cut(pair.trim(), '='))
  return Object.fromEntries(
    entries.filter(([key]) => key !== '').map(([key, value]) => [key, unescapeData(unescape(value))]),
  )
}

function unescapeData(value: string): string {
  return value.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%')
}

function cut(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)]
}
