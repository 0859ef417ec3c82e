import { forLog, oneLine } from './untrusted.ts'

/** How a line is coloured: what went well, what did not, what asks for attention. */
export type Tone = 'good' | 'bad' | 'caution'

/** What a run tells the person who watches it: one group per phase, one line per change. */
export interface Log {
  /** Opens a phase, and closes the one before. */
  readonly group: (title: string) => void
  /** Closes the open phase, if there is one. */
  readonly endGroup: () => void
  /** One change, with the seconds since the log began; the same line again and again is told once, with a count. */
  readonly line: (text: string, tone?: Tone) => void
  /** Something that is not as it should be, and does not end the run. */
  readonly warning: (text: string) => void
  /** What is still waited for; told only when nothing else was for 15 s, so it can be called as often as it likes. */
  readonly reminder: (text: string) => void
  /** Lines outside of any phase and without time: the final block, to be copied. */
  readonly block: (lines: readonly string[], tone?: Tone) => void
}

export interface LogPorts {
  /** Takes whole lines, with their line break. */
  readonly write: (text: string) => void
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number
  readonly colour: boolean
}

const quietMs = 15_000
const codes: Readonly<Record<Tone | 'dim' | 'bold', number>> = { good: 32, bad: 31, caution: 33, dim: 2, bold: 1 }

/** A log over `write`. Text may come from the cluster: none of it is read as a workflow command. */
export function createLog({ write, now, colour }: LogPorts): Log {
  const start = now()
  let open = false
  let last = ''
  let repeats = 0
  let spokeAt = start

  const paint = (text: string, style: keyof typeof codes): string =>
    colour ? `\u001B[${String(codes[style])}m${text}\u001B[0m` : text

  const emit = (text: string): void => {
    write(`${text}\n`)
    spokeAt = now()
  }

  const endRepeats = (): void => {
    if (repeats > 0)
      emit(paint(`${' '.repeat(9)}… the same ${repeats === 1 ? 'once' : `${String(repeats)} times`} more`, 'dim'))
    last = ''
    repeats = 0
  }

  const timed = (text: string, tone?: Tone): void => {
    const safe = forLog(text).trimEnd()
    if (safe === last) {
      repeats += 1
      return
    }
    endRepeats()
    last = safe
    const [first = '', ...more] = safe.split('\n').map((line) => (tone === undefined ? line : paint(line, tone)))
    const seconds = `${((now() - start) / 1000).toFixed(1)}s`.padStart(7)
    emit([`${paint(seconds, 'dim')}  ${first}`, ...more.map((line) => `${' '.repeat(9)}${line}`)].join('\n'))
  }

  const endGroup = (): void => {
    endRepeats()
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
    },
    reminder: (text) => {
      if (now() - spokeAt < quietMs) return
      endRepeats()
      timed(`waiting: ${text}`)
      last = ''
    },
    block: (lines, tone) => {
      endGroup()
      for (const line of lines.flatMap((text) => forLog(text).split('\n')))
        emit(tone === undefined ? line : paint(line, tone))
    },
  }
}
