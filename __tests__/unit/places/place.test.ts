import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Finding } from '../../../src/health/finding.ts'
import type { Assignment } from '../../../src/inputs/inputs.ts'
import { mergeValues } from '../../../src/places/merge-values.ts'
import { placeOf } from '../../../src/places/place.ts'

interface Scene {
  readonly class: Finding['class']
  readonly cause?: string
  readonly excerpt?: Record<string, string>
  readonly message?: string
  readonly told?: number
  /** The chart's file that Helm names; a template when nothing else is said. */
  readonly file?: string
  readonly template?: string
  readonly chartYaml?: string
  /** The chart's values.yaml. */
  readonly own?: string
  /** Value files a.yaml, b.yaml …; null for one that lies outside of the workspace. */
  readonly files?: readonly (string | { readonly outside: string })[]
  readonly set?: readonly string[]
  readonly setJson?: readonly string[]
  readonly part?: readonly string[]
}

function place(scene: Scene): string | null {
  const { own, files = [], set = [], setJson = [], part = [], template = 'image: {{ x }}\n' } = scene
  const layers = [
    ...(own === undefined ? [] : [{ file: 'chart/values.yaml', text: own, part: [] }]),
    ...files.map((one, index) =>
      typeof one === 'string'
        ? { file: `${'abc'[index]}.yaml`, text: one, part: [] }
        : { file: null, text: one.outside, part: [] },
    ),
  ]
  const assignments: Assignment[] = [
    ...setJson.map((text) => ({ flag: '--set-json' as const, text })),
    ...set.map((text) => ({ flag: '--set' as const, text })),
  ]
  const file = scene.file ?? 'chart/templates/web.yaml'
  const source = { file: 'shop/templates/web.yaml', ...(scene.told === undefined ? {} : { line: scene.told }) }
  const found = placeOf(
    {
      class: scene.class,
      resource: { kind: 'Deployment', namespace: 'shop', name: 'web' },
      cause: scene.cause ?? '',
      severity: { kind: 'now' },
      count: 1,
      evidence: {
        status: {},
        events: [],
        logs: [],
        excerpt: scene.excerpt ?? {},
        source,
        ...(scene.message === undefined ? {} : { message: scene.message }),
      },
    },
    {
      chart: 'shop',
      part,
      subcharts: ['db'],
      template: file === '' ? null : { file, text: template },
      chartFile: scene.chartYaml === undefined ? null : { file: 'chart/Chart.yaml', text: scene.chartYaml },
      values: mergeValues(layers, assignments),
    },
  )
  return found && `${found.file}${found.line === undefined ? '' : `:${found.line}`}`
}

function table(rows: readonly (readonly [name: string, scene: Scene, expected: string | null])[]): void {
  for (const [name, scene, expected] of rows) test(name, () => assert.equal(place(scene), expected))
}

const image = {
  class: 'image-pull',
  cause: 'container app: image a/b:2 does not exist',
  excerpt: { image: 'a/b:2' },
} as const
const split = (tag: string) => `image:\n  repository: a/b\n  tag: ${tag}\n`

