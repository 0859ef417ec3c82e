import { X509Certificate } from 'node:crypto'
import type { User } from '@kubernetes/client-node'
import { formatDuration } from '../inputs/duration.ts'

/** What the kubeconfig's current user logs in with; null when it names none. */
export interface Credential {
  readonly user: Pick<User, 'name' | 'token' | 'certData' | 'exec' | 'authProvider'> | null
  /** A token in a file is read again as it ages: whoever writes it renews it. */
  readonly tokenFile: string | null
  /** The content of the client certificate's file, where the kubeconfig names one. */
  readonly certificate?: string
}

interface Ending {
  readonly what: string
  /** Ms since 1970. */
  readonly at: number
}

/**
 * Warns of a credential that ends before a deploy and its undo can be over and that nothing renews: then a failed deploy could not be
 * undone. `budgetMs` is `timeout` and `rollback-timeout`; null when nothing is wrong or nothing can be known. Never throws.
 */
export function credentialExpiryWarning(credential: Credential, now: number, budgetMs: number): string | null {
  const { user, tokenFile, certificate } = credential
  if (!user || user.exec || user.authProvider || tokenFile) return null
  // An end far away is that of no date: it never comes.
  const endings = [tokenEnd(user.token), certificateEnd(user.certData ?? certificate)].filter((end) => end !== null)
  const [first] = endings.filter(({ at }) => at < now + budgetMs).sort((one, other) => one.at - other.at)
  if (!first) return null
  const left = first.at - now
  const when = left > 0 ? `ends in ${formatDuration(left)}` : 'has ended'
  return (
    `The ${first.what} of the kubeconfig's user "${user.name}" ${when} (${new Date(first.at).toISOString()}), and nothing renews it, ` +
    `but a deploy and its undo may take ${formatDuration(budgetMs)}: after that nothing can be undone. ` +
    'Use one that lives longer, an exec plugin, or a shorter `timeout` and `rollback-timeout`'
  )
}

/** The end of a JSON Web Token, by its own word; null for any other token. */
function tokenEnd(token: string | undefined): Ending | null {
  try {
    const [, payload, signature] = (token ?? '').split('.')
    if (!payload || signature === undefined) return null
    const { exp } = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as { readonly exp?: unknown }
    return typeof exp === 'number' ? ending('token', exp * 1000) : null
  } catch {
    return null
  }
}

/** The end of a client certificate, which is PEM, or PEM in base64 as a kubeconfig has it. */
function certificateEnd(data: string | undefined): Ending | null {
  try {
    if (!data) return null
    const pem = data.includes('-----BEGIN') ? data : Buffer.from(data, 'base64')
    return ending('client certificate', new X509Certificate(pem).validToDate.getTime())
  } catch {
    return null
  }
}

/** Null for an end that is no date. */
function ending(what: string, at: number): Ending | null {
  return at > 0 && !Number.isNaN(new Date(at).getTime()) ? { what, at } : null
}
