import { createKnownSecrets } from './known-secrets.ts'
import { hideShapes, mask, type Redact } from './redact.ts'
import { formsOf } from './secret-forms.ts'

/** Keeps what must never be shown, and takes it out of every text from the moment it is known. */
export interface SecretKeeper {
  /** Adds secrets, and words that are public although a Secret may hold them: names of objects and containers. */
  readonly learn: (secrets: Iterable<string>, publicWords?: Iterable<string>) => void
  readonly redact: Redact
}

/** A keeper that knows only the shapes of well-known credentials until it learns more. */
export function createSecretKeeper(): SecretKeeper {
  const known = createKnownSecrets()
  return {
    learn: (secrets, publicWords = []) => {
      for (const word of publicWords) known.allow(word)
      for (const secret of secrets) for (const { form, of } of formsOf(secret)) known.add(form, of)
    },
    redact: (text) => hideShapes(known.hide(text, mask)),
  }
}
