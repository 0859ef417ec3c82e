// A pull request comment as a reader sees it at first: no hidden markers, details folded, emphasis as emphasis.
import { styleText } from 'node:util'

/** Renders the Markdown and HTML that our reports are made of for a terminal. */
export function renderComment(body: string): string[] {
  const visible = body
    .replaceAll(/<!--[\s\S]*?-->\n*/g, '')
    .replaceAll(
      /<details>\s*<summary>([\s\S]*?)<\/summary>[\s\S]*?<\/details>/g,
      (_, summary: string) => `▸ ${summary}`,
    )
    .replaceAll(/<br\s*\/?>/g, '\n')
    .replaceAll(/<code>([\s\S]*?)<\/code>/g, '`$1`')
    .replaceAll(/<\/?[a-z]+[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .trim()
  let code = false
  return visible.split('\n').flatMap((line) => {
    if (line.startsWith('```')) {
      code = !code
      return []
    }
    if (code) return [styleText('dim', `  ${line}`)]
    if (/^\|[\s|:-]+\|$/.test(line)) return []
    return [emphasise(line)]
  })
}

function emphasise(line: string): string {
  const heading = /^#+ (.*)/.exec(line)?.[1]
  if (heading !== undefined) return styleText('bold', heading.replaceAll('`', ''))
  return line
    .replaceAll(/\[([^\]]+)\]\([^)]+\)/g, (_, text: string) => styleText('underline', text))
    .replaceAll(/\*\*([^*]+)\*\*/g, (_, text: string) => styleText('bold', text))
    .replaceAll(/`([^`]+)`/g, (_, text: string) => styleText('cyan', text))
}
