import { parseExtraArgument, type ExtraArgument } from '../helm/extra-args.ts'
import { parseDuration } from './duration.ts'
import type { Assignment, Inputs } from './inputs.ts'
import { yamlMapProblem } from './yaml.ts'

/** The raw text of an input; empty when it is not given. */
export type RawInputs = (name: string) => string

/** Takes a problem and its remedy. */
export type Tell = (problem: string, remedy: string) => void

/** Readers of one input each, by its name; every one tells what is wrong and gives a value all the same. */
export function readers(raw: RawInputs, tell: Tell) {
  /** A single-line value that becomes an argument of Helm: it must not look like an option. */
  function argument(name: string): string {
    const text = raw(name).trim()
    if (text.startsWith('-'))
      tell(`\`${name}\`: "${withoutUser(text)}" begins with a dash`, 'Helm would take it for an option: give a value')
    if (/[\r\n\0]/.test(text)) tell(`\`${name}\` has more than one line`, 'Give one value')
    return text
  }

  function boolean(name: string, fallback: boolean): boolean {
    const text = raw(name).trim()
    if (text === '') return fallback
    if (/^(true|True|TRUE)$/.test(text)) return true
    if (/^(false|False|FALSE)$/.test(text)) return false
    tell(`\`${name}\`: "${text}" is not a boolean`, 'Use true or false')
    return fallback
  }

  function duration(name: string, fallback: string, leastMs = 1000): number {
    const text = raw(name).trim() || fallback
    const ms = parseDuration(text)
    if (ms === null)
      tell(`\`${name}\`: "${text}" is not a duration`, 'Use a number and a unit, such as 90s, 5m or 1h30m')
    else if (ms < leastMs) tell(`\`${name}\`: "${text}" is under a second`, 'Give at least 1s')
    return ms ?? 0
  }

  function count(name: string, fallback: number, least: number): number {
    const text = raw(name).trim()
    if (text === '') return fallback
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
    if (value >= least) return value
    tell(`\`${name}\`: "${text}" is not a whole number of at least ${least}`, `Use ${least} or more`)
    return fallback
  }

  function optionalCount(name: string, least: number): number | null {
    return raw(name).trim() === '' ? null : count(name, least, least)
  }

  /** A boolean, or the one word that is more than true. */
  function lock(name: string): Inputs['lock'] {
    const text = raw(name).trim()
    if (text === 'take-over') return 'take-over'
    if (/^(?:true|True|TRUE|)$/.test(text)) return 'on'
    if (/^(?:false|False|FALSE)$/.test(text)) return 'off'
    tell(`\`${name}\`: "${text}" is unknown`, 'Use true, false, take-over')
    return 'on'
  }

  function choice<T extends string>(name: string, allowed: readonly T[], fallback: T): T {
    const text = raw(name).trim()
    if (text === '') return fallback
    const found = allowed.find((word) => word === text)
    if (!found) tell(`\`${name}\`: "${text}" is unknown`, `Use ${allowed.join(', ')}`)
    return found ?? fallback
  }

  function lines(name: string): string[] {
    const found = raw(name)
      .split(/\r?\n/)
      .map((line) => line.trim())
      .filter(Boolean)
    for (const line of found)
      if (line.startsWith('-'))
        tell(`\`${name}\`: "${line}" begins with a dash`, 'Give one item a line, without list marks')
    return found
  }

  function assignments(name: string, flag: Assignment['flag']): Assignment[] {
    const found: Assignment[] = []
    for (const [index, text] of raw(name).split(/\r?\n/).entries()) {
      if (text.trim() === '') continue
      // The value may be a secret, so only the place is told.
      if (!/^\s*[^\s=][^=]*=/.test(text))
        tell(`\`${name}\`: line ${index + 1} is not an assignment`, 'Write key=value, one a line')
      found.push({ flag, text })
    }
    return found
  }

  function yamlMap(name: string): string {
    const text = raw(name)
    if (text.trim() === '') return ''
    const problem = yamlMapProblem(text)
    if (problem) tell(`\`${name}\` ${problem}`, 'Helm values are keys with values, such as `image: {tag: v1}`')
    return text
  }

  function baseUrls(name: string, fallback: string): string[] {
    const found = lines(name)
    for (const text of found) {
      const problem = baseUrlProblem(text)
      if (problem) tell(`\`${name}\`: "${withoutUser(text)}" ${problem}`, 'Give an https URL, such as that of a mirror')
    }
    return found.length > 0 ? found.filter((text) => baseUrlProblem(text) === null) : [fallback]
  }

  function helmArgs(name: string): ExtraArgument[] {
    const found: ExtraArgument[] = []
    for (const [index, line] of raw(name).split(/\r?\n/).entries()) {
      if (line.trim() === '') continue
      const parsed = parseExtraArgument(line, index + 1)
      if ('problem' in parsed) tell(parsed.problem, parsed.remedy)
      else found.push(parsed)
    }
    return found
  }

  function digest(name: string): string {
    const hash = sha256(name)
    return hash && `sha256:${hash}`
  }

  function sha256(name: string): string {
    const text = raw(name).trim()
    const hash = text.replace(/^sha256:/i, '').toLowerCase()
    if (text && !/^[0-9a-f]{64}$/.test(hash))
      tell(`\`${name}\`: "${text}" is not a SHA-256`, 'Give its 64 hexadecimal digits')
    return hash
  }

  return {
    argument,
    assignments,
    baseUrls,
    boolean,
    choice,
    count,
    digest,
    duration,
    helmArgs,
    lines,
    lock,
    optionalCount,
    sha256,
    yamlMap,
  }
}

/** What keeps a text from being a URL to which the name of a file can be added; null when nothing does. */
function baseUrlProblem(text: string): string | null {
  const url = URL.canParse(text) ? new URL(text) : null
  if (!url || !/^https?:$/.test(url.protocol)) return 'is not an http or https URL'
  return url.search || url.hash ? 'has a query or a fragment, to which no file name can be added' : null
}

/** A URL without the credentials in it, up to the last @: one with a slash in its password is no URL, and its path says little. */
export function withoutUser(text: string): string {
  return text.replaceAll(/\/\/\S*@/g, '//')
}
