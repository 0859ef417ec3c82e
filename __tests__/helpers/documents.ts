// What the documents of this repository say: their headings, links, blocks of code and words.
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const repository = fileURLToPath(new URL('../..', import.meta.url))

/** A Markdown file of the repository. */
export interface Document {
  /** From the root, with forward slashes. */
  readonly path: string
  readonly text: string
}

/** Everything that people read here; golden files and fixtures are not for them. */
export function documents(): Document[] {
  return globSync(['*.md', 'docs/**/*.md', 'examples/**/*.md', '.github/**/*.md'], { cwd: repository })
    .map((path) => path.replaceAll('\\', '/'))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(repository, path), 'utf8') }))
}

/** One document by its path. */
export function document(path: string): Document {
  return { path, text: readFileSync(join(repository, path), 'utf8') }
}

/** The links of a document that lead into this repository and find nothing: no such file, or no such heading in it. */
export function brokenLinks({ path, text }: Document): string[] {
  const prose = withoutCode(text)
  const inline = [...prose.matchAll(/\]\(\s*<?([^)\s>]+)>?[^)]*\)/g)].map(([, target = '']) => target)
  const html = [...prose.matchAll(/(?:href|src|srcset)="([^"]+)"/g)].map(([, target = '']) => target)
  return [...inline, ...html].filter(
    (target) => !/^[a-z][a-z+.-]*:|^\/\//i.test(target) && !leadsSomewhere(path, target),
  )
}

function leadsSomewhere(from: string, target: string): boolean {
  const [path = '', anchor] = target.split('#')
  // GitHub's own pages of a repository, such as ../../issues.
  if (/^\.\.\/\.\.\/(issues|security|releases|actions|discussions)\b/.test(path)) return true
  const file = path === '' ? from : join(dirname(from), decodeURIComponent(path))
  if (!existsSync(join(repository, file))) return false
  return anchor === undefined || !file.endsWith('.md') || anchors(document(file)).has(decodeURIComponent(anchor))
}

/** Where links into a document can lead: the slugs that GitHub gives its headings (a repeated one is numbered), and ids of its own. */
export function anchors({ text }: Document): Set<string> {
  const seen = new Map<string, number>()
  const slugs = [...withoutBlocks(text).matchAll(/^ {0,3}#{1,6}\s+(.+?)\s*#*$/gm)].map(([, heading = '']) => {
    const slug = slugOf(heading)
    const count = seen.get(slug) ?? 0
    seen.set(slug, count + 1)
    return count === 0 ? slug : `${slug}-${count}`
  })
  const own = [...text.matchAll(/<a (?:id|name)="([^"]+)"/g)].map(([, id = '']) => id)
  return new Set([...slugs, ...own])
}

/** As GitHub makes it (github-slugger): the text in lower case, without anything but letters, digits, `_`, `-` and blanks, which become `-`. */
function slugOf(heading: string): string {
  return heading
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/[`*]/g, '')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
    .replaceAll(' ', '-')
}

/** The blocks of code in that language. */
export function codeBlocks({ text }: Document, language: RegExp): string[] {
  return [...text.matchAll(/^( *)(`{3,})([^\n`]*)\n([\s\S]*?)^\1\2 *$/gm)]
    .filter(([, , , info = '']) => language.test(info.trim()))
    .map(([, indent = '', , , code = '']) => code.replaceAll(new RegExp(`^${indent}`, 'gm'), ''))
}

/** The rows of the table that stands between two marks of a generated part, cell by cell. */
export function generatedRows({ text }: Document, name: string): string[][] {
  const part = new RegExp(`<!-- ${name}: generated[^>]*-->([\\s\\S]*?)<!-- /${name} -->`).exec(text)?.[1] ?? ''
  return tableRows(part)
}

/** The rows of all tables, cell by cell, without their heads. */
export function tableRows(text: string): string[][] {
  const lines = text.split('\n')
  return lines
    .filter(
      (line, index) =>
        line.startsWith('|') && !/^\|[\s:|-]+\|$/.test(line) && !/^\|[\s:|-]+\|$/.test(lines[index + 1] ?? ''),
    )
    .map((line) =>
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
}

/** Every word in a code span. */
export function codeWords(text: string): string[] {
  return [...text.matchAll(/`([^`\n]+)`/g)].map(([, word = '']) => word)
}

function withoutCode(text: string): string {
  return withoutBlocks(text).replaceAll(/`[^`\n]*`/g, '`code`')
}

function withoutBlocks(text: string): string {
  return text.replaceAll(/^( *)(`{3,})[^\n`]*\n[\s\S]*?^\1\2 *$/gm, '')
}
