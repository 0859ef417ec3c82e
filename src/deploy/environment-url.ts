import { parseManifest, refKey, refText, toRef } from '../cluster/manifest.ts'
import type { LocatedObject } from '../cluster/discovery.ts'
import type { KubeObject } from '../cluster/types.ts'
import { urlCandidates, type Candidate } from '../environment/url-of.ts'
import type { ResourceRef } from '../health/finding.ts'
import { dryRunArguments, type UpgradeRequest } from '../helm/argv.ts'
import { describeError, type Problem } from '../platform/errors.ts'
import { toRecord, type RawRelease } from '../release/record.ts'
import { runHelm, type Session } from './session.ts'

/** Where people find a release, or why nobody knows; with the object that says so, null when none does. */
export type FoundUrl = { readonly resource: ResourceRef | null } & (
  | { readonly url: string }
  | { readonly url: null; readonly why: string }
)

/** No deploy waits longer for something that it can do without. */
const readMs = 2000

/**
 * The URL of a release: the one that is given, else that of the first of its objects that has one. Asks the server only for what neither
 * the manifest nor what is watched tells. Never throws.
 */
export async function findUrl(session: Session, manifest: string): Promise<FoundUrl> {
  const { inputs, target } = session
  const candidates = urlCandidates(parseManifest(manifest))
  if (inputs.environmentUrl) {
    const host = hostOf(inputs.environmentUrl)
    const same = candidates.find((one) => hostOf(one.source.urlOf(one.manifest, null).url) === host)?.manifest
    const resource = same ? toRef({ ...same, namespace: same.namespace || target.namespace }) : null
    return { url: inputs.environmentUrl, resource }
  }
  let first: FoundUrl | null = null
  for (const candidate of candidates) {
    const found = await lookAt(session, candidate)
    if (found.url !== null) return found
    first ??= found
  }
  return first ?? { url: null, why: 'the release has no Ingress, no HTTPRoute and no LoadBalancer', resource: null }
}

/** Why `verify-url` cannot come true, by Helm's dry run; null when it may, or when the dry run does not tell. */
export async function missingUrlProblem(session: Session, request: UpgradeRequest): Promise<Problem | null> {
  const { verifyUrl, environmentUrl } = session.inputs
  if (!verifyUrl || environmentUrl) return null
  const { error, stdout } = await runHelm(session, 'dry-run', dryRunArguments(request))
  if (error) return null
  const { manifest } = toRecord(JSON.parse(stdout) as RawRelease)
  if (urlCandidates(parseManifest(manifest)).length > 0) return null
  return {
    problem:
      '`verify-url`: no URL is known, for the chart makes no Ingress, no HTTPRoute and no LoadBalancer for the web',
    remedy: 'Give `environment-url`, or leave `verify-url` out',
  }
}

async function lookAt(session: Session, { manifest, source }: Candidate): Promise<FoundUrl> {
  const { discovery, target } = session
  const object = await discovery.locate(manifest, target.namespace).catch(() => null)
  const resource = toRef(object ?? manifest)
  const told = (seen: KubeObject | null): FoundUrl => {
    const found = source.urlOf(object ?? manifest, seen)
    return found.url === null
      ? { url: null, why: `${refText(resource)} ${found.why}`, resource }
      : { ...found, resource }
  }
  const reads = source.reads(object ?? manifest)
  if (reads === 'nothing' || !object) return told(null)
  try {
    const other = reads === 'itself' ? object : await discovery.locate(reads, target.namespace)
    return told(other && (await see(session, other)))
  } catch (error) {
    // A route tells most of it without its Gateway.
    const found = told(null)
    return found.url === null ? { ...found, why: `${found.why} (${describeError(error)})` } : found
  }
}

/** What is watched is not read again. */
async function see({ observer, client, stop }: Session, object: LocatedObject): Promise<KubeObject | null> {
  const key = refKey(object)
  const watched = observer.observed().others.find(({ manifest, live }) => live && refKey(manifest) === key)
  if (watched) return watched.live
  return client.get<KubeObject>(object.path, { signal: AbortSignal.any([AbortSignal.timeout(readMs), stop]) })
}

function hostOf(url: string | null): string | null {
  return url === null ? null : new URL(url).host
}
