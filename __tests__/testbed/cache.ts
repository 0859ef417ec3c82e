import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { arch } from 'node:os'
import { fileURLToPath } from 'node:url'

import { buildFile, buildKubernetes, installModule } from './golang.ts'
import { withLock } from './lock.ts'
import { cacheDir } from './paths.ts'
import { estimate, withProgress } from './progress.ts'
import { buildRecipe, versions } from './versions.ts'

interface Recipe {
  program: string
  version: string
  /** Measured on two cores with an empty Go build cache, in the order below. */
  seconds: number
  build: (dir: string, work: string) => Promise<void>
}

const appSource = fileURLToPath(new URL('image/main.go', import.meta.url))

const tools = {
  kubeApiserver: kubernetes('kube-apiserver', 284),
  kubeControllerManager: kubernetes('kube-controller-manager', 123),
  kubeScheduler: kubernetes('kube-scheduler', 10),
  kubelet: kubernetes('kubelet', 22),
  kubectl: kubernetes('kubectl', 20),
  helm3: helm('helm.sh/helm/v3', versions.helm3, 92),
  helm4: helm('helm.sh/helm/v4', versions.helm4, 162),
  helmOldest: helm('helm.sh/helm/v3', versions.helmOldest, 90),
  act: install('act', 'github.com/nektos/act', versions.act, 38),
  actionlint: install('actionlint', 'github.com/rhysd/actionlint/cmd/actionlint', versions.actionlint, 5),
  app: {
    program: 'app',
    version: createHash('sha256').update(readFileSync(appSource)).digest('hex').slice(0, 12),
    seconds: 5,
    build: (dir: string) => buildFile(dir, 'app', appSource),
  },
}

export type ToolName = keyof typeof tools

/** What only single tests or the bench need is built when they do. */
const spare = ['helmOldest', 'kubectl'] as const
type CommonName = Exclude<ToolName, (typeof spare)[number]>
const common = (Object.keys(tools) as ToolName[]).filter(
  (name): name is CommonName => !spare.some((one) => one === name),
)

/** The program of each tool, with its full path. */
export type Tools = Record<CommonName, string>

/** The tools that every testbed needs, or those that are asked for, built first where this machine has not built that version before. */
export async function ensureTools(names: readonly CommonName[] = common): Promise<Tools> {
  await ensure(names)
  return Object.fromEntries(names.map((name) => [name, programOf(name)])) as Tools
}

/** The directory of one tool, built first where this machine has not built that version before. */
export async function ensureTool(name: ToolName): Promise<string> {
  await ensure([name])
  return toolDir(name)
}

async function ensure(names: readonly ToolName[]): Promise<void> {
  if (names.some((name) => !existsSync(programOf(name)))) await withLock('build', () => buildMissing(names))
}

async function buildMissing(names: readonly ToolName[]): Promise<void> {
  mkdirSync(cacheDir(), { recursive: true })
  // Whoever left these behind is dead, for we hold the lock.
  for (const name of readdirSync(cacheDir())) {
    if (name.startsWith('.building-')) rmSync(`${cacheDir()}/${name}`, { recursive: true, force: true })
  }
  // Looked at again, now that nobody else builds.
  const missing = names.filter((name) => !existsSync(programOf(name)))
  for (const [index, name] of missing.entries()) {
    const { program, version, seconds } = tools[name]
    const label = `building ${program} ${version} (${index + 1} of ${missing.length}), ${estimate(seconds)}`
    await withProgress(label, () => buildOne(name))
  }
}

// Built beside its place and renamed into it, so that a program in the cache is always a whole one.
async function buildOne(name: ToolName): Promise<void> {
  const building = `${cacheDir()}/.building-${name}`
  mkdirSync(`${building}/out`, { recursive: true })
  mkdirSync(`${building}/work`)
  try {
    await tools[name].build(`${building}/out`, `${building}/work`)
    rmSync(toolDir(name), { recursive: true, force: true })
    renameSync(`${building}/out`, toolDir(name))
  } finally {
    rmSync(building, { recursive: true, force: true })
  }
}

function programOf(name: ToolName): string {
  return `${toolDir(name)}/${tools[name].program}`
}

function toolDir(name: ToolName): string {
  const { program, version } = tools[name]
  return `${cacheDir()}/${program}-${version}-${process.platform}-${arch()}-r${buildRecipe}`
}

function kubernetes(program: string, seconds: number): Recipe {
  const version = versions.kubernetes
  return { program, version, seconds, build: (dir, work) => buildKubernetes(dir, work, program, version) }
}

function helm(module: string, version: string, seconds: number): Recipe {
  // Unstamped, Helm takes itself for an old version and refuses charts that ask for a kubeVersion.
  const stamp = `${module}/internal/version.version=v${version}`
  const build = (dir: string) => installModule(dir, `${module}/cmd/helm`, version, stamp)
  return { program: 'helm', version, seconds, build }
}

function install(program: string, path: string, version: string, seconds: number): Recipe {
  return { program, version, seconds, build: (dir) => installModule(dir, path, version, undefined) }
}
