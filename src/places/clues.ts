import type { Finding } from '../health/finding.ts'

/** What a fault is about, as it may be written in values or in a template. */
export type Clue =
  /** A container image; `part` is what of it is wrong. */
  | { readonly kind: 'image'; readonly image: string; readonly part: 'tag' | 'name' }
  /** A text or a number under a key whose path looks like this. */
  | { readonly kind: 'value'; readonly text: string; readonly key: RegExp }

/** What a finding names that a person has written somewhere: from the surest to what is only near. */
export function cluesOf({ class: name, cause, evidence }: Finding): Clue[] {
  const { excerpt, message = '' } = evidence
  switch (name) {
    case 'image-name':
    case 'image-pull':
      return images(excerpt['image'], cause)
    case 'missing-config':
    case 'volume':
      return [
        ...values(/needs the key (\S+) of/.exec(cause)?.[1], /key|items/i),
        ...values(/(?:Secret|ConfigMap) ([a-z0-9.-]*[a-z0-9])/.exec(cause)?.[1], /secret|config|env|volume|name|ref/i),
        ...values(/the StorageClass (\S+),/.exec(cause)?.[1], /class/i),
      ]
    case 'replica-creation':
      return [
        ...values(
          /service ?account "?(?:[^\s"/]+\/)?([a-z0-9.-]+)"? not found/i.exec(cause)?.[1],
          /service_?account|^sa\b|\.sa\b/i,
        ),
        ...values(/(?:PriorityClass|RuntimeClass)\S* "?([a-z0-9.-]+)"? /i.exec(cause)?.[1], /class/i),
      ]
    case 'not-ready':
      return probe(excerpt, ['readiness', 'startup'], cause)
    case 'crash-loop':
      if (/ (liveness|startup) probe/.test(cause)) return probe(excerpt, ['liveness', 'startup'], cause)
      if (/out of memory/.test(cause)) return values(/\(limit ([^)]+)\)/.exec(cause)?.[1], /limits\.memory$/i)
      return /command not found|cannot be executed/.test(cause) ? commands(excerpt['command']) : []
    case 'container-start':
      return commands(/exec: "([^"]+)"/.exec(`${cause} ${message}`)?.[1] ?? excerpt['command'])
    case 'unschedulable':
      return scheduling(excerpt, cause)
    case 'invalid-object':
      return invalidField(`${cause}\n${message}`)
    default:
      return []
  }
}

function values(text: string | undefined, key: RegExp): Clue[] {
  return text ? [{ kind: 'value', text, key }] : []
}

/** A registry that says that something does not exist mostly misses the tag; any other trouble is that of the name. */
function images(image: string | undefined, cause: string): Clue[] {
  if (!image) return []
  const isTag = /does not exist|has no variant|is not on the node/.test(cause) || !isTagValid(image)
  return [{ kind: 'image', image, part: isTag ? 'tag' : 'name' }]
}

function isTagValid(image: string): boolean {
  const { tag } = splitImage(image)
  return tag === null || /^(?:[\w][\w.-]{0,127}|sha256:[0-9a-f]{64})$/.test(tag)
}

/** An image's name and its tag or digest; null where it has neither. */
export function splitImage(image: string): { readonly name: string; readonly tag: string | null } {
  const [name = '', digest] = image.split('@')
  if (digest !== undefined) return { name, tag: digest }
  const colon = name.lastIndexOf(':')
  return colon > name.lastIndexOf('/')
    ? { name: name.slice(0, colon), tag: name.slice(colon + 1) }
    : { name, tag: null }
}

/** Path or port of the probe that fails: the port when nobody listens there, else the path. */
function probe(excerpt: Readonly<Record<string, string>>, kinds: readonly string[], cause: string): Clue[] {
  const probes = kinds.flatMap((kind) => excerpt[`${kind} probe`] ?? [])
  const paths = probes.flatMap((text) => values(/^GET (\/\S+) on/.exec(text)?.[1], /probe|health|live|ready|path/i))
  const ports = probes.flatMap((text) => values(/(?:on|to) port (\d+)$/.exec(text)?.[1], /port/i))
  return /connection refused/.test(cause) ? [...ports, ...paths] : paths
}

function commands(text: string | undefined): Clue[] {
  return values(text, /command|args|entrypoint/i)
}

/** Only where one container asks for it: of several nobody knows which is too large. */
function scheduling(excerpt: Readonly<Record<string, string>>, cause: string): Clue[] {
  const resource = /Insufficient ([\w./-]+)/.exec(cause)?.[1]
  if (resource !== undefined) {
    const amounts = Object.entries(excerpt)
      .filter(([field]) => field.startsWith('requests'))
      .flatMap(([, text]) => text.split(', '))
      .filter((text) => text.startsWith(`${resource} `))
    const amount = amounts.length === 1 ? amounts[0]?.slice(resource.length + 1) : undefined
    const key = RegExp.escape(resource)
    return [
      ...values(amount, new RegExp(`requests\\.${key}$`, 'i')),
      ...values(amount, new RegExp(`limits\\.${key}$`, 'i')),
    ]
  }
  const [, label, value] = /^([^=,]+)=([^,]+)$/.exec(excerpt['node selector'] ?? '') ?? []
  if (label === undefined || !/node selector|node affinity\/selector/.test(cause)) return []
  return values(value, new RegExp(`nodeSelector\\.${RegExp.escape(label)}$`, 'i'))
}

/** As in `spec.replicas: Invalid value: -1: must be …`: a value, under a key that ends with the field's last word. */
function invalidField(text: string): Clue[] {
  const found = /([\w.[\]"/-]+): (?:Invalid|Unsupported) value: (?:"([^"{}]*)"|(-?[\w.]+))/.exec(text)
  const field =
    found?.[1]
      ?.replaceAll(/\[[^\]]*\]/g, '')
      .split('.')
      .at(-1) ?? ''
  const word = field === 'replicas' ? 'replica(?:s|count)?' : (/[A-Z]?[a-z]+$/.exec(field)?.[0] ?? '')
  return word === '' ? [] : values(found?.[2] ?? found?.[3], new RegExp(`${word}$`, 'i'))
}