table([
  [
    'a tag: the last file that sets it',
    { ...image, own: split('"1"'), files: ['x: 1\n', 'image:\n  # new\n  tag: "2"\n'] },
    'b.yaml:3',
  ],
  ['a tag of the chart', { ...image, own: split('2') }, 'chart/values.yaml:3'],
  [
    'a tag that a later file takes back is not it',
    { ...image, own: split('2'), files: [split('3')] },
    'chart/templates/web.yaml:1',
  ],
  [
    'a tag as it is read: 1.10 is 1.1',
    { ...image, excerpt: { image: 'a/b:1.1' }, own: split('1.10') },
    'chart/values.yaml:3',
  ],
  [
    'a digest',
    {
      ...image,
      excerpt: { image: `a/b@sha256:${'0'.repeat(64)}` },
      own: `image: { name: a/b, digest: "sha256:${'0'.repeat(64)}" }\n`,
    },
    'chart/values.yaml:1',
  ],
  ['a whole image', { ...image, files: ['web:\n  image: a/b:2\n'] }, 'a.yaml:2'],
  [
    'a registry beside it',
    { ...image, excerpt: { image: 'r.io/a/b:2' }, own: 'image:\n  registry: r.io\n  repository: a/b\n  tag: 2\n' },
    'chart/values.yaml:4',
  ],
  [
    'a tag by itself, of a chart whose values are not here',
    { ...image, file: '', files: ['image:\n  tag: 2\n'] },
    'a.yaml:2',
  ],
  [
    'a tag beside another image is not it',
    { ...image, file: '', files: ['image:\n  repository: c/d\n  tag: 2\n'] },
    null,
  ],
  ['a number that is no tag is not it', { ...image, file: '', files: ['replicas: 2\n'] }, null],
  [
    'two images of one tag are told apart',
    { ...image, own: `one:\n  repository: a/b\n  tag: 2\ntwo:\n  repository: c/d\n  tag: 2\n` },
    'chart/values.yaml:3',
  ],
  [
    'the same image twice is unclear',
    { ...image, own: `one:\n  repository: a/b\n  tag: 2\ntwo:\n  repository: a/b\n  tag: 2\n` },
    'chart/templates/web.yaml',
  ],
  [
    'two tags of unknown images are unclear',
    { ...image, own: `one: { tag: 2 }\ntwo: { tag: 2 }\n` },
    'chart/templates/web.yaml',
  ],
  [
    'credentials are a matter of the repository',
    { ...image, cause: 'container app: image a/b:2 may not be pulled', own: split('2') },
    'chart/values.yaml:2',
  ],
  [
    'a tag that no image may have',
    { class: 'image-name', excerpt: { image: 'a/b:-2' }, own: split('-2') },
    'chart/values.yaml:3',
  ],
  [
    'a repository that no image may have',
    { class: 'image-name', excerpt: { image: 'A/b:2' }, own: 'image:\n  repository: A/b\n  tag: 2\n' },
    'chart/values.yaml:2',
  ],
  [
    'the version of the application, when there is no tag',
    { ...image, own: split('""'), chartYaml: 'name: shop\nappVersion: "2"\n' },
    'chart/Chart.yaml:2',
  ],
  [
    'another version of the application is not it',
    { ...image, own: split('""'), chartYaml: 'name: shop\nappVersion: "3"\n' },
    'chart/templates/web.yaml:1',
  ],
  ['an image in the template', { ...image, template: 'a: 1\nimage: a/b:2\n' }, 'chart/templates/web.yaml:2'],
  [
    'in the template and in the values is unclear',
    { ...image, template: 'a: 1\nimage: a/b:2\n', own: 'image: a/b:2\n' },
    'chart/templates/web.yaml',
  ],
  ['set in the workflow: in no file', { ...image, own: split('1'), set: ['image.tag=2'] }, null],
  ['set with others on one line', { ...image, own: split('1'), set: [String.raw`a=1\,2,b={1,2},image.tag=2`] }, null],
  ['set as JSON', { ...image, own: split('1'), setJson: ['image={"repository": "a/b", "tag": "2"}'] }, null],
  ['set in a file outside of the workspace', { ...image, own: split('1'), files: [{ outside: split('2') }] }, null],
  [
    'set in the workflow to what is right',
    { ...image, own: split('2'), set: ['image.tag=3'] },
    'chart/templates/web.yaml:1',
  ],
  ['set anew below: the file stands', { ...image, files: [split('2')], set: ['image.pullPolicy=Always'] }, 'a.yaml:3'],
  [
    'nothing is certain beside a file that cannot be read',
    { ...image, own: split('2'), files: ['a: [\n'] },
    'chart/templates/web.yaml:1',
  ],
  [
    'an anchor is where the value stands',
    { ...image, own: 'tag: &tag 2\nimage:\n  repository: a/b\n  tag: *tag\n' },
    'chart/values.yaml:1',
  ],
  [
    'a merge key too',
    { ...image, own: 'base: &base\n  repository: a/b\n  tag: 3\nimage:\n  <<: *base\n  tag: 2\n' },
    'chart/values.yaml:6',
  ],
  [
    'null takes a value away',
    { ...image, own: split('2'), files: ['image:\n  tag: null\n'] },
    'chart/templates/web.yaml:1',
  ],
  [
    'values of a subchart are no concern of the chart',
    { ...image, own: 'db:\n  image: a/b:2\n' },
    'chart/templates/web.yaml:1',
  ],
  [
    'values of the chart are no concern of a subchart',
    { ...image, part: ['db'], own: `${split('2')}db:\n  x: 1\n`, file: '' },
    null,
  ],
  [
    'a subchart has its own',
    { ...image, part: ['db'], file: '', files: ['image: a/b:2\ndb:\n  image: a/b:2\n'] },
    'a.yaml:3',
  ],
  ['and those for all', { ...image, part: ['db'], file: '', files: ['global:\n  image:\n    tag: 2\n'] }, 'a.yaml:3'],
])

