import { forLog, oneLine } from './untrusted.ts'

/** How a line is coloured: what went well, what did not, what asks for attention. */
export type Tone = 'good' | 'bad' | 'caution'

/** What a run tells the person who watches it: one group per phase, one line per change. */
export interface Log {
  /** Opens a phase, and closes the one before. */
  readonly group: (title: string) => void
  /** Closes the open phase, if there is one. */
  readonly endGroup: () => void
  /** One change, with the seconds since the log began; a line that was told in the last 15 s of its phase is only counted. */
  readonly line: (text: string, tone?: Tone) => void
  /** Something that is not as it should be, and does not end the run. */
  readonly warning: (text: string) => void
  /**
   * What is still waited for, told every 15 s of a phase whatever else is, so it can be called as often as it likes; an empty text is
   * not told. Gives the ms until it would be told next.
   */
  readonly reminder: (text: () => string) => number
  /** Lines outside of any phase, without time and, but for the first, without colour: the final block, to be copied. */
  readonly block: (lines: readonly string[], tone?: Tone) => void
}

export interface LogPorts {
  /** Takes whole lines, with their line break. */
  readonly write: (text: string) => void
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number
  readonly colour: boolean
}

const intervalMs = 15_000
const codes: Readonly<Record<Tone | 'dim' | 'bold', number>> = { good: 32, bad: 31, caution: 33, dim: 2, bold: 1 }

/** A log over `write`. Text may come from the cluster: none of it is read as a workflow command. */
export function createLog({ write, now, colour }: LogPorts): Log {
  const start = now()
  let open = false
  /** The lines of this phase, and when each was told last. */
  const told = new Map<string, number>()
  let last = ''
  let dropped = 0
  let isOnlyLast = true
  let remindedAt = start

  const paint = (text: string, style: keyof typeof codes): string =>
    colour ? `\u001B[${String(codes[style])}m${text}\u001B[0m` : text

  const emit = (text: string): void => write(`${text}\n`)

  const tellDropped = (): void => {
    const times = dropped === 1 ? 'once' : `${String(dropped)} times`
    const what = isOnlyLast ? 'the same' : 'lines of the last 15 s'
    if (dropped > 0) emit(paint(`${' '.repeat(9)}… ${what} ${times} more`, 'dim'))
    dropped = 0
    isOnlyLast = true
  }

  const writeTimed = (safe: string, tone?: Tone): void => {
    tellDropped()
    const [first = '', ...more] = safe.split('\n').map((line) => (tone === undefined ? line : paint(line, tone)))
    const seconds = `${((now() - start) / 1000).toFixed(1)}s`.padStart(7)
    emit([`${paint(seconds, 'dim')}  ${first}`, ...more.map((line) => `${' '.repeat(9)}${line}`)].join('\n'))
  }

  const timed = (text: string, tone?: Tone): void => {
    const safe = forLog(text).trimEnd()
    const at = told.get(safe)
    if (at !== undefined && (safe === last || now() - at < intervalMs)) {
      dropped += 1
      isOnlyLast &&= safe === last
      return
    }
    writeTimed(safe, tone)
    last = safe
    told.set(safe, now())
  }

  const endGroup = (): void => {
    tellDropped()
    told.clear()
    last = ''
    if (open) emit('::endgroup::')
    open = false
  }

  return {
    endGroup,
    line: timed,
    warning: (text) => timed(`warning: ${text}`, 'caution'),
    group: (title) => {
      endGroup()
      emit(`::group::▸ ${paint(forLog(oneLine(title)), 'bold')}`)
      open = true
      remindedAt = now()
    },
    reminder: (text) => {
      const waited = now() - remindedAt
      if (waited < intervalMs) return intervalMs - waited
      remindedAt = now()
      const safe = forLog(text()).trimEnd()
      if (safe !== '') writeTimed(safe)
      return intervalMs
    },
    block: (lines, tone) => {
      endGroup()
      const [first = '', ...more] = lines.flatMap((text) => forLog(text).split('\n'))
      emit(tone === undefined ? first : paint(first, tone))
      for (const line of more) emit(line)
    },
  }
}
