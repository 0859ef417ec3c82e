import type { Problem } from '../platform/errors.ts'
import type { RawInputs } from '../inputs/readers.ts'
import { dnsLabel } from './naming.ts'
import { fill, placedBy, placeholders, wordsIn, type Placed, type Placeholder } from './placeholders.ts'
import type { Preview } from './preview.ts'
import { fillValues } from './values.ts'

/** The names of a preview when the workflow gives none; several repositories may share a cluster. */
export const defaultRelease = 'pr-{{ pr }}'
export const defaultNamespace = 'preview-{{ repo }}-pr-{{ pr }}'

const maxRelease = 53
const maxNamespace = 63

/** The inputs of a preview as texts without placeholders. */
export interface FilledInputs {
  /** The inputs that were templates, by name. */
  readonly filled: Readonly<Record<string, string>>
  readonly problems: readonly Problem[]
}

/** Fills the templates of a preview: the same pull request always gets the same names. A name whose template is wrong is empty. Pure. */
export function fillInputs(raw: RawInputs, preview: Preview): FilledInputs {
  const problems: Problem[] = []
  const tell = (problem: string, remedy: string): void => void problems.push({ problem, remedy })
  const placed = placedBy(preview)

  /** A template that may use these placeholders only; the empty text when it uses others. */
  function filled(name: string, text: string, allowed: Placed): string {
    const words = wordsIn(text)
    const unknown = words.find((word) => !placeholders.some((known) => known === word))
    const missing = words.find((word) => !Object.hasOwn(allowed, word))
    if (unknown !== undefined) tell(`\`${name}\`: "{{ ${unknown} }}" is unknown`, `Use ${listed(placeholders)}`)
    else if (missing !== undefined) tell(`\`${name}\`: "{{ ${missing} }}" cannot be used here`, remedyFor(missing))
    else if (/\{\{|\}\}/.test(fill(text, allowed)))
      tell(`\`${name}\`: braces without a word`, `Write placeholders as ${listed(placeholders)}`)
    else return fill(text, allowed)
    return ''
  }

  function remedyFor(word: string): string {
    if (word === 'sha') return 'A name has to stay the same with every push: use {{ pr }} or {{ branch }}'
    if (word === 'branch') return 'GitHub did not tell the branch of this pull request: use {{ pr }}'
    return 'Names are made of {{ pr }}, {{ branch }} and {{ repo }}'
  }

  function named(name: string, fallback: string, most: number, allowed: Placed): string {
    const template = raw(name).trim() || fallback
    const words = wordsIn(template)
    if (!words.includes('pr') && !words.includes('branch')) {
      tell(
        `\`${name}\`: "${template}" is the same for every pull request, so that previews would overwrite each other`,
        `Put {{ pr }} or {{ branch }} into it, such as ${fallback}`,
      )
      return ''
    }
    const text = filled(name, template, allowed)
    return text && dnsLabel(text, most)
  }

  const { pr, branch, repo } = placed
  const stable = only({ pr, branch, repo })
  const release = named('release', defaultRelease, maxRelease, stable)
  const namespace = named('namespace', defaultNamespace, maxNamespace, { ...stable, ...(release && { release }) })
  const all = { ...placed, ...(release && { release }), ...(namespace && { namespace }) }
  const values = fillValues(raw('values'), all)
  if ('word' in values)
    tell(
      `\`values\`: line ${values.unquotedLine} has {{ ${values.word} }} without quotes, which YAML reads as a map`,
      `Put it in quotes: "{{ ${values.word} }}"`,
    )
  return {
    filled: {
      release,
      namespace,
      values: 'text' in values ? values.text : raw('values'),
      environment: filled('environment', raw('environment'), all),
      'environment-url': filled('environment-url', raw('environment-url'), all),
    },
    problems,
  }
}

function listed(words: readonly Placeholder[]): string {
  return words.map((word) => `{{ ${word} }}`).join(', ')
}

function only(placed: Readonly<Record<string, string | undefined>>): Placed {
  return Object.fromEntries(Object.entries(placed).filter(([, value]) => value !== undefined)) as Placed
}
