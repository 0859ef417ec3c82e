/** Tells the API server's time from the `Date` headers of its answers. */
export interface ServerClock {
  /** Learns from an answer: its `Date` header in ms since 1970, and our own time when it was asked for and when it came. */
  learn(date: number, askedAt: number, cameAt: number): void
  /** The server's time in ms since 1970, for our own; it never goes back. */
  now(own: number): number
}

/**
 * Creates a clock that takes the server's time for our own until it learns better. The header has whole seconds, so that each answer
 * only says between which two values the difference lies; what all of them allow narrows to a few ms. When an answer contradicts the
 * earlier ones, a clock was set, and it begins anew.
 */
export function createServerClock(): ServerClock {
  let least = Number.NEGATIVE_INFINITY
  let most = Number.POSITIVE_INFINITY
  let last = 0
  return {
    learn: (date, askedAt, cameAt) => {
      // The server wrote it between the two moments, within the second that the header names.
      const [low, high] = [date - cameAt, date + 1000 - askedAt]
      least = Math.max(least, low)
      most = Math.min(most, high)
      if (least > most) [least, most, last] = [low, high, 0]
    },
    now: (own) => {
      const skew = Number.isFinite(least) ? (least + most) / 2 : 0
      last = Math.max(last, Math.round(own + skew))
      return last
    },
  }
}
