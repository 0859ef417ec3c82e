// What every answer has in common: its form, GitHub's way to word an error, and lists that come in pages.
import type { Json, JsonObject } from './description.ts'
import type { Identity, World } from './world.ts'

/** Headers replace those that every answer has; undefined takes one away. */
export type Answer = { status: number; body?: Json; headers?: Record<string, string | undefined> }
export type Call = {
  world: World
  identity: Identity
  params: Record<string, string>
  query: Record<string, string>
  body: Json | undefined
  /** Our own address, as links in answers have it. */
  api: string
}
/** An error as GitHub words it. */
export function problem(status: number, message: string, page: string, more: JsonObject = {}): Answer {
  const documentation_url = `https://docs.github.com/rest/${page}`
  return { status, body: { message, ...more, documentation_url, status: String(status) } }
}

/** One page of a list with the Link header that GitHub sends, whose addresses name the repository by its id. */
export function page<Item>(call: Call, path: string, items: Item[], render: (item: Item) => Json): Answer {
  const size = Math.min(100, Number(call.query['per_page'] ?? 30)) || 30
  const current = Number(call.query['page'] ?? 1) || 1
  const last = Math.max(1, Math.ceil(items.length / size))
  const link = (to: number, rel: string): string => {
    const query = new URLSearchParams({ ...call.query, page: String(to) })
    return `<${call.api}/repositories/${call.world.id}/${path}?${query.toString()}>; rel="${rel}"`
  }
  const links = [
    ...(current > 1 ? [link(Math.min(current - 1, last), 'prev')] : []),
    ...(current < last ? [link(current + 1, 'next'), link(last, 'last')] : []),
    ...(current > 1 ? [link(1, 'first')] : []),
  ]
  const body = items.slice((current - 1) * size, current * size).map(render)
  return { status: 200, body, ...(links.length > 0 ? { headers: { link: links.join(', ') } } : {}) }
}
