// The judge of every cell. It looks at the cluster by itself, with nothing of the product's code, and then at what the run said of it.
import { readdirSync, statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { KubeObject } from '../helpers/cluster/api.ts'
import type { ReleaseRecord } from '../helpers/cluster/pods.ts'
import type { Picture } from '../helpers/picture.ts'
import type { Ending, Expected } from './cell.ts'
import { differences, missingParts, objectsOf, podProblems } from './manifest.ts'
import type { Run, Scene } from './scene.ts'

export type Judgement = { ending: Ending; problems: string[] }
type Seen = { picture: Picture; records: ReleaseRecord[]; leases: string[] }

/** Controllers may still be about the last pods when a run has ended well. */
const graceMs = 8000
const greenStatuses = new Set(['deployed', 'planned', 'recovered', 'removed', 'installed'])

/** Judges how the release ended and whether the last run told the truth; the first fitting end of those expected, or the nearest. */
export async function judge(scene: Scene, expected: Expected): Promise<Judgement> {
  const deadline = Date.now() + (expected.graceMs ?? graceMs)
  for (;;) {
    const seen = await look(scene)
    // A release that is as before is also what its manifest says: the narrower word first.
    const ends = expected.ends.toSorted((a, b) => Number(a === 'new') - Number(b === 'new'))
    const judged = ends.map((ending) => ({
      ending,
      problems: [...endings[ending](scene, seen, expected), ...common(scene, seen, ending, expected)],
    }))
    const [best] = judged.toSorted((a, b) => a.problems.length - b.problems.length)
    if (!best) throw new Error('a cell expects no end')
    if (best.problems.length === 0 || Date.now() >= deadline) {
      const last = scene.runs.at(-1)
      const told = last === undefined || expected.isRace ? [] : truth(scene, last, best.ending, seen, expected)
      return { ending: best.ending, problems: [...best.problems, ...told] }
    }
    await sleep(250)
  }
}

/** What is wrong with a release by its own records, whatever was before: every deploy leaves it on a revision, whole and alone. */
export async function inconsistencies(scene: Scene): Promise<string[]> {
  const deadline = Date.now() + graceMs
  for (;;) {
    const seen = await look(scene)
    const problems = [
      ...isDeployed(seen.records),
      ...newProblems(scene, seen),
      ...common(scene, seen, 'new', { ends: [] }),
    ]
    if (problems.length === 0 || Date.now() >= deadline) return problems
    await sleep(250)
  }
}

async function look(scene: Scene): Promise<Seen> {
  const leases = await scene.cluster.list(`/apis/coordination.k8s.io/v1/namespaces/${scene.namespace}/leases`)
  return {
    picture: await scene.picture(),
    records: await scene.records(),
    leases: leases.map(({ metadata }) => metadata.name).filter((name) => name.startsWith('atomic-helm.')),
  }
}

/** What must hold however it ended. */
function common({ before }: Scene, { picture, records, leases }: Seen, ending: Ending, expected: Expected): string[] {
  // An upgrade that was cut off and gone back or deployed over keeps its word in the history: Helm writes none but the last revision's.
  // A rollback or an install that did not end has to be out of it, or Helm takes it for what is there, or for a revision to go back to.
  const pending = records.filter(
    ({ status }, index) =>
      /^(pending-|uninstalling$)/.test(status) && (status !== 'pending-upgrade' || index === records.length - 1),
  )
  const deployed = records.filter(({ status }) => status === 'deployed')
  const recreated = new Set(expected.recreated)
  const deleted = Object.entries(before.uids).filter(
    ([name, uid]) =>
      !recreated.has(name) && picture.uids[name] !== uid && (picture.uids[name] !== undefined || ending !== 'new'),
  )
  return [
    ...pending.map(({ revision, status }) => `revision ${revision} is ${status}`),
    ...(deployed.length > 1 ? [`${deployed.length} revisions are deployed`] : []),
    ...leases.map((name) => `the lease ${name} is left`),
    ...deleted.map(([name]) => `${name} was deleted, which existed before`),
  ]
}

const endings: Record<Ending, (scene: Scene, seen: Seen, expected: Expected) => string[]> = {
  before: ({ before }, { picture, records }, expected) => [
    ...isDeployed(records),
    ...pictureProblems(picture, before, expected),
  ],
  nothing: ({ before }, { picture, records }, expected) => [
    ...records
      .filter(({ status }) => status !== 'uninstalled')
      .map(({ revision, status }) => `there is a release: revision ${revision} is ${status}`),
    ...pictureProblems(picture, before, expected),
  ],
  new: (scene, seen) => [...isDeployed(seen.records), ...newProblems(scene, seen)],
  kept: (_scene, { records }) => (records.length === 0 ? ['there is no release'] : []),
}

function isDeployed(records: readonly ReleaseRecord[]): string[] {
  const last = records.at(-1)
  if (last === undefined) return ['there is no release']
  return last.status === 'deployed' ? [] : [`the last revision, ${last.revision}, is ${last.status}`]
}

function pictureProblems(now: Picture, before: Picture, { drifts = [], isRescaled }: Expected): string[] {
  const names = new Set([...Object.keys(now.objects), ...Object.keys(before.objects)])
  const objects = [...names]
    .filter((name) => !drifts.includes(name))
    .flatMap((name) => {
      if (before.objects[name] === undefined) return [`${name} is left over`]
      if (now.objects[name] === undefined) return [`${name} is missing`]
      return differences(now.objects[name], before.objects[name])
        .filter((difference) => isRescaled !== true || !difference.startsWith('spec.replicas:'))
        .slice(0, 3)
        .map((difference) => `${name} differs: ${difference}`)
    })
  const serving = ({ pods }: Picture): string => {
    const lines = pods.map(({ owner, hash, images, ready }) => `${owner} ${hash} ${images.join()} ready=${ready}`)
    return [...(isRescaled ? new Set(lines) : lines)].sort().join('\n')
  }
  const pods =
    serving(now) === serving(before) ? [] : [`pods: ${serving(now) || 'none'}\n  were: ${serving(before) || 'none'}`]
  return [...objects, ...(drifts.length > 0 ? [] : pods)]
}

/** The deployed revision's objects, its hooks and what others have in the namespace, and nothing else; an autoscaler may scale. */
function newProblems({ foreign }: Scene, { picture, records }: Seen): string[] {
  const deployed = records.findLast(({ status }) => status === 'deployed')
  if (deployed === undefined) return []
  const wanted = objectsOf(deployed.manifest)
  const scaled = scaledBy(picture)
  const known = new Set([...wanted.keys(), ...deployed.hooks, ...foreign])
  const objects = [...wanted].flatMap(([name, object]) => {
    const live = picture.objects[name]
    if (live === undefined) return [`${name} is missing`]
    return missingParts(withoutStatus(object), live)
      .filter((problem) => !scaled.has(name) || !problem.startsWith('spec.replicas '))
      .slice(0, 3)
      .map((problem) => `${name}: ${problem}`)
  })
  const strangers = Object.keys(picture.objects).filter((name) => !known.has(name))
  const workloads = [...wanted.values()].filter(({ kind }) => /^(Deployment|StatefulSet)$/.test(kind ?? ''))
  const pods = workloads.flatMap((workload) => podProblems(workload, replicasOf(picture, workload), picture.pods))
  const jobs = picture.pods.filter(({ owner }) => owner.startsWith('Job/') && !known.has(owner))
  const gone = [...foreign].filter((name) => picture.objects[name] === undefined)
  return [
    ...objects,
    ...strangers.map((name) => `${name} is left over`),
    ...gone.map((name) => `${name} of somebody else is gone`),
    ...pods,
    ...jobs.map(({ name, owner }) => `pod ${name} of ${owner} is left over`),
  ]
}

/** What has an autoscaler, which alone says how many there are. */
function scaledBy({ objects }: Picture): ReadonlySet<string> {
  type Autoscaler = { spec: { scaleTargetRef: { kind: string; name: string } } }
  const all = Object.values(objects).filter(({ kind }) => kind === 'HorizontalPodAutoscaler')
  const targets = (all as unknown as Autoscaler[]).map(({ spec }) => spec.scaleTargetRef)
  return new Set(targets.map(({ kind, name }) => `${kind}/${name}`))
}

function replicasOf(picture: Picture, { kind, metadata }: KubeObject): number {
  const live = picture.objects[`${kind}/${metadata.name}`] as { spec?: { replicas?: number } } | undefined
  return live?.spec?.replicas ?? 1
}

function withoutStatus(object: KubeObject): object {
  return Object.fromEntries(Object.entries(object).filter(([field]) => field !== 'status'))
}

/** What the run said, beside what is. */
function truth(scene: Scene, run: Run, ending: Ending, { records }: Seen, expected: Expected): string[] {
  const { report, status, outputs, comment } = run
  if (run.isBaseline) {
    const isRight = (run.conclusion === 'success') === (ending === 'new')
    return isRight ? [] : [`the step ended with ${run.conclusion}, and the end is: ${ending}`]
  }
  const problems: string[] = []
  const expect = (isTrue: boolean, problem: string): void => void (isTrue || problems.push(problem))
  const isWhole = run.main.exitCode !== 137
  if (expected.status)
    expect(
      expected.status.includes(isWhole ? status : (report?.status ?? status)),
      `status is "${status || report?.status}"`,
    )
  if (isWhole && !expected.noReport) expect(status !== '', 'there is no status')
  expect(
    run.injected.length === 0,
    `foreign commands reached the runner: ${run.injected.map(({ line }) => line).join()}`,
  )
  if (run.post !== undefined && run.post.exitCode !== 137) {
    expect(
      run.orphans.length === 0,
      `processes outlive the job: ${run.orphans.map(({ command }) => command).join('; ')}`,
    )
    expect(privateFolders(run.temp).length === 0, 'private files are left')
  }
  if (report === undefined)
    return run.post?.exitCode === 137 || !isWhole || expected.noReport ? problems : [...problems, 'there is no report']
  const { rollback } = report
  if (isWhole) expect(report.status === status, `the report says ${report.status}, the output ${status}`)
  expect(
    (run.conclusion === 'success') === greenStatuses.has(report.status),
    `${report.status} ended the job with ${run.conclusion}`,
  )
  const claims: Record<string, readonly Ending[]> = {
    deployed: ['new'],
    'rolled-back': ['before'],
    uninstalled: ['nothing'],
    rejected: ['before', 'nothing', 'new'],
    kept: ['kept'],
    cancelled: ['before', 'nothing', 'new', 'kept'],
    recovered: ['before', 'nothing', 'new'],
  }
  const drifts = expected.drifts ?? []
  expect((claims[report.status] ?? ['kept']).includes(ending), `it says ${report.status}, and the end is: ${ending}`)
  if (rollback === 'restored')
    expect(/^(before|nothing)$/.test(ending) && drifts.length === 0, `it says restored, and the end is: ${ending}`)
  if (rollback === 'drifted') expect(drifts.length > 0, `it tells drifts: ${JSON.stringify(report.undo?.drifts)}`)
  if (rollback === 'failed')
    expect(report.status === 'rollback-failed', `it says that the undo failed: ${JSON.stringify(report.undo)}`)
  const named = (report.undo?.drifts ?? []).map(({ object }) => `${object.kind}/${object.name}`)
  for (const name of drifts) expect(named.includes(name), `it does not name the drift of ${name}`)
  const hashes = scene.before.pods.map(({ hash }) => hash).filter(Boolean)
  const blamed = named.filter((name) => name.startsWith('Pod/') && hashes.some((hash) => name.includes(`-${hash}-`)))
  expect(blamed.length === 0, `it tells ${blamed.join()} left over, of the revision before`)
  const last = records.at(-1)
  if (ending === 'new' && status === 'deployed')
    expect(
      outputs['revision'] === String(last?.revision),
      `it says revision ${outputs['revision']}, not ${last?.revision}`,
    )
  const state = /^<!-- state: (\{.*\}) -->$/m.exec(comment)?.[1]
  const told = state === undefined ? undefined : (JSON.parse(state) as { status: string; run?: string })
  if (told !== undefined && told.run === String(run.runId))
    expect(told.status === report.status, `the comment says ${told.status}`)
  const everything = [run.log, comment, JSON.stringify(report)].join('\n')
  if (expected.says) expect(expected.says.test(everything), `nowhere it says ${expected.says}`)
  return problems
}

function privateFolders(temp: string): string[] {
  return readdirSync(temp).filter(
    (name) => name.startsWith('atomic-helm-') && statSync(`${temp}/${name}`).isDirectory(),
  )
}
