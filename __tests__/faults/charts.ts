// The revisions that cells deploy. A failed one always changes, adds and leaves something that must not be seen afterwards.
import { hook, object, web } from '../scenarios/objects.ts'
import type { Parts } from '../scenarios/objects.ts'
import type { Templates } from '../helpers/chart.ts'
import type { Scene } from './scene.ts'

const service = object('v1', 'Service', 'web', { spec: { selector: { app: 'web' }, ports: [{ port: 8080 }] } })

/** Two replicas, which an update never takes below two. */
export const gently = { replicas: 2, strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } } }

/** The same gently, but how many there are is somebody else's business. */
export const unscaled = { ...gently, replicas: undefined }

/** A ConfigMap. */
export function config(name: string, data: Record<string, string>, annotations: Record<string, string> = {}): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, annotations }, data }
}

/** It serves on for 3 s when it is told to stop, as graceful ones do: so long it still gets requests of who does not know yet. */
const graceful: Parts = {
  container: { env: [{ name: 'STOP_DELAY', value: '3s' }] },
  pod: { terminationGracePeriodSeconds: 10 },
}

/** Two replicas behind a service, which an update never takes below two, each graceful. */
export function good(parts: Parts = {}): Templates {
  const container = { ...graceful.container, ...parts.container }
  return {
    web: web({ spec: gently, ...parts, container, pod: { ...graceful.pod, ...parts.pod } }),
    service,
    settings: config('settings', { greeting: 'Welcome' }),
  }
}

/** What the next run deploys. */
export const next: Templates = {
  ...good({ args: ['serve', '--message=next'] }),
  settings: config('settings', { greeting: 'Next' }),
}

/** A changed revision with an object of its own, whose web server is like this. */
export function changed(parts: Parts): Templates {
  return { ...good(parts), settings: config('settings', { greeting: 'Hello' }), extra: config('extra', { of: 'new' }) }
}

/** It works. */
export const fine: Templates = changed({ args: ['serve', '--message=new'] })

/** It never gets ready, which only the timeout can tell. */
export const waits: Templates = changed({ args: ['serve', '--ready=false'] })

/** Its image does not exist, so that it fails within seconds. */
export function missing({ testbed }: Scene): Templates {
  return changed({ container: { image: testbed.images.missing } })
}

/** The old pods go before the new ones come, and these take 3 s: so does a rollback. */
export const slowBack: Parts = {
  args: ['serve', '--ready-after=3s'],
  container: { env: [] },
  spec: { replicas: 1, strategy: { type: 'Recreate' } },
}

/** A revision of `slowBack` whose image does not exist. */
export function missingSlowBack({ testbed }: Scene): Templates {
  return changed({ ...slowBack, container: { env: [], image: testbed.images.missing } })
}

/** So many ConfigMaps that the apply can be met half-way. */
export function many(web: Parts = { args: ['serve', '--ready=false'] }, count = 200): Templates {
  const list = Array.from({ length: count }, (_, index) => `many-${String(index).padStart(3, '0')}`)
  return { ...changed(web), ...Object.fromEntries(list.map((name) => [name, config(name, { of: 'new' })])) }
}

/** A hook that runs for ten minutes, before the upgrade or the install. */
export function migrating(annotations: Record<string, string> = {}, events = 'pre-upgrade,pre-install'): Templates {
  return { ...fine, migrate: annotated(hook(events, { name: 'migrate', args: ['sleep', '10m'] }), annotations) }
}

/** A hook whose container never starts. */
export function stuckHook({ testbed }: Scene): Templates {
  const parts = { name: 'migrate', container: { image: testbed.images.missing } }
  return { ...fine, migrate: hook('pre-upgrade,pre-install', parts) }
}

/** Adds annotations to an object. */
export function annotated(one: object, annotations: Record<string, string>): object {
  const { metadata } = one as { metadata: { annotations?: Record<string, string> } }
  return { ...one, metadata: { ...metadata, annotations: { ...metadata.annotations, ...annotations } } }
}
