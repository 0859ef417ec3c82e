import { createRedactor, type Redact } from './redact.ts'

/** Keeps what must never be shown, and takes it out of every text from the moment it is known. */
export interface SecretKeeper {
  /** Adds secrets, and words that are public although a Secret may hold them: names of objects and containers. */
  readonly learn: (secrets: Iterable<string>, publicWords?: Iterable<string>) => void
  readonly redact: Redact
}

/** A keeper that knows only the shapes of well-known credentials until it learns more. */
export function createSecretKeeper(): SecretKeeper {
  const secrets = new Set<string>()
  const words = new Set<string>()
  let redactor = createRedactor([])
  return {
    learn: (more, publicWords = []) => {
      for (const secret of more) secrets.add(secret)
      for (const word of publicWords) words.add(word)
      redactor = createRedactor(secrets, words)
    },
    redact: (text) => redactor(text),
  }
}
