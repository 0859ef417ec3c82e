import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Metadata } from '../../../src/cluster/types.ts'
import { foreignOwnerProblem } from '../../../src/deploy/foreign-owners.ts'
import type { Snapshot, SnapshotEntry } from '../../../src/deploy/snapshot.ts'

type Marks = Pick<Metadata, 'labels' | 'annotations'>
const entryOf = (name: string, live: Marks | null, rendered: Marks = {}): SnapshotEntry => ({
  object: {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    name,
    namespace: 'prod',
    object: { metadata: { name, ...rendered } },
    source: '',
    path: `/${name}`,
  },
  live: live && { metadata: { name, uid: name, ...live } },
})
const snapshot = (...entries: readonly SnapshotEntry[]): Snapshot =>
  new Map(entries.map((entry) => [entry.object.path, entry]))
const judged = (...entries: readonly SnapshotEntry[]) => foreignOwnerProblem(snapshot(...entries), 'shop', 'prod')
const labels = (values: Record<string, string>): Marks => ({ labels: values })
const annotations = (values: Record<string, string>): Marks => ({ annotations: values })
const tracking = (id: string) => annotations({ 'argocd.argoproj.io/tracking-id': id })
const helm = (name: string, namespace: string) =>
  annotations({ 'meta.helm.sh/release-name': name, 'meta.helm.sh/release-namespace': namespace })

const foreign: readonly (readonly [Marks, string])[] = [
  [tracking('storefront:apps/Deployment:prod/web'), 'the Argo CD application "storefront"'],
  [tracking('argocd_storefront:apps/Deployment:prod/web'), 'the Argo CD application "argocd_storefront"'],
  [tracking('of another form'), 'the Argo CD application "of another form"'],
  [labels({ 'argocd.argoproj.io/instance': 'storefront' }), 'the Argo CD application "storefront"'],
  [labels({ 'argocd.argoproj.io/instance': 'shop' }), 'the Argo CD application "shop"'],
  [
    {
      ...labels({ 'app.kubernetes.io/instance': 'storefront' }),
      ...annotations({ 'argocd.argoproj.io/installation-id': 'eu' }),
    },
    'the Argo CD application "storefront"',
  ],
  [
    { ...labels({ 'app.kubernetes.io/instance': 'shop' }), ...tracking('storefront:apps/Deployment:prod/web') },
    'the Argo CD application "storefront"',
  ],
  [
    labels({ 'helm.toolkit.fluxcd.io/name': 'shop', 'helm.toolkit.fluxcd.io/namespace': 'flux-system' }),
    'the Flux HelmRelease "flux-system/shop"',
  ],
  [
    labels({ 'kustomize.toolkit.fluxcd.io/name': 'apps', 'kustomize.toolkit.fluxcd.io/namespace': 'flux-system' }),
    'the Flux Kustomization "flux-system/apps"',
  ],
  [helm('store', 'prod'), 'the Helm release "store"'],
  [helm('shop', 'test'), 'the Helm release "shop" in the namespace "test"'],
  [helm('store', 'test'), 'the Helm release "store" in the namespace "test"'],
  [annotations({ 'meta.helm.sh/release-name': 'store' }), 'the Helm release "store"'],
]

test('an object of another is refused, whether it lies in the cluster or in the chart', () => {
  for (const [marks, owner] of foreign) {
    const wanted = `The release "shop" would deploy what somebody else deploys: Deployment/web (${owner})`
    assert.equal(judged(entryOf('web', marks))?.problem, wanted)
    assert.equal(judged(entryOf('web', null, marks))?.problem, wanted)
    assert.equal(judged(entryOf('web', {}, marks))?.problem, wanted)
  }
})

test('what is ours, nobody’s, or only looks like another’s is not', () => {
  const ours: readonly Marks[] = [
    {},
    helm('shop', 'prod'),
    annotations({ 'meta.helm.sh/release-name': 'shop' }),
    labels({ 'app.kubernetes.io/instance': 'storefront', 'app.kubernetes.io/managed-by': 'Helm' }),
    {
      ...labels({ 'app.kubernetes.io/instance': 'storefront' }),
      ...annotations({ 'argocd.argoproj.io/sync-wave': '1' }),
    },
    tracking('storefront:apps/Deployment:prod/other'),
    tracking('storefront:example.org/Database:prod/web'),
    tracking(''),
    labels({ 'argocd.argoproj.io/instance': '', 'helm.toolkit.fluxcd.io/name': '' }),
    { labels: null, annotations: null } as unknown as Marks,
    { labels: { 'argocd.argoproj.io/instance': 7 } } as unknown as Marks,
  ]
  for (const marks of ours) {
    assert.equal(judged(entryOf('web', marks, marks)), null, JSON.stringify(marks))
    assert.equal(judged(entryOf('web', null, marks)), null, JSON.stringify(marks))
  }
  assert.equal(judged(), null)
})

test('ten are named, the rest counted, and each kind of owner has its way out', () => {
  const many = Array.from({ length: 12 }, (_, index) => entryOf(`w${index}`, helm('store', 'prod')))
  const flux = entryOf('flux', labels({ 'kustomize.toolkit.fluxcd.io/name': 'apps' }))
  const problem = judged(entryOf('own', helm('shop', 'prod')), ...many, flux)
  assert.match(problem?.problem ?? '', /: Deployment\/w0 \(.*Deployment\/w9 \(the Helm release "store"\) and 3 more$/)
  assert.match(problem?.remedy ?? '', /uninstall the other release.*\. Deploy what Flux/)
  assert.doesNotMatch(problem?.remedy ?? '', /Argo/)
})

test('what others write is cut and cleaned', () => {
  const text = judged(entryOf('web', tracking(`a\n::error::b\u001B[31m${'x'.repeat(5000)}`)))?.problem ?? ''
  assert.ok(text.length < 250, String(text.length))
  assert.ok(!text.includes('\n') && !text.includes('\u001B'))
})