const missing = {
  class: 'missing-config',
  cause: 'container app needs the ConfigMap web-flags, which does not exist',
} as const
table([
  [
    'a name in the template',
    { ...missing, template: 'a: 1\n- configMapRef: { name: web-flags }\n' },
    'chart/templates/web.yaml:2',
  ],
  [
    'a name that is there twice',
    { ...missing, template: 'name: web-flags\nname: web-flags\n' },
    'chart/templates/web.yaml',
  ],
  ['a name in the values', { ...missing, own: 'flags:\n  configMapName: web-flags\n' }, 'chart/values.yaml:2'],
  ['a text under another key is not it', { ...missing, own: 'title: web-flags\n' }, 'chart/templates/web.yaml'],
  [
    'a key that is not there',
    {
      class: 'missing-config',
      cause: 'container app needs the key beta of the ConfigMap web-flags, which has no such key',
      own: 'flags:\n  key: beta\n  configMap: web-flags\n',
    },
    'chart/values.yaml:2',
  ],
  [
    'a storage class',
    {
      class: 'volume',
      cause: 'the volume claim data asks for the StorageClass fast, which does not exist',
      own: 'storage:\n  className: fast\n',
    },
    'chart/values.yaml:2',
  ],
  [
    'a service account',
    { class: 'replica-creation', cause: 'serviceaccount "robot" not found', own: 'serviceAccount:\n  name: robot\n' },
    'chart/values.yaml:2',
  ],
])

const probing = { class: 'not-ready', excerpt: { 'readiness probe': 'GET /readyz on port 8081' } } as const
table([
  [
    'a path of a probe',
    { ...probing, cause: 'HTTP probe failed with statuscode: 404', own: 'probes:\n  ready: /readyz\nport: 8081\n' },
    'chart/values.yaml:2',
  ],
  [
    'a port at which nobody listens',
    {
      ...probing,
      cause: 'dial tcp 10.0.0.1:8081: connect: connection refused',
      own: 'probes:\n  ready: /readyz\nport: 8081\n',
    },
    'chart/values.yaml:3',
  ],
  [
    'a probe that is made by the template',
    { ...probing, template: 'a: 1\nreadinessProbe: {{ x }}\n' },
    'chart/templates/web.yaml:2',
  ],
  [
    'a request that no node has',
    {
      class: 'unschedulable',
      cause: '0/3 nodes: 3 Insufficient cpu',
      excerpt: { requests: 'cpu 64, memory 1Gi' },
      own: 'resources:\n  limits: { cpu: 64 }\n  requests:\n    cpu: "64"\n',
    },
    'chart/values.yaml:4',
  ],
  [
    'a limit that stands for the request',
    {
      class: 'unschedulable',
      cause: '0/3 nodes: 3 Insufficient cpu',
      excerpt: { requests: 'cpu 64' },
      own: 'resources:\n  limits: { cpu: 64 }\n',
    },
    'chart/values.yaml:2',
  ],
  [
    'requests of two containers are unclear',
    {
      class: 'unschedulable',
      cause: '0/3 nodes: 3 Insufficient cpu',
      excerpt: { 'requests of a': 'cpu 64', 'requests of b': 'cpu 1' },
      own: 'resources:\n  requests: { cpu: 64 }\n',
    },
    'chart/templates/web.yaml',
  ],
  [
    'a node selector',
    {
      class: 'unschedulable',
      cause: "didn't match Pod's node affinity/selector",
      excerpt: { 'node selector': 'example.com/disk=ssd' },
      own: 'nodeSelector:\n  example.com/disk: ssd\n',
    },
    'chart/values.yaml:2',
  ],
  [
    'a memory limit',
    {
      class: 'crash-loop',
      cause: 'container app ran out of memory (limit 32Mi) three times',
      own: 'resources:\n  limits:\n    memory: 32Mi\n',
    },
    'chart/values.yaml:3',
  ],
  [
    'a command that is not in the image',
    {
      class: 'container-start',
      cause: 'exec: "serve": executable file not found in $PATH',
      own: 'command: [serve, --all]\n',
    },
    'chart/values.yaml:1',
  ],
  [
    'a crash is no matter of its command',
    {
      class: 'crash-loop',
      cause: 'container app exited with 1',
      excerpt: { command: '/bin/app' },
      template: 'command: [/bin/app]\n',
    },
    'chart/templates/web.yaml',
  ],
  [
    'a replica count',
    {
      class: 'invalid-object',
      cause: 'the API server finds it invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
      own: 'port: -1\nreplicaCount: -1\n',
    },
    'chart/values.yaml:2',
  ],
  [
    'a port',
    {
      class: 'invalid-object',
      cause:
        'spec.template.spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535',
      own: 'service:\n  targetPort: 70000\n',
    },
    'chart/values.yaml:2',
  ],
])

