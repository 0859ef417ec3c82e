// Where people find a release, by its objects: a URL, or why there is none.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseManifest } from '../../../src/cluster/manifest.ts'
import type { KubeObject } from '../../../src/cluster/types.ts'
import { urlCandidates } from '../../../src/environment/url-of.ts'
import { webUrl } from '../../../src/environment/web-address.ts'

interface Seen {
  readonly url: string | null
  readonly why?: string
  /** `nothing`, `itself`, or the object to be read. */
  readonly reads: string
}

/** What the first object that may have a URL says, with what is read beside it. */
function first(objects: readonly object[], read: object | null = null): Seen | null {
  const [candidate] = urlCandidates(parseManifest(objects.map((object) => JSON.stringify(object)).join('\n---\n')))
  if (!candidate) return null
  const { manifest, source } = candidate
  const reads = source.reads(manifest)
  const seen = reads === 'nothing' ? null : (read as KubeObject | null)
  return {
    ...source.urlOf(manifest, seen),
    reads: typeof reads === 'string' ? reads : `${reads.kind} ${reads.namespace}/${reads.name}`,
  }
}

const metadata = { name: 'shop', namespace: 'web' }
const ingress = (spec: object, more: object = {}): object => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { ...metadata, ...more },
  spec,
})
const route = (spec: object): object => ({
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'HTTPRoute',
  metadata,
  spec: { parentRefs: [{ name: 'edge', namespace: 'infra' }], ...spec },
})
const service = (ports: object[] | null, type = 'LoadBalancer'): object => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata,
  spec: { type, ports },
})
const gateway = (...listeners: object[]): object => ({ kind: 'Gateway', metadata, spec: { listeners } })
const at = (place: object): object => ({ metadata, status: { loadBalancer: { ingress: [place] } } })
const rule = (host: string | undefined, ...paths: object[]): object => ({
  ...(host === undefined ? {} : { host }),
  http: { paths },
})

const ofIngress: [name: string, spec: object, live: object | null, url: string | null, reads: string][] = [
  ['a host', { rules: [rule('shop.test')] }, null, 'http://shop.test', 'nothing'],
  [
    'a host that TLS covers',
    { rules: [rule('shop.test')], tls: [{ hosts: ['shop.test'] }] },
    null,
    'https://shop.test',
    'nothing',
  ],
  [
    'a host that TLS covers by a wildcard',
    { rules: [rule('a.shop.test')], tls: [{ hosts: ['*.shop.test'] }] },
    null,
    'https://a.shop.test',
    'nothing',
  ],
  [
    'a host two labels below a wildcard',
    { rules: [rule('a.b.shop.test')], tls: [{ hosts: ['*.shop.test'] }] },
    null,
    'http://a.b.shop.test',
    'nothing',
  ],
  [
    'TLS without hosts',
    { rules: [rule('shop.test')], tls: [{ secretName: 'x' }] },
    null,
    'https://shop.test',
    'nothing',
  ],
  [
    'TLS for another host',
    { rules: [rule('shop.test')], tls: [{ hosts: ['x.test'] }] },
    null,
    'http://shop.test',
    'nothing',
  ],
  ['several hosts', { rules: [rule('one.test'), rule('two.test')] }, null, 'http://one.test', 'nothing'],
  ['a wildcard first', { rules: [rule('*.test'), rule('two.test')] }, null, 'http://two.test', 'nothing'],
  ['wildcards only', { rules: [rule('*.test')] }, at({ ip: '10.0.0.1' }), null, 'nothing'],
  [
    'a path',
    { rules: [rule('shop.test', { path: '/shop', pathType: 'Prefix' })] },
    null,
    'http://shop.test/shop',
    'nothing',
  ],
  [
    'an expression before a path',
    {
      rules: [
        rule('shop.test', { path: '/(.*)', pathType: 'ImplementationSpecific' }, { path: '/exact', pathType: 'Exact' }),
      ],
    },
    null,
    'http://shop.test/exact',
    'nothing',
  ],
  [
    'an expression only',
    { rules: [rule('shop.test', { path: '/(.*)', pathType: 'ImplementationSpecific' })] },
    null,
    'http://shop.test',
    'nothing',
  ],
  ['no host, and a name', { rules: [rule(undefined)] }, at({ hostname: 'lb.test' }), 'http://lb.test', 'itself'],
  [
    'no host, and an address',
    { rules: [rule(undefined, { path: '/a', pathType: 'Prefix' })], tls: [{}] },
    at({ ip: '10.0.0.1' }),
    'https://10.0.0.1/a',
    'itself',
  ],
  ['no host, and no address', { rules: [rule(undefined)] }, at({}), null, 'itself'],
  ['no rules', { defaultBackend: {} }, at({ ip: '10.0.0.1' }), 'http://10.0.0.1', 'itself'],
  ['null for rules, and nothing seen', { rules: null, tls: null }, null, null, 'itself'],
]
for (const [name, spec, live, url, reads] of ofIngress)
  test(`an Ingress with ${name} is at ${url}`, () => {
    const found = first([ingress(spec)], live)
    assert.deepEqual([found?.url, found?.reads], [url, reads])
  })

