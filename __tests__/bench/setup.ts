// Installing Helm through the action, beside doing the same by hand: with an empty tool cache, and with one that has it.
import { execFile, execFileSync } from 'node:child_process'
import { createReadStream, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { knownHashes } from '../../src/setup/known-hashes.ts'
import { runAction } from '../helpers/runner.ts'
import { temporaryDirectory } from '../helpers/temporary.ts'
import type { HelmMajor } from '../helpers/testbed.ts'
import { withProgress } from '../testbed/progress.ts'
import { versions } from '../testbed/versions.ts'
import { median } from './figure.ts'
import type { Figure } from './figure.ts'
import { childrenCpuSeconds } from './sides.ts'

/** What somebody who is careful would write into a workflow; an empty start of Node stands for that of an action. */
const byHand = `set -e
cd "$1"
curl --silent --fail --output helm.tar.gz "$2"
echo "$3  helm.tar.gz" | sha256sum --check --quiet
tar --extract --gzip --file helm.tar.gz linux-amd64/helm
node --eval 0`

/** Seconds by hand, and of the action: `known` has the hash in `helm-sha256`, `published` takes the one beside the archive, as by default. */
type Sample = { hand: number; handCpu: number; known: Install; published: Install; warm: Install }
type Install = { main: number; post: number; cpu: number }

/** Wall time of a cold and a warm start as a multiple of a cold one by hand, and CPU time of a warm one, post step included. */
export async function benchSetup(helm: HelmMajor, runs: number): Promise<Figure[]> {
  const version = helm.major === 3 ? versions.helm3 : versions.helm4
  const served = await serveArchive(helm.dir, version)
  try {
    const samples = await withProgress(`${runs} installs of Helm ${helm.major}`, async () => {
      const all: Sample[] = []
      for (let run = 0; run <= runs; run += 1) all.push(await sample(served, version))
      // The first one warms the disk.
      return all.slice(1)
    })
    const of = (pick: (sample: Sample) => number): number => median(samples.map(pick))
    const besideHand = (what: string, seconds: (sample: Sample) => number, atMost: number | null): Figure => ({
      what,
      raw: of(({ hand }) => hand),
      action: of(seconds),
      unit: 's',
      value: of((sample) => seconds(sample) / sample.hand),
      isRatio: true,
      atMost,
    })
    const work = (what: string, pick: (sample: Sample) => number): Figure => ({
      what,
      raw: of(({ handCpu }) => handCpu),
      action: of(pick),
      unit: 'CPU-s',
      value: of((sample) => pick(sample) / sample.handCpu),
      isRatio: true,
      atMost: null,
    })
    const cpu = of(({ warm }) => warm.cpu)
    return [
      {
        ...besideHand(
          `cold install of Helm ${helm.major}, beside curl | sha256sum | tar`,
          ({ known }) => known.main,
          1.3,
        ),
        samples,
      },
      // What a busy machine does not change.
      work('  its work, post step included', ({ known }) => known.cpu),
      besideHand('  with the hash beside the archive, as by default', ({ published }) => published.main, 1.3),
      besideHand('  its post step included', ({ published }) => published.main + published.post, null),
      work('  its work, post step included', ({ published }) => published.cpu),
      besideHand(`warm install of Helm ${helm.major}, beside the same`, ({ warm }) => warm.main, 1.3),
      {
        what: '  its work, post step included',
        raw: null,
        action: cpu,
        unit: 'CPU-s',
        value: cpu,
        isRatio: false,
        atMost: 0.3,
        note: 'A warm install is a hit in the tool cache, the hash of the program compared.',
      },
    ]
  } finally {
    served.close()
  }
}

type Served = { url: string; archive: string; sha256: string; close: () => void }

async function sample({ url, archive, sha256 }: Served, version: string): Promise<Sample> {
  const folder = temporaryDirectory('by-hand')
  const [begun, cpu] = [performance.now(), childrenCpuSeconds()]
  await promisify(execFile)('bash', ['-c', byHand, 'bash', folder, `${url}/${archive}`, sha256])
  const [hand, handCpu] = [(performance.now() - begun) / 1000, childrenCpuSeconds() - cpu]
  const install = async (cache: string, hash: Record<string, string>): Promise<Install> => {
    const run = await runAction({
      inputs: { mode: 'setup', 'helm-version': version, 'helm-download-url': url, ...hash },
      env: { RUNNER_TOOL_CACHE: cache },
    })
    if (run.outputs['status'] !== 'installed') throw new Error(`the action did not install Helm:\n${run.log}`)
    return { main: run.main.wallMs / 1000, post: (run.post?.wallMs ?? 0) / 1000, cpu: run.cpuSeconds }
  }
  const [first, second] = [temporaryDirectory('tool-cache'), temporaryDirectory('tool-cache')]
  const hash = { 'helm-sha256': sha256 }
  const all = {
    hand,
    handCpu,
    known: await install(first, hash),
    // Ours is built from the same source, which does not make it the one that is known.
    published: await install(second, knownHashes[version]?.['linux-amd64'] ? hash : {}),
    warm: await install(first, hash),
  }
  for (const directory of [folder, first, second]) rmSync(directory, { recursive: true })
  return all
}

/** An archive of this Helm on a loopback port. */
async function serveArchive(helmDirectory: string, version: string): Promise<Served> {
  const folder = temporaryDirectory('archive')
  const archive = `helm-v${version}-linux-amd64.tar.gz`
  mkdirSync(join(folder, 'linux-amd64'))
  execFileSync('cp', [join(helmDirectory, 'helm'), join(folder, 'linux-amd64')])
  execFileSync('tar', ['--create', '--gzip', '--file', archive, 'linux-amd64'], { cwd: folder })
  rmSync(join(folder, 'linux-amd64'), { recursive: true })
  const path = join(folder, archive)
  const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex')
  writeFileSync(`${path}.sha256sum`, `${sha256}  ${archive}\n`)
  const server = createServer((request, response) => {
    const file = join(folder, basename(request.url ?? ''))
    response.setHeader('content-length', statSync(file).size)
    createReadStream(file, { highWaterMark: 1024 * 1024 }).pipe(response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, archive, sha256, close: () => void server.close() }
}
