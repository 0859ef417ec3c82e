import type { Metadata } from '../cluster/types.ts'
import { isPullNumber } from '../context/pull-event.ts'
import { labelValue } from './naming.ts'
import type { Preview } from './preview.ts'

const prefix = 'atomic-helm.dev/'
const managed = { 'app.kubernetes.io/managed-by': 'atomic-helm-action' }

/** Finds the namespaces of all previews of a repository: a label selector of the API. */
export function selectorOf(of: Pick<Preview, 'repository' | 'serverUrl'>): string {
  return Object.entries({ ...managed, ...kindLabels(of) })
    .map(([name, value]) => `${name}=${value}`)
    .join(',')
}

/** The labels of a preview's namespace: whose it is. */
export function previewLabels(preview: Preview): Record<string, string> {
  return { ...managed, ...kindLabels(preview), [`${prefix}pull-request`]: String(preview.pull) }
}

/** The labels of a preview's revisions: which preview they are of. */
export function revisionLabels(preview: Preview): Record<string, string> {
  return { [`${prefix}preview`]: previewId(preview) }
}

/** Finds the revisions of a preview among those of a namespace: a label selector of the API. */
export function revisionSelectorOf(preview: Preview): string {
  return `owner=helm,${prefix}preview=${previewId(preview)}`
}

/** One word for a preview, the same for all its runs: what the label of its revisions holds. */
export function previewId({ repository: { owner, name }, serverUrl, pull }: Preview): string {
  return labelValue(`${serverUrl}/${owner}/${name}/pull/${pull}`.toLowerCase(), `${name.toLowerCase()}-${pull}`)
}

/** What else a namespace tells; times are ms since 1970, by the API server. */
export interface PreviewNotes {
  readonly release: string
  readonly runUrl: string | null
  readonly environment: string
  readonly deployedAtMs: number
  /** Null: the preview stays until its pull request is closed. */
  readonly ttlMs: number | null
}

/** The annotations of a preview's namespace, for people and for the sweep; null takes one away (a merge patch). */
export function previewAnnotations(
  { repository: { owner, name }, serverUrl, pull }: Preview,
  { release, runUrl, environment, deployedAtMs, ttlMs }: PreviewNotes,
): Record<string, string | null> {
  const notes = {
    repository: `${owner}/${name}`,
    'pull-request-url': `${serverUrl}/${owner}/${name}/pull/${pull}`,
    release,
    'run-url': runUrl,
    environment: environment || null,
    'deployed-at': new Date(deployedAtMs).toISOString(),
    'expires-at': ttlMs === null ? null : new Date(deployedAtMs + ttlMs).toISOString(),
  }
  return Object.fromEntries(Object.entries(notes).map(([key, value]) => [prefix + key, value]))
}

/** What a namespace says of the preview in it. Anybody who may label namespaces can write this, so each field counts only in our form. */
export interface PreviewFacts {
  readonly pull: number
  /** Null when it is not a name that Helm takes. */
  readonly release: string | null
  readonly environment: string
  readonly expiresAtMs: number | null
}

/** Whose a namespace is: this repository's preview, somebody else's preview, or no preview at all. */
export type NamespaceOwner =
  | { readonly kind: 'ours'; readonly facts: PreviewFacts }
  | { readonly kind: 'other'; readonly whose: string }
  | { readonly kind: 'none' }

/** Reads whose a namespace is, for this repository. */
export function ownerOf(
  { labels = {}, annotations = {} }: Pick<Metadata, 'labels' | 'annotations'>,
  of: Pick<Preview, 'repository' | 'serverUrl'>,
): NamespaceOwner {
  if (labels[`${prefix}preview`] !== 'true') return { kind: 'none' }
  const wanted = Object.entries({ ...managed, ...kindLabels(of) })
  const pull = pullOf(labels[`${prefix}pull-request`] ?? '')
  const repository = `${of.repository.owner}/${of.repository.name}`
  const said = annotations[`${prefix}repository`]
  const isOurs = wanted.every(([name, value]) => labels[name] === value)
  if (pull === null || !isOurs || (said !== undefined && said.toLowerCase() !== repository.toLowerCase()))
    return { kind: 'other', whose: /^[\w.-]{1,100}\/[\w.-]{1,100}$/.test(said ?? '') ? (said ?? '') : 'somebody else' }
  const release = annotations[`${prefix}release`] ?? ''
  return {
    kind: 'ours',
    facts: {
      pull,
      release: /^[a-z0-9]([-a-z0-9]{0,51}[a-z0-9])?$/.test(release) ? release : null,
      environment: annotations[`${prefix}environment`] ?? '',
      expiresAtMs: Date.parse(annotations[`${prefix}expires-at`] ?? '') || null,
    },
  }
}

/** Whether the annotations of a namespace tell the same pull request as its labels: all of them are written at once, and nothing else writes them. */
export function isConsistent({ annotations = {} }: Pick<Metadata, 'annotations'>, preview: Preview): boolean {
  const notes = { release: '', runUrl: null, environment: '', deployedAtMs: 0, ttlMs: null }
  const expected = previewAnnotations(preview, notes)
  const isSame = (key: string): boolean =>
    annotations[prefix + key]?.toLowerCase() === expected[prefix + key]?.toLowerCase()
  return (
    isSame('repository') &&
    isSame('pull-request-url') &&
    !Number.isNaN(Date.parse(annotations[`${prefix}deployed-at`] ?? ''))
  )
}

/** GitHub does not tell names by their case. */
function kindLabels({ repository: { owner, name }, serverUrl }: Pick<Preview, 'repository' | 'serverUrl'>): {
  readonly [key: string]: string
} {
  const address = `${serverUrl}/${owner}/${name}`.toLowerCase()
  return { [`${prefix}preview`]: 'true', [`${prefix}repository`]: labelValue(address, name.toLowerCase()) }
}

function pullOf(text: string): number | null {
  const value = /^[1-9]\d{0,9}$/.test(text) ? Number(text) : null
  return isPullNumber(value) ? value : null
}