const schema = (...lines: string[]) => ({
  class: 'values-schema' as const,
  file: '',
  message: ["values don't meet the specifications of the schema(s) in the following chart(s):", ...lines].join('\n'),
})
table([
  [
    'a value of the wrong type',
    {
      ...schema('shop:', "- at '/replicas': got string, want integer"),
      own: 'replicas: 1\n',
      files: ['a: 1\nreplicas: two\n'],
    },
    'a.yaml:2',
  ],
  [
    'deep in a list',
    { ...schema('shop:', "- at '/list/1/p': got string, want integer"), files: ['list:\n- p: 1\n- p: x\n'] },
    'a.yaml:3',
  ],
  [
    'a key that is not known',
    {
      ...schema(
        'shop:',
        "- at '/image': validation failed",
        "  - at '/image': additional properties 'tagg' not allowed",
      ),
      files: ['image:\n  tagg: x\n'],
    },
    'a.yaml:2',
  ],
  [
    'a key that is missing is in no file',
    { ...schema('shop:', "- at '': missing property 'name'"), own: 'a: 1\n' },
    null,
  ],
  [
    'in a subchart',
    {
      ...schema('shop:', 'db:', "- at '/port': maximum: got 99,999, want 65,535"),
      files: ['port: 1\ndb:\n  port: 99999\n'],
    },
    'a.yaml:3',
  ],
  [
    'as Helm before 3.18 says it',
    { ...schema('shop:', '- replicas: Invalid type. Expected: integer, given: string'), files: ['replicas: two\n'] },
    'a.yaml:1',
  ],
  [
    'the same, for a key that is not known',
    { ...schema('shop:', '- image: Additional property tagg is not allowed'), files: ['image:\n  tagg: x\n'] },
    'a.yaml:2',
  ],
  ['the same, for one that is missing', { ...schema('shop:', '- image: tag is required'), own: 'image: {}\n' }, null],
  [
    'given in the workflow',
    { ...schema('shop:', "- at '/replicas': got string, want integer"), own: 'replicas: 1\n', set: ['replicas=two'] },
    null,
  ],
])

table([
  ['a line that Helm tells', { class: 'chart-render', told: 12 }, 'chart/templates/web.yaml:12'],
  ['of a file that is not there', { class: 'chart-render', told: 12, file: '' }, null],
  ['a template that renders no YAML', { class: 'chart-render' }, 'chart/templates/web.yaml'],
  [
    'values that are no YAML',
    { class: 'chart-render', file: 'chart/values.yaml', template: 'a: 1\nb: x: y\n' },
    'chart/values.yaml:2',
  ],
  [
    'values that are YAML: those of a subchart are not',
    { class: 'chart-render', file: 'chart/values.yaml', template: 'a: 1\n' },
    null,
  ],
  [
    'an object whose name is in the template',
    { class: 'resource-failed', template: 'metadata:\n  name: web\n' },
    'chart/templates/web.yaml:2',
  ],
])
