// What a browser makes of a comment or a summary.
import { allNodes, renderLikeGitHub } from '../rendered/github.ts'
import type { Place } from '../rendered/github.ts'
import type { Reader } from '../rendered/page.ts'

const ownElements = new Set('h3 p strong code pre table thead tbody tr th td ul li details summary sub a br'.split(' '))

export type Seen = { prose: string[]; active: string[]; structure: string; titles: string[]; written: string[] }

/** What a browser has of each text: see `in-page.js`; `written` is what the Markdown wrote that is none of our elements. */
export async function lookAt(reader: Reader, markdowns: readonly string[], place: Place): Promise<Seen[]> {
  const rendered = markdowns.map((markdown) => renderLikeGitHub(markdown, place))
  await reader.show(rendered.map(({ html }) => `<div class="report">${html}</div>`).join(''), place)
  const seen = await reader.ask<Omit<Seen, 'written'>[]>('reports()')
  return seen.map((one, index) => {
    const raw = rendered[index]?.raw
    const tags = raw === undefined ? [] : allNodes(raw).flatMap(({ tagName }) => tagName ?? [])
    return { ...one, written: tags.filter((tag) => !ownElements.has(tag)) }
  })
}
