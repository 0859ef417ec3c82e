/** What the status of an answer means for the next attempt. */
export type StatusMeaning = 'here' | 'absent' | 'later' | 'refused'

/** Reads a status: only what can pass by itself is asked for again. */
export function meaningOf(status: number): StatusMeaning {
  if (status === 200) return 'here'
  if (status === 404 || status === 410) return 'absent'
  return status === 408 || status === 429 || status >= 500 ? 'later' : 'refused'
}

/** The wait before the next round of attempts, in ms: doubling from half a second to 10 s, up to half of it by chance. */
export function backOffMs(round: number, random: number): number {
  const most = Math.min(10_000, 500 * 2 ** Math.max(0, round - 1))
  return Math.round(most / 2 + (most / 2) * random)
}

/** What `Retry-After` asks for, in ms from `now`: seconds or an HTTP date (RFC 9110 10.2.3); null when it says nothing. */
export function retryAfterMs(header: string | null, now: number): number | null {
  const text = header?.trim() ?? ''
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000
  const date = /^[A-Z][a-z]{2},? /.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(date) ? null : Math.max(0, date - now)
}
