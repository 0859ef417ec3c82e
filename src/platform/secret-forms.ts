import { shortest } from './known-secrets.ts'

/** How a secret may be written, and which part of it that is. */
export interface SecretForm {
  readonly form: string
  readonly of: string
}

/** The whole value and each of its lines, as they are, in base64, in URLs and in JSON; what is shorter than six characters is no secret. */
export function formsOf(secret: string): SecretForm[] {
  return pieces(secret).flatMap((of) => encodings(of).map((form) => ({ form, of })))
}

/** The whole value, trimmed, and each of its lines. */
function pieces(secret: string): string[] {
  const whole = secret.trim()
  const lines = whole.split(/\r?\n/).map((line) => line.trim())
  return [...new Set([whole, ...lines])].filter((piece) => piece.length >= shortest)
}

function encodings(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1)
  const goJson = json.replaceAll(/[<>&]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`)
  return [secret, json, goJson, JSON.stringify(json).slice(1, -1), ...urls(secret), ...base64s(secret)]
}

/** As JavaScript and as Go write it: in a query, in a path, and as user information, which leave different characters as they are. */
function urls(secret: string): string[] {
  const url = encodeURIComponent(secret.toWellFormed())
  const query = url.replaceAll(/[!'()*]/g, percent)
  const path = query.replaceAll(/%(?:24|26|2B|3A|3D|40)/g, decodeURIComponent)
  const user = query.replaceAll(/%(?:24|26|2B|2C|3B|3D)/g, decodeURIComponent)
  const all = [url, query, query.replaceAll('%20', '+'), path, user]
  return [...all, ...all.map((form) => form.replaceAll(/%[\dA-F]{2}/g, (code) => code.toLowerCase()))]
}

function percent(char: string): string {
  return `%${char.charCodeAt(0).toString(16).toUpperCase()}`
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