const http = { name: 'web', port: 80, protocol: 'HTTP' }
const https = { name: 'secure', port: 443, protocol: 'HTTPS' }
const hosted = { hostnames: ['shop.test'] }
const ofRoute: [name: string, spec: object, gateway: object | null, url: string | null][] = [
  ['a listener without TLS', hosted, gateway(http), 'http://shop.test'],
  ['listeners with and without TLS', hosted, gateway(http, https), 'https://shop.test'],
  ['a listener for another host', hosted, gateway(http, { ...https, hostname: 'x.test' }), 'http://shop.test'],
  ['a listener for its domain', hosted, gateway(http, { ...https, hostname: '*.test' }), 'https://shop.test'],
  [
    'a section',
    { ...hosted, parentRefs: [{ name: 'edge', sectionName: 'web' }] },
    gateway(https, http),
    'http://shop.test',
  ],
  ['a listener of another protocol', hosted, gateway({ port: 53, protocol: 'UDP' }, http), 'http://shop.test'],
  ['a port that is not that of the outside', hosted, gateway({ ...http, port: 8000 }), null],
  ['a Gateway that may not be read', hosted, null, 'http://shop.test'],
  [
    'a Gateway that may not be read, and a section',
    { ...hosted, parentRefs: [{ name: 'edge', sectionName: 'https' }] },
    null,
    'https://shop.test',
  ],
  ['the host of its listener', {}, gateway({ ...https, hostname: 'edge.test' }), 'https://edge.test'],
  ['no host', {}, gateway(https), null],
  ['wildcards', { hostnames: ['*.test'] }, gateway({ ...https, hostname: 'edge.test' }), null],
  ['a wildcard first', { hostnames: ['*.test', 'b.test'] }, gateway(https), 'https://b.test'],
  [
    'a path',
    { ...hosted, rules: [{ matches: [{ headers: [] }, { path: { value: '/shop' } }] }] },
    gateway(https),
    'https://shop.test/shop',
  ],
  [
    'an expression',
    { ...hosted, rules: [{ matches: [{ path: { type: 'RegularExpression', value: '/.*' } }] }] },
    gateway(https),
    'https://shop.test',
  ],
]
for (const [name, spec, seen, url] of ofRoute)
  test(`an HTTPRoute with ${name} is at ${url}`, () => assert.equal(first([route(spec)], seen)?.url, url))

test('a route reads its Gateway, in its own namespace unless it says another one', () => {
  assert.equal(first([route(hosted)])?.reads, 'Gateway infra/edge')
  assert.equal(first([route({ ...hosted, parentRefs: [{ name: 'edge' }] })])?.reads, 'Gateway web/edge')
})

test('a route of a mesh, whose parent is a Service, has no URL', () => {
  assert.equal(first([route({ ...hosted, parentRefs: [{ kind: 'Service', name: 'shop' }] })]), null)
})

