/** Replaces what is secret in a text by `***`. */
export type Redact = (text: string) => string

/** What stands where a secret was. */
export const mask = '***'
const shortest = 6

/** Words that name a credential when a value is assigned to them. */
const credential =
  '(?:password|passwd|pwd|passphrase|token|api[-_]?key|secret[-_]?(?:access[-_]?)?key|access[-_]?key(?:[-_]?id)?|' +
  '(?:client|app|shared|jwt|signing|session|webhook)[-_]?secret|private[-_]?key)'

const shapes: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z\d ]*PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z\d ]*PRIVATE KEY(?: BLOCK)?-----|$)/g, mask],
  // Docker Hub: "You have reached your pull rate limit as 'user': token. You may increase …" (kubedog strips it as well).
  [/(pull rate limit as )(?:(?!\.\s|\.?$|\. You)[^\n])+/gim, `$1${mask}`],
  [/\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?/g, mask],
  [
    /\b(?:gh[pousr]_[A-Za-z\d]{16,}|github_pat_\w{16,}|glpat-[\w-]{16,}|npm_[A-Za-z\d]{30,}|dckr_[a-z]+_[\w=-]{8,})/g,
    mask,
  ],
  [/\b(?:xox[abeoprs]-[\w-]{10,}|[rs]k_(?:live|test)_\w{16,}|AIza[\w-]{35})/g, mask],
  [/\b(?:AKIA|ASIA|AGPA|AIDA|AROA)[A-Z\d]{16}\b/g, mask],
  [/\b([a-z][a-z\d+.-]*:\/\/)([^\s/:@]*):[^\s/@]+@/gi, `$1$2:${mask}@`],
  [/\b([a-z][a-z\d+.-]*:\/\/)[^\s/:@]{16,}@/gi, `$1${mask}@`],
  [/\b([\w.-]+):[^\s@/:]+@(?=(?:tcp|udp|unix)\()/gi, `$1:${mask}@`],
  // Not a word: registries say `basic credential not found`.
  [/\b([Bb]earer|BEARER|Basic|BASIC|basic(?!\s+[a-z]+\b(?!=)))(\s+)[\w.~+/-]{8,}=*/g, `$1$2${mask}`],
  // key=value, "key":"value", key: 'value'
  [new RegExp(`(${credential}\\\\?["']?\\s*[=:]\\s*)(\\\\?["'])(?:(?!\\2)[^\\n])+\\2`, 'gi'), `$1$2${mask}$2`],
  [new RegExp(`((?:${credential}|\\bsecret)=)[^\\s,;&"']+`, 'gi'), `$1${mask}`],
  // key: value and key = value, when the value is one word; "invalid token: unexpected end of input" is prose
  [new RegExp(`(${credential}["']?\\s*[=:]\\s*)[^\\s,;"'&]+(?=\\s*(?:$|[,;}\\]]))`, 'gim'), `$1${mask}`],
  [new RegExp(`(${credential}["']?\\s*[=:]\\s*)(?=\\S*\\d)(?=\\S*[a-z])[^\\s,;"'&]{8,}`, 'gi'), `$1${mask}`],
  [new RegExp(`(--${credential}\\s+)[^\\s-]\\S*`, 'gi'), `$1${mask}`],
]

/** Matches a name whose value is a credential. */
export const credentialKey = new RegExp(`${credential}$`, 'i')

/**
 * A redactor for these secret values of six characters or more, also inside base64, URL-encoded and JSON-escaped and line by line,
 * and for well-known shapes of credentials. `publicWords` are never taken for secrets: names of objects, the release, the namespace
 * (a Secret often holds a user name that is also the name of a workload).
 */
export function createRedactor(secrets: Iterable<string>, publicWords: Iterable<string> = []): Redact {
  const allowed = new Set(publicWords)
  const forms = new Set(
    Array.from(secrets)
      .flatMap(pieces)
      .filter((piece) => !allowed.has(piece))
      .flatMap(encodings),
  )
  const known = Array.from(forms)
    .filter((form) => form.length >= shortest && !allowed.has(form))
    .sort((a, b) => b.length - a.length)
    .map((form) => RegExp.escape(form))
  const values = known.length === 0 ? null : new RegExp(known.join('|'), 'g')
  return (text) => {
    const withoutValues = values === null ? text : text.replaceAll(values, mask)
    return shapes.reduce((rest, [shape, replacement]) => rest.replaceAll(shape, replacement), withoutValues)
  }
}

/** The whole value, trimmed, and each of its lines. */
function pieces(secret: string): string[] {
  const whole = secret.trim()
  return [whole, ...whole.split(/\r?\n/).map((line) => line.trim())].filter((piece) => piece.length >= shortest)
}

function encodings(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1)
  const goJson = json.replaceAll(/[<>&]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`)
  const url = encodeURIComponent(secret)
  return [
    secret,
    json,
    goJson,
    JSON.stringify(json).slice(1, -1),
    url,
    url.replaceAll('%20', '+'),
    url.toLowerCase(),
    ...base64s(secret),
  ]
}

/** Base64 of the value by itself and what is constant of it wherever it stands inside a longer text, plain and URL-safe. */
function base64s(secret: string): string[] {
  const bytes = Buffer.from(secret)
  const shifted = [0, 1, 2].map((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replaceAll('=', '')
    const partial = (shift + bytes.length) % 3 === 0 ? 0 : 1
    return encoded.slice(shift === 0 ? 0 : shift + 1, encoded.length - partial)
  })
  const all = [bytes.toString('base64'), ...shifted.filter((form) => form.length >= 8)]
  return [...all, ...all.map((form) => form.replaceAll('+', '-').replaceAll('/', '_'))]
}
