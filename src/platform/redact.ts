/** Replaces what is secret in a text by `***`. */
export type Redact = (text: string) => string

/** What stands where a secret was. */
export const mask = '***'

/** Words that name a credential when a value is assigned to them. */
const credential =
  '(?:password|passwd|pwd|passphrase|token|api[-_]?key|secret[-_]?(?:access[-_]?)?key|access[-_]?key(?:[-_]?id)?|' +
  '(?:client|app|shared|jwt|signing|session|webhook)[-_]?secret|private[-_]?key|account[-_]?key)'

const shapes: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z\d ]*PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z\d ]*PRIVATE KEY(?: BLOCK)?-----|$)/g, mask],
  // The rest of a key whose beginning is further up than what was read.
  [/^(?:[ \t]*[A-Za-z\d+/]{16,76}={0,2}[ \t]*\r?\n)+[ \t]*-----END [A-Z\d ]*PRIVATE KEY(?: BLOCK)?-----/gm, mask],
  // Docker Hub: "You have reached your pull rate limit as 'user': token. You may increase …" (kubedog strips it as well).
  [/(pull rate limit as )(?:(?!\.\s|\.?$|\. You)[^\n])+/gim, `$1${mask}`],
  [/\beyJ[\w-]{8,4000}\.[\w-]{8,}(?:\.[\w-]*)?/g, mask],
  [
    /\b(?:gh[pousr]_[A-Za-z\d]{16,}|github_pat_\w{16,}|glpat-[\w-]{16,}|npm_[A-Za-z\d]{30,}|dckr_[a-z]+_[\w=-]{8,})/g,
    mask,
  ],
  [/\b(?:xox[abeoprs]-[\w-]{10,}|[rs]k_(?:live|test)_\w{16,}|AIza[\w-]{35})/g, mask],
  [/\b(?:AKIA|ASIA|AGPA|AIDA|AROA)[A-Z\d]{16}\b/g, mask],
  [/\b([a-z][a-z\d+.-]{0,30}:\/\/)([^\s/:@]*):[^\s/@]+@/gi, `$1$2:${mask}@`],
  [/\b([a-z][a-z\d+.-]{0,30}:\/\/)[^\s/:@]{16,}@/gi, `$1${mask}@`],
  [/\b([\w.-]{1,64}):[^\s@/:]+@(?=(?:tcp|udp|unix)\()/gi, `$1:${mask}@`],
  // Not a word: registries say `basic credential not found`.
  [/\b([Bb]earer|BEARER|Basic|BASIC|basic(?!\s+[a-z]+\b(?!=)))(\s+)[\w.~+/-]{8,}=*/g, `$1$2${mask}`],
  // key=value, "key":"value", key: 'value'
  [new RegExp(`(${credential}\\\\?["']?\\s*[=:]\\s*)(\\\\?["'])(?:(?!\\2)[^\\n])+\\2`, 'gi'), `$1$2${mask}$2`],
  [new RegExp(`((?:${credential}|\\bsecret)=)[^\\s,;&"']+`, 'gi'), `$1${mask}`],
  // key: value and key = value, when the value is one word; "invalid token: unexpected end of input" is prose
  [new RegExp(`(${credential}["']?\\s*[=:]\\s*)[^\\s,;"'&]+(?=\\s*(?:$|[,;}\\]]))`, 'gim'), `$1${mask}`],
  [new RegExp(`(${credential}["']?\\s*[=:]\\s*)(?=\\S*\\d)(?=\\S*[a-z])[^\\s,;"'&]{8,}`, 'gi'), `$1${mask}`],
  // curl -u user:password
  [/(\s(?:-u|--user)[ =][^\s:]+:)[^\s@/]\S*/g, `$1${mask}`],
  [new RegExp(`(--${credential}\\s+)[^\\s-]\\S*`, 'gi'), `$1${mask}`],
]

/** Matches a name whose value is a credential. */
export const credentialKey = new RegExp(`${credential}$`, 'i')

/** Replaces what has the shape of a well-known credential, which nobody has to know. */
export function hideShapes(text: string): string {
  return shapes.reduce((rest, [shape, replacement]) => rest.replaceAll(shape, replacement), text)
}