const name = { hostname: 'lb.test' }
const ofService: [name: string, ports: object[], place: object, url: string | null][] = [
  ['port 80', [{ port: 80 }], name, 'http://lb.test'],
  ['port 443', [{ port: 443 }], name, 'https://lb.test'],
  ['both', [{ port: 80 }, { port: 443 }], name, 'https://lb.test'],
  ['another port', [{ port: 8080 }], name, 'http://lb.test:8080'],
  ['a port called https', [{ port: 8443, name: 'https' }], name, 'https://lb.test:8443'],
  ['a port for https', [{ port: 8443, name: 'a', appProtocol: 'https' }], name, 'https://lb.test:8443'],
  ['a port called http', [{ port: 8080, name: 'http' }], name, 'http://lb.test:8080'],
  ['a port for HTTP/2', [{ port: 8080, appProtocol: 'kubernetes.io/h2c' }], name, 'http://lb.test:8080'],
  [
    'a port for the web after another one',
    [
      { port: 9000, name: 'metrics' },
      { port: 80, name: 'x' },
    ],
    name,
    'http://lb.test',
  ],
  ['an IPv4 address', [{ port: 80 }], { ip: '10.0.0.1' }, 'http://10.0.0.1'],
  ['an IPv6 address', [{ port: 8080 }], { ip: 'fd00::1' }, 'http://[fd00::1]:8080'],
  ['no address yet', [{ port: 80 }], {}, null],
]
for (const [what, ports, place, url] of ofService)
  test(`a load balancer with ${what} is at ${url}`, () => {
    const found = first([service(ports)], at(place))
    assert.deepEqual([found?.url, found?.reads], [url, 'itself'])
  })

test('what is not for the web has no URL', () => {
  assert.equal(first([service([{ port: 5432, name: 'postgres' }])]), null)
  assert.equal(first([service([{ port: 80, protocol: 'UDP' }])]), null)
  assert.equal(first([service(null)]), null)
  assert.equal(first([service([{ port: 80 }], 'ClusterIP')]), null)
  assert.equal(first([{ apiVersion: 'example.com/v1', kind: 'Ingress', metadata }]), null)
  assert.equal(first([{ apiVersion: 'v1', kind: 'ConfigMap', metadata }]), null)
})

test('an Ingress comes before a route, a route before a load balancer, and the annotation before all', () => {
  const all = [
    service([{ port: 80 }]),
    route({ hostnames: ['route.test'] }),
    ingress({ rules: [rule('ingress.test')] }),
  ]
  assert.equal(first(all)?.url, 'http://ingress.test')
  assert.equal(first(all.slice(0, 2))?.url, 'http://route.test')
  const annotated = (value: string): object =>
    ingress({ rules: [rule('shop.test')] }, { annotations: { 'atomic-helm.dev/environment-url': value } })
  assert.equal(first([...all, annotated('true')])?.url, 'http://shop.test')
  assert.equal(first([...all, annotated('false')])?.url, 'http://ingress.test')
})

test('a host that would be read as another one, or breaks out of the URL, is none', () => {
  for (const host of [
    '',
    '*.test',
    'a b',
    'shop.test/../evil',
    'user@evil.test',
    'shop.test:8080',
    'shop.test#',
    'shop.test?',
    'shop.test\\evil',
    '[::1]',
    '0x7f.1',
    '127.1',
    '-shop.test',
    'shop..test',
    'javascript:alert(1)',
    '\u202Eshop.test',
    '<b>',
    '`whoami`',
    'a'.repeat(254),
  ])
    assert.equal(webUrl({ scheme: 'https', host }), null, host)
  assert.equal(first([ingress({ rules: [rule('shop.test](evil)')] })])?.url, null)
})

test('a path cannot become a query, a fragment or another host', () => {
  const path = (text: string): string | null => webUrl({ scheme: 'https', host: 'Shop.test', path: text })
  assert.equal(path('/a?b#c'), 'https://shop.test/a%3Fb%23c')
  assert.equal(path('//evil.test'), 'https://shop.test//evil.test')
  assert.equal(path('@evil.test'), 'https://shop.test/@evil.test')
  assert.equal(path('/a b\n'), 'https://shop.test/a%20b')
  assert.equal(path(''), 'https://shop.test')
})
