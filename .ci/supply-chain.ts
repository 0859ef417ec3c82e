// What this repository takes in: exact versions, no code at install time, licences that let it be passed on. `npm run check` runs it.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import {
  installScriptProblems,
  licenceProblems,
  lockProblems,
  npmrcProblems,
  pinProblems,
  type Lockfile,
  type Manifest,
} from './supply-chain/rules.ts'

const root = new URL('..', import.meta.url)
const read = (path: string): string => readFileSync(fileURLToPath(new URL(path, root)), 'utf8')

/** Each has a lockfile of its own. */
const packages = ['.', '__tests__/mutation', '__tests__/rendered']

const problems = packages.flatMap((folder) => {
  const manifest = JSON.parse(read(`${folder}/package.json`)) as Manifest
  const lock = JSON.parse(read(`${folder}/package-lock.json`)) as Lockfile
  const npmrc = npmrcProblems(read(`${folder}/.npmrc`))
  return [...pinProblems(manifest), ...lockProblems(lock), ...installScriptProblems(lock), ...npmrc].map(
    (problem) => `${folder === '.' ? '' : `${folder}: `}${problem}`,
  )
})
problems.push(...licenceProblems(read('dist/licenses.txt'), JSON.parse(read('package-lock.json')) as Lockfile))
if (problems.length > 0) {
  console.error(problems.join('\n'))
  process.exitCode = 1
}
