// `node .ci/sbom.ts FILE`: the SBOM (CycloneDX) of dist/. npm knows all that is locked, the bundler what of it is in the bundle.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { bundledPackages, type Lockfile } from './supply-chain/rules.ts'

interface Bom {
  readonly metadata: { readonly component: { name: string } }
  components: { readonly 'bom-ref': string; readonly name: string }[]
  dependencies: { readonly ref: string; readonly dependsOn: readonly string[] }[]
}

const [file = 'sbom.cdx.json'] = process.argv.slice(2)
// From the lockfile alone: nothing has to be installed.
const npmArguments = ['sbom', '--sbom-format=cyclonedx', '--sbom-type=application', '--package-lock-only']
const bom = JSON.parse(
  execFileSync('npm', npmArguments, { encoding: 'utf8', shell: process.platform === 'win32', maxBuffer: 64 << 20 }),
) as Bom
const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as Lockfile
const { name } = JSON.parse(readFileSync('package.json', 'utf8')) as { name: string }
const bundled = new Set(bundledPackages(readFileSync('dist/licenses.txt', 'utf8'), lock).map((one) => one.name))

// npm names it after the folder.
bom.metadata.component.name = name
// A name that is locked in several versions is told with all of them: the bundler does not say which it took.
bom.components = bom.components.filter((component) => bundled.has(component.name))
const refs = new Set(bom.components.map((component) => component['bom-ref']))
bom.dependencies = bom.dependencies
  .filter(({ ref }) => refs.has(ref) || ref.startsWith(`${name}@`))
  .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((one) => refs.has(one)) }))
writeFileSync(file, `${JSON.stringify(bom, null, 2)}\n`)
console.log(`${file}: ${bom.components.length} packages in dist/`)
