import { findingClasses, type Evidence, type Finding, type ResourceRef } from '../../../src/health/finding.ts'
import { mostEarlier, readState, stateLine, type CommentState, type PastDeploy } from '../../../src/report/marker.ts'
import type { Drift, ObjectChange, Report } from '../../../src/report/model.ts'
import { oneLine } from '../../../src/platform/untrusted.ts'
import { hostileStrings } from '../../fixtures/hostile-strings.ts'
import { crowds } from './crowds.ts'
import { report, states } from './fixtures.ts'

/** Reports of any size and of any text, by chance: what a cluster could make of us. */

type Random = () => number
type Size = 'small' | 'middle' | 'large'

/** What texts are put together of: all that is long, wide, half or means something in Markdown. */
export const pieces = [
  'connection refused',
  'x',
  ' ',
  '漢字かな交じり文',
  '😀',
  '👩‍👩‍👧‍👦',
  '\uD83D',
  '\uDE00',
  '`',
  '```',
  '`````` ',
  '\r',
  '\r\n',
  '\n',
  '\n\n```\n',
  '<>',
  '<details>',
  '</details>',
  '<summary>',
  '@admin ',
  '#1 ',
  'https://evil.example/ ',
  '|',
  '\\',
  '&',
  '*_~',
  '-->',
  '\u0000\u001B[31m',
]

/** Most are small, for speed; the large ones are too much for a summary, the middle ones for a comment. */
const sizes: Readonly<Record<Size, { most: number; longest: number }>> = {
  small: { most: 4, longest: 300 },
  middle: { most: 25, longest: 1000 },
  large: { most: 150, longest: 5000 },
}

/** One in so many reports is large. */
const rare = 24

export const bases: readonly Report[] = [
  ...Object.values(states),
  ...Object.entries(crowds).flatMap(([name, crowd]) => (/\d$/.test(name) ? [] : [crowd])),
]

/** A report of that kind with everything else by chance; its cause begins with `sign`, a word. */
export function randomReport(base: Report, sign: string, random: Random, size = randomSize(random)): Report {
  const { most, longest } = sizes[size]
  const text = (limit = longest): string => randomText(random, limit)
  const list = <T>(make: (index: number) => T, limit = most): T[] =>
    Array.from({ length: Math.floor(random() ** 2 * (limit + 1)) }, (_, index) => make(index))
  const object = (): ResourceRef => ({
    kind: pick(random, ['Deployment', 'Pod', text(80)]),
    namespace: text(80),
    name: text(300),
  })
  const fields = (): Record<string, string> => Object.fromEntries(list(() => [text(90), text()], 12))
  const evidence = (): Evidence => ({
    status: fields(),
    excerpt: fields(),
    events: list(
      () => ({ reason: text(60), message: text(), count: 1 + Math.floor(random() * 9), atSeconds: random() * 99 }),
      5,
    ),
    logs: list(() => text(), 25),
    ...(random() < 0.5 ? { object: object(), container: text(80), node: text(80) } : {}),
    ...(random() < 0.5 ? { decisiveLine: text() } : {}),
    ...(random() < 0.5 ? { message: text() } : {}),
    ...(random() < 0.5 ? { source: { file: text(200), line: 3 } } : {}),
  })
  const finding = (index: number): Finding => ({
    class: pick(random, findingClasses),
    resource: object(),
    cause: `${index === 0 ? sign : ''} ${text()}`,
    ...(random() < 0.7 ? { advice: text() } : {}),
    severity: { kind: 'now' },
    count: 1 + Math.floor(random() * 200),
    evidence: evidence(),
  })
  const drift = (): Drift => ({
    object: object(),
    kind: pick(random, ['missing', 'changed', 'left-over']),
    details: list(() => text(), 20),
  })
  const change = (): ObjectChange => ({
    object: object(),
    kind: pick(random, ['added', 'removed', 'changed']),
    source: text(200),
    highlights: list(() => text(), 6),
    labelsOnly: random() < 0.1,
    diff: list(() => `${pick(random, ['+', '-', ' '])}${text(500)}`, most * 3),
  })
  return {
    ...base,
    reason: `${sign} ${text()}`,
    release: text(80),
    namespace: text(80),
    environment: random() < 0.5 ? null : text(300),
    environmentUrl: random() < 0.7 ? null : `https://shop.example/${text(200).toWellFormed()}`,
    chart: { name: text(300), version: text(80), previousVersion: text(80), digest: text(80) },
    images: list(() => ({ container: text(80), before: random() < 0.2 ? null : text(), after: text() })),
    changes: list(change),
    drifted: base.drifted && list(drift),
    findings: base.findings
      .map((_, index) => finding(index))
      .concat(base.findings.length > 0 ? list((index) => finding(index + 1)) : []),
    problems: base.problems.map((_, index) => ({
      problem: `${index === 0 ? sign : ''} ${text()}`,
      remedy: text(),
      command: text(),
    })),
    undo: base.undo && {
      ...base.undo,
      drifts: list(drift),
      commands: list(() => text(), 30),
      ...(base.undo.error === undefined ? {} : { error: text() }),
    },
    notUndone: list(() => ({ object: object(), why: text() })),
    phases: list((index) => ({ name: text(60), startMs: index * 1000, durationMs: random() * 5000 }), 60),
    warnings: list(() => text(), 30),
    run: { ...base.run, actor: text(80), workflow: text(200), job: text(200) },
  }
}

function randomSize(random: Random): Size {
  const chance = random()
  return chance < 1 / rare ? 'large' : chance < 0.3 ? 'middle' : 'small'
}

/** What a comment could tell of the deploys before, as it is read back from GitHub. */
export function randomState(sign: string, random: Random): CommentState {
  const deploy = (index: number): PastDeploy => ({
    status: 'rolled-back',
    verdict: 'drifted',
    revision: 900_000_000 - index,
    run: `${'9'.repeat(18)}${String(10 + index)}`,
    attempt: '9'.repeat(20),
    number: '9'.repeat(20),
    commit: 'b81e77d',
    startedAt: '2026-11-22T10:42:17.000Z',
    cause: oneLine(`${sign} ${randomText(random, 200)}`, 200),
  })
  const earlier = Array.from({ length: mostEarlier }, (_, index) => deploy(index + 1))
  const state = readState(`marker\n${stateLine({ ...deploy(0), earlier })}`)
  if (state === null) throw new Error('what is written cannot be read')
  return state
}

/** Failed deploys of a release, one for each run, with a cause that is one piece again and again. */
export function failuresOf(piece: string, runs: number): Report[] {
  const base = states['rolled-back'] ?? report()
  return Array.from({ length: runs }, (_, index) => ({
    ...base,
    run: { ...base.run, url: `https://github.example/acme/shop/actions/runs/${String(100 + index)}` },
    findings: base.findings.map((one) => ({ ...one, cause: piece.repeat(400) })),
  }))
}

/** Mostly short, sometimes up to the limit: one piece again and again, or many. */
function randomText(random: Random, limit: number): string {
  const length = Math.floor(random() ** 4 * limit) + 1
  const one = pick(random, pieces)
  const isMixed = random() < 0.7
  let text = random() < 0.2 ? pick(random, hostileStrings) : ''
  while (text.length < length) text += isMixed ? pick(random, pieces) : one.repeat(Math.ceil(length / one.length))
  return text.slice(0, length)
}

function pick<T>(random: Random, items: readonly T[]): T {
  return items[Math.floor(random() * items.length)] as T
}
