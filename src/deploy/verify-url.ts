import { createAskUrl } from '../environment/ask-url.ts'
import { refText } from '../cluster/manifest.ts'
import {
  answerText,
  goodAnswer,
  isDowngrade,
  type AnsweredUrl,
  type UnansweredUrl,
  type UrlAnswer,
} from '../health/url-answer.ts'
import { findUrl, type FoundUrl } from './environment-url.ts'
import type { Session } from './session.ts'

/** `verify-url` under way, beside everything else that is watched. */
export interface UrlCheck {
  /** The good answer; null until there is one. */
  readonly answered: () => AnsweredUrl | null
  /** What is waited for, in words; empty when nothing is. */
  readonly waitsFor: () => string
  /** Ends with the good answer, at the deadline with how it was last, or with null when the signal aborted. */
  readonly ended: Promise<{ readonly answered: AnsweredUrl } | { readonly unanswered: UnansweredUrl } | null>
}

const tryMs = 5000
const leastTryMs = 1000
const firstPauseMs = 250
const longestPauseMs = 2000

/** Asks the environment's URL again and again until it answers 2xx or 3xx, or the deadline has come; each other answer is a line of the log. */
export function beginUrlCheck(session: Session, manifest: string, deadline: number, signal: AbortSignal): UrlCheck {
  let answered: AnsweredUrl | null = null
  let waitsFor = ''
  const { ask, close } = createAskUrl()

  async function run(): Promise<Awaited<UrlCheck['ended']>> {
    const { clock, log } = session
    const began = clock.now()
    let pauseMs = firstPauseMs
    let last: UrlAnswer | null = null
    for (let tries = 1; ; tries++) {
      const found = await findUrl(session, manifest)
      const leftMs = deadline - clock.now()
      const limitMs = Math.max(leastTryMs, Math.min(tryMs, leftMs))
      const given = await askAt(found, limitMs)
      if (signal.aborted) return null
      // One that the deadline cuts short says less than the one before.
      const answer: UrlAnswer = last && limitMs < tryMs && isLate(given) ? last : given
      last = answer
      answered = found.url === null ? null : goodAnswer(found.url, answer)
      if (answered) {
        waitsFor = ''
        tell(session, answered)
        return { answered }
      }
      const now = `${found.url ?? 'no URL is known:'} ${answerText(answer)}`
      if (now !== waitsFor)
        log.line(`${now}${found.url && found.resource ? ` (${refText(found.resource)})` : ''}`, 'caution')
      waitsFor = now
      if (clock.now() >= deadline) {
        const { url, resource } = found
        return { unanswered: { url, resource, last: answer, tries, waitedMs: clock.now() - began } }
      }
      await clock.sleep(Math.min(pauseMs, deadline - clock.now()), signal)
      if (signal.aborted) return null
      pauseMs = Math.min(pauseMs * 2, longestPauseMs)
    }
  }

  function askAt(found: FoundUrl, limitMs: number): Promise<UrlAnswer> {
    return found.url === null ? Promise.resolve({ kind: 'no-url', why: found.why }) : ask(found.url, limitMs, signal)
  }

  const ended = run().finally(close)
  return { answered: () => answered, waitsFor: () => waitsFor, ended }
}

function isLate(answer: UrlAnswer): boolean {
  return answer.kind === 'silent' && answer.why === 'timeout'
}

/** What people should know of a good answer all the same. */
export function urlWarnings(answered: AnsweredUrl): string[] {
  return isDowngrade(answered) ? [`${answered.url} leads from https to ${answered.leadsTo}`] : []
}

function tell({ log }: Session, answered: AnsweredUrl): void {
  const { url, status, tookMs, leadsTo } = answered
  const where = leadsTo === null ? '' : `, which leads to ${leadsTo}`
  log.line(`${url} answers in ${(tookMs / 1000).toFixed(1)} s: ${status}${where}`)
}
