// A release, one verb a step: `prepare` on a developer's machine, the others in .github/workflows/release.yml; docs/releasing.md tells how.
// Needs git and gh, and no package: the job that may write installs nothing.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { planRelease, releaseProblems, withRelease, type ReleaseFacts, type ReleasePlan } from './release/plan.ts'

const usage = `node .ci/release.ts VERB VERSION [FILE…]

  prepare   writes the version into the sources and the changelog; commit what comes of it
  check     tells what speaks against the release, else what it does
  tag       makes the tag of the version, which never changes again
  publish   makes the release on GitHub, with the changelog's part and the files
  move      moves the tag of the major, unless a newer version has it

  --dry-run  says what a verb would do, and does not do it`

/** Every place that says which version this is. */
const places: Readonly<Record<string, readonly RegExp[]>> = {
  'package.json': [/^ {2}"version": "([^"]*)"/m],
  'package-lock.json': [/^ {2}"version": "([^"]*)"/m, /^ {6}"version": "([^"]*)"/m],
  'src/version.ts': [/version = '([^']*)'/],
}

const ciRuns = ['run', 'list', '--workflow=ci.yml', '--branch=main', '--event=push', '--status=success', '--json=url']
const author = [
  '-c',
  'user.name=github-actions[bot]',
  '-c',
  'user.email=41898282+github-actions[bot]@users.noreply.github.com',
]

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { 'dry-run': { type: 'boolean', default: false } },
})
const [verb, version = '', ...files] = positionals

switch (verb) {
  case 'prepare':
    prepare()
    break
  case 'check':
    check(learn())
    break
  case 'tag':
    unlessRefused(makeTag)
    break
  case 'publish':
    unlessRefused(publish)
    break
  case 'move':
    unlessRefused(moveTag)
    break
  default:
    fail([usage])
}

function prepare(): void {
  const changelog = withRelease(read('CHANGELOG.md'), version, new Date().toISOString().slice(0, 10))
  run('npm', 'version', version, '--no-git-tag-version', '--allow-same-version')
  write('src/version.ts', read('src/version.ts').replace(/version = '[^']*'/, `version = '${version}'`))
  write('CHANGELOG.md', changelog)
  console.log('Now `npm run build` and `npm run check`; commit what comes of it.')
}

function check(facts: ReleaseFacts): void {
  const problems = releaseProblems(facts)
  if (problems.length > 0) return fail(problems)
  const { tag, movingTag, notes } = planRelease(facts)
  console.log(`${tag} will be ${facts.commit}`)
  console.log(movingTag ? `${movingTag} will be the same` : `the major's tag stays with a newer version`)
  console.log(`\n${notes}`)
}

/** Each verb decides anew: between two steps somebody may have pushed. */
function unlessRefused(work: (plan: ReleasePlan, facts: ReleaseFacts) => void): void {
  const facts = learn()
  const problems = releaseProblems(facts)
  if (problems.length > 0) return fail(problems)
  work(planRelease(facts), facts)
}

function makeTag({ tag }: ReleasePlan, { commit, tags }: ReleaseFacts): void {
  // A run that broke off later goes on from here.
  if (tags.has(tag)) return console.log(`${tag} is ${commit} already`)
  unlessDry(`tag ${commit} as ${tag}`, () => {
    // Without force: the remote refuses what somebody else has just made.
    git(...author, 'tag', '--annotate', '--message', tag, tag, commit)
    git('push', '--quiet', 'origin', `refs/tags/${tag}`)
  })
}

function publish({ tag, movingTag, notes }: ReleasePlan): void {
  const releases = JSON.parse(run('gh', 'release', 'list', '--limit=1000', '--json=tagName')) as { tagName: string }[]
  if (releases.some(({ tagName }) => tagName === tag)) return console.log(`${tag} is released already`)
  const text = join(mkdtempSync(join(tmpdir(), 'release-')), 'notes.md')
  write(text, notes)
  const choices = ['--verify-tag', `--title=${tag}`, `--notes-file=${text}`, `--latest=${movingTag !== null}`]
  unlessDry(`release ${tag} with ${files.join(', ') || 'no files'}`, () => {
    run('gh', 'release', 'create', tag, ...choices, ...files)
  })
}

function moveTag({ movingTag }: ReleasePlan, { commit, tags }: ReleaseFacts): void {
  if (!movingTag) return console.log(`the major's tag stays with a newer version`)
  unlessDry(`move ${movingTag} from ${tags.get(movingTag) ?? 'nowhere'} to ${commit}`, () => {
    git('push', '--quiet', '--force', 'origin', `${commit}:refs/tags/${movingTag}`)
  })
}

function unlessDry(what: string, work: () => void): void {
  if (options['dry-run']) return console.log(`dry run: would ${what}`)
  work()
  console.log(what)
}

/** Asks the sources, git, the remote and GitHub. */
function learn(): ReleaseFacts {
  const commit = git('rev-parse', 'HEAD')
  git('fetch', '--quiet', 'origin', 'refs/heads/main')
  return {
    version,
    toldVersions: Object.fromEntries(
      Object.entries(places).map(([path, patterns]) => [path, toldVersion(read(path), patterns)]),
    ),
    changelog: read('CHANGELOG.md'),
    commit,
    isOnMain: git('rev-list', '--count', 'HEAD', '^FETCH_HEAD') === '0',
    isCiGreen: JSON.parse(run('gh', ...ciRuns, `--commit=${commit}`)).length > 0,
    changedFiles: git('status', '--porcelain').split('\n').filter(Boolean),
    tags: remoteTags(git('ls-remote', '--tags', 'origin')),
  }
}

/** What a file says that it is; of two places that differ the one that is wrong. */
function toldVersion(text: string, patterns: readonly RegExp[]): string {
  const told = patterns.map((pattern) => pattern.exec(text)?.[1] ?? 'nothing')
  return told.find((one) => one !== version) ?? version
}

/** Commits by tag; of an annotated one the line that ends in `^{}` names its commit, and comes after its own. */
function remoteTags(listing: string): Map<string, string> {
  return new Map(
    listing
      .split('\n')
      .flatMap((line) => [/^(\S+)\trefs\/tags\/(.+?)(?:\^\{\})?$/.exec(line)])
      .flatMap((found) => (found?.[1] && found[2] ? [[found[2], found[1]] as const] : [])),
  )
}

function git(...args: string[]): string {
  return run('git', ...args)
}

function run(command: string, ...args: string[]): string {
  return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim()
}

function read(path: string): string {
  return readFileSync(path, 'utf8')
}

function write(path: string, text: string): void {
  writeFileSync(path, text)
}

function fail(lines: readonly string[]): void {
  console.error(lines.join('\n'))
  process.exitCode = 1
}
