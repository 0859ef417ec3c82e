// Keeps the hashes of Helm's archives that the installer trusts: src/setup/known-hashes.ts, generated from
// .ci/known-hashes/hashes.json. Asks public sources about archives that are not in there, and adds those on which two of different
// origin agree (ADR 10).
// `--check` only tells whether the two files are in step, `--generate` only writes the one from the other; both ask nobody.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { agree, type Agreed, archiveName, type Archive, type Claim } from './known-hashes/agree.ts'
import {
  claimsOf,
  entriesOf,
  type KnownHashesRecord,
  originsIn,
  recordProblems,
  recordText,
  tableText,
  withEntries,
} from './known-hashes/record.ts'
import { askPublished, defaultBases, listSources } from './known-hashes/sources.ts'

const root = new URL('..', import.meta.url)
const { values: options } = parseArgs({
  options: {
    check: { type: 'boolean', default: false },
    generate: { type: 'boolean', default: false },
    record: { type: 'string', default: fileURLToPath(new URL('.ci/known-hashes/hashes.json', root)) },
    table: { type: 'string', default: fileURLToPath(new URL('src/setup/known-hashes.ts', root)) },
    published: { type: 'string', default: defaultBases.published },
    releases: { type: 'string', default: defaultBases.releases },
    certManager: { type: 'string', default: defaultBases.certManager },
    rancherDesktop: { type: 'string', default: defaultBases.rancherDesktop },
  },
})

const record = JSON.parse(readFileSync(options.record, 'utf8')) as KnownHashesRecord
const originOf = originsIn(record)
const problems = recordProblems(record)
if (problems.length > 0) fail(problems)
else if (options.check) {
  if (readFileSync(options.table, 'utf8') !== tableText(record))
    fail([`${options.table} is not in step with ${options.record}: run \`node .ci/known-hashes.ts --generate\``])
} else if (options.generate) writeFileSync(options.table, tableText(record))
else await update()

/** Writes both files with what is new, or none of them when anything is disputed. */
async function update(): Promise<void> {
  const known = new Set(entriesOf(record).map(archiveName))
  const claims = await ask(known)
  const { accepted, disputed, lonely } = agree([...claimsOf(record), ...claims], originOf)
  const added = accepted.filter((one) => !known.has(archiveName(one)))
  const next = withEntries(record, added)
  const faults = [
    ...disputed.map((one) => `${archiveName(one)}: ${one.sources.join(' and ')} say ${one.sha256}`),
    ...recordProblems(next),
  ]
  if (faults.length > 0) return fail(['Sources contradict each other; nothing is added:', ...faults])
  if (added.length > 0) writeFileSync(options.record, recordText(next))
  writeFileSync(options.table, tableText(next))
  tell('Added, sources agree', added)
  tell('Not added, only one origin', lonely)
  console.log(`${added.length} added, ${entriesOf(next).length} known`)
}

/** What all sources claim that answer. Nothing is asked of get.helm.sh that nobody else has hashed. */
async function ask(known: ReadonlySet<string>): Promise<Claim[]> {
  const claims: Claim[] = []
  let answered = 0
  for (const source of listSources(options, process.env['GH_TOKEN'] ?? ''))
    await orTell(source.name, async () => {
      claims.push(...(await source.ask()))
      answered++
    })
  if (answered === 0) fail(['No source answered that could tell what is new'])
  const open = new Map<string, Archive>(
    claims
      .filter(({ source }) => originOf(source) !== originOf('published'))
      .map((claim) => [archiveName(claim), claim]),
  )
  await orTell('published', async () => {
    for (const [name, { version, platform }] of open) {
      const claim = known.has(name) ? null : await askPublished(options.published, { version, platform })
      if (claim) claims.push(claim)
    }
  })
  return claims
}

async function orTell(source: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    console.log(`${source} did not answer: ${(error as Error).message}`)
  }
}

/** One line for each version and its sources. */
function tell(title: string, archives: readonly Agreed[]): void {
  for (const [key, group] of Map.groupBy(archives, ({ version, sources }) => `${version} (${sources.join(', ')})`))
    console.log(`${title}: ${key}: ${group.map(({ platform }) => platform).join(' ')}`)
}

function fail(lines: readonly string[]): void {
  console.error(lines.join('\n'))
  process.exitCode = 1
}
