// The documents that people read, and the parts of them that tests compare with the code.
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../../..', import.meta.url))
export const read = (path: string): string => readFileSync(join(root, path), 'utf8')

/** Paths of the files below a folder whose names end so, from the root of the repository. */
export function filesBelow(folder: string, ending: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name).replaceAll('\\', '/'))
    .filter((path) => path.endsWith(ending))
    .sort()
}

/** README and everything in `docs/`, but for the decisions, which tell of their day. */
export const documents = ['README.md', ...filesBelow('docs', '.md').filter((path) => !path.startsWith('docs/adr/'))]

/** The code blocks of a document in that language. */
export function codeBlocks(text: string, language: string): string[] {
  const blocks = text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))
  return [...blocks].map(([, content = '']) => content)
}

/** Names between backticks in one column of the tables of a text, head rows left out. */
export function namesInColumn(text: string, column: number): string[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .flatMap((line) => [...(line.split('|')[column + 1] ?? '').matchAll(/`([^`]+)`/g)].map(([, name = '']) => name))
}
