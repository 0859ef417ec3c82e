// Markdown as GitHub shows it. cmark-gfm is GitHub's own parser, so that no other reading of a fence or a table can hide a fault; what
// GitHub allows of the HTML is in the schema of rehype-sanitize. Comments keep line ends, as in a chat; summaries do not.
import { spawnSync } from 'node:child_process'
import rehypeParse from 'rehype-parse'
import rehypeSanitize, { defaultSchema } from 'rehype-sanitize'
import rehypeStringify from 'rehype-stringify'
import { unified } from 'unified'

export type Place = 'comment' | 'summary'

/** A node of the tree of HTML (hast). */
export interface HtmlNode {
  readonly type: string
  readonly tagName?: string
  readonly value?: string
  readonly properties?: Readonly<Record<string, unknown>>
  readonly children?: readonly HtmlNode[]
}

/** `html` is what a browser gets; `raw` is what was written, before GitHub takes away what it does not allow. */
export interface Rendered {
  readonly html: string
  readonly raw: HtmlNode
}

const extensions = ['table', 'strikethrough', 'autolink', 'tasklist', 'tagfilter', 'footnotes']
const reader = unified().use(rehypeParse, { fragment: true })
const writer = unified().use(rehypeSanitize, defaultSchema).use(rehypeStringify)

/** Renders Markdown as GitHub does in that place. */
export function renderLikeGitHub(markdown: string, place: Place): Rendered {
  const breaks = place === 'comment' ? ['--hardbreaks'] : []
  const args = ['--unsafe', ...breaks, ...extensions.flatMap((name) => ['--extension', name])]
  const done = spawnSync('cmark-gfm', args, { input: markdown, encoding: 'utf8', maxBuffer: 64 << 20 })
  if (done.status !== 0) throw new Error(`cmark-gfm failed: ${done.stderr} ${String(done.error ?? '')}`)
  const raw = reader.parse(done.stdout)
  return { html: writer.stringify(writer.runSync(raw)), raw: raw as HtmlNode }
}

/** The node and all below it. */
export function allNodes(node: HtmlNode): HtmlNode[] {
  return [node, ...(node.children ?? []).flatMap(allNodes)]
}

/**
 * What GitHub adds to prose afterwards, by its documentation: mentions, references, commits, emoji, formulas. The words of some pieces
 * of text outside of code and links that it would take for one; empty when there is none.
 */
export function referencesIn(prose: readonly string[]): string[] {
  return prose.flatMap((text) => patterns.flatMap((one) => text.match(one) ?? []))
}

const patterns = [
  /(?<![\w`])@[a-z\d][\w-]*(?:\/[\w-]+)?/gi,
  /(?<![\w`])(?:[\w.-]+\/[\w.-]+|[\w-]+)?#\d+/g,
  /\bGH-\d+/gi,
  /\b(?=[a-f]*\d)(?=\d*[a-f])[\da-f]{7,40}\b/gi,
  /:[\w+-]*[a-z+-][\w+-]*:/gi,
  /\$[^\s$](?:[^$]*[^\s$])?\$|\$`/g,
  /\bhttps?:\/\/|\bwww\./gi,
]
