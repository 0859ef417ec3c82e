// What keeps a listing from GitHub's Marketplace, each with the place that says so. Nothing but its form tells of it otherwise, after the
// release is out.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { repository } from '../../helpers/documents.ts'

interface Metadata {
  readonly name: string
  readonly description: string
  readonly branding: { readonly icon: string; readonly color: string }
}

const read = (path: string): string => readFileSync(join(repository, path), 'utf8')
const action = parse(read('action.yml')) as Metadata

/** https://docs.github.com/en/actions/reference/workflows-and-actions/metadata-syntax#branding */
const colours = ['white', 'black', 'yellow', 'blue', 'green', 'orange', 'red', 'purple', 'gray-dark']
const omittedIcons =
  'coffee columns divide-circle divide-square divide frown hexagon key meh mouse-pointer smile tool x-octagon'.split(
    ' ',
  )

/** https://docs.github.com/en/actions/how-tos/create-and-publish-actions/publish-in-github-marketplace: no name may be that of a category. */
const categories = [
  'AI Assisted',
  'API management',
  'Backup Utilities',
  'Chat',
  'Code quality',
  'Code review',
  'Code search',
  'Code Scanning Ready',
  'Container CI',
  'Continuous integration',
  'Dependency management',
  'Deployment',
  'Deployment Protection Rules',
  'Desktop tools',
  'Game CI',
  'IDEs',
  'Learning',
  'Localization',
  'Mobile',
  'Mobile CI',
  'Monitoring',
  'Open Source management',
  'Project management',
  'Publishing',
  'Security',
  'Support',
  'Testing',
  'Utilities',
]

/** Everything that the form would refuse. That nobody else has the name only the form can tell. */
function refusals({ name, description, branding }: Metadata): string[] {
  const icons = read('__tests__/fixtures/feather-icons.txt').trim().split('\n')
  return [
    // The form: "Description must be less than 125 characters."
    ...(description.length > 0 && description.length < 125
      ? []
      : [`a description of ${description.length} characters`]),
    ...(name.trim() === name && /\w/.test(name) ? [] : ['no name']),
    ...(categories.some((category) => category.toLowerCase() === name.toLowerCase()) ? ['the name of a category'] : []),
    // "GitHub reserves the names of GitHub features."
    ...(/github/i.test(name) ? ['a name with GitHub in it'] : []),
    ...(colours.includes(branding.color) ? [] : [`the colour ${branding.color}`]),
    // The icons of Feather 4.28.0, but for those that the same page leaves out.
    ...(icons.includes(branding.icon) && !omittedIcons.includes(branding.icon) ? [] : [`the icon ${branding.icon}`]),
  ]
}

test('action.yml is as the Marketplace wants it', () => {
  assert.deepEqual(refusals(action), [])
})

test('each rule refuses what breaks it', () => {
  const { branding } = action
  const broken: [Partial<Metadata>, string][] = [
    [{ description: 'x'.repeat(125) }, 'a description of 125 characters'],
    [{ description: '' }, 'a description of 0 characters'],
    [{ name: '' }, 'no name'],
    [{ name: 'deployment' }, 'the name of a category'],
    [{ name: 'Helm for GitHub' }, 'a name with GitHub in it'],
    [{ branding: { ...branding, color: 'pink' } }, 'the colour pink'],
    [{ branding: { ...branding, icon: 'hexagon' } }, 'the icon hexagon'],
    [{ branding: { ...branding, icon: 'helm' } }, 'the icon helm'],
  ]
  for (const [part, refusal] of broken) assert.deepEqual(refusals({ ...action, ...part }), [refusal])
})

test('the repository has one action, at its root, and a README', () => {
  // The same page: "Each repository must contain a single action metadata file (action.yml or action.yaml) at the root."
  const found = globSync('**/action.{yml,yaml}', {
    cwd: repository,
    exclude: (path) => /^(node_modules|lib)$/.test(path),
  })
  assert.deepEqual(found, ['action.yml'])
  assert.ok(read('README.md').startsWith('# '))
})
