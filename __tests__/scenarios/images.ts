// What keeps an image from the node.
import { imageOf, programLayer } from '../testbed/image.ts'
import { pushImage } from '../testbed/testbed.ts'
import { withoutEventsAndLogs } from '../helpers/account.ts'
import { startRegistry } from '../helpers/charts-server.ts'
import { readFileSync } from 'node:fs'
import type { Failure, Scenario } from './scenario.ts'
import { set, web } from './objects.ts'

const shop = (image: string): { web: object } => ({ web: web({ container: { image } }) })
const login = { username: 'puller', password: 'Kiwi-4711-and-more' }
const noTag: Failure = {
  class: 'image-pull',
  resource: 'Deployment/web',
  cause: /image \S+ does not exist/,
  evidence: /not found/,
}

export const images: Scenario[] = [
  {
    name: 'the tag is missing',
    bad: ({ testbed }) => shop(testbed.images.missing),
    expect: { fails: noTag },
    within: 25,
    isSample: true,
  },
  {
    name: 'the tag is missing, and neither events nor logs may be read',
    bad: ({ testbed }) => shop(testbed.images.missing),
    kubeconfig: withoutEventsAndLogs,
    expect: { fails: { ...noTag, warning: /cannot watch .*events/ } },
    within: 25,
  },
  {
    name: 'nobody knows the host of the registry',
    bad: shop('registry.nowhere.invalid/app:1'),
    expect: {
      fails: {
        class: 'image-pull',
        resource: 'Deployment/web',
        cause: /nobody knows the host name/,
        evidence: /no such host/,
      },
    },
    within: 45,
  },
  {
    name: 'the registry refuses',
    bad: async (stage) => {
      const registry = await startRegistry({ login })
      closing.set(stage.namespace, registry.close)
      // Nobody will run it, so it needs no program.
      const image = imageOf(programLayer(Buffer.from('nothing')), {
        command: ['serve'],
        labels: { for: stage.namespace },
      })
      await pushImage(registry.host, 'private/app', '1', image, `${login.username}:${login.password}`)
      return shop(`${registry.host}/private/app:1`)
    },
    prepare: async (stage, context) => context.after(() => closing.get(stage.namespace)?.()),
    expect: {
      fails: {
        class: 'image-pull',
        resource: 'Deployment/web',
        cause: /registry refuses the credentials/,
        evidence: /401|authorization|no basic auth/i,
      },
    },
    within: 30,
  },
  {
    name: 'the name is not valid',
    bad: shop('testbed.local/App:1:2'),
    expect: {
      fails: {
        class: 'image-name',
        resource: 'Deployment/web',
        cause: /"testbed\.local\/App:1:2" is not a valid image name/,
        evidence: /InvalidImageName/,
      },
    },
    within: 20,
  },
  {
    name: 'the program is built for another architecture',
    bad: async ({ testbed, namespace }) => {
      const foreign = imageOf(programLayer(foreignProgram()), { command: ['serve'] })
      await pushImage(testbed.registry, `foreign-${namespace}`, '1', foreign)
      return shop(`${testbed.registry}/foreign-${namespace}:1`)
    },
    expect: {
      fails: {
        class: 'crash-loop',
        resource: 'Deployment/web',
        cause: /built for another platform|exec format error/,
        evidence: /exec format error/,
      },
    },
    within: 75,
  },
  {
    name: 'a DaemonSet cannot pull',
    good: { web: set('DaemonSet') },
    bad: ({ testbed }) => ({ web: set('DaemonSet', { container: { image: testbed.images.missing } }) }),
    expect: {
      fails: { class: 'image-pull', resource: 'DaemonSet/web', cause: /does not exist/, evidence: /not found/ },
    },
    within: 25,
  },
]

const closing = new Map<string, () => Promise<void>>()

/** An ELF program of another machine (EM_AARCH64, or EM_X86_64 there): the kernel does not run it. */
function foreignProgram(): Buffer {
  const own = readFileSync(process.execPath).subarray(0, 4096)
  const program = Buffer.from(own)
  program.writeUInt16LE(process.arch === 'arm64' ? 62 : 183, 18)
  return program
}
