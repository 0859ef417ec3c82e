// Modules of the sandbox are loaded anew for each generation, for what a module computes while it is loaded can be mutated too.
import { readFileSync } from 'node:fs'
import { registerHooks, stripTypeScriptTypes } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { takeTests, type NotedTest } from './node-test.ts'

const shim = new URL('node-test.ts', import.meta.url).href
/** Reads the fixtures, which takes long, and loads nothing that is mutated: one generation is enough. */
const lasting = /\/fixture-file\.ts$/
const plain = new Map<string, string>()
let generation = 0
let loaded = new Map<string, readonly NotedTest[]>()

/** Makes all modules below that folder load anew with each generation, with the noting `node:test`. */
export function openSandbox(folder: string): void {
  const base = `${pathToFileURL(folder).href}/`
  registerHooks({
    resolve: (specifier, context, next) => {
      if (specifier === 'node:test' && context.parentURL?.startsWith(base)) return { url: shim, shortCircuit: true }
      const found = next(specifier, context)
      const url = found.url.replace(/\?.*/, '')
      return { ...found, url: url.startsWith(base) && !lasting.test(url) ? `${url}?${generation}` : url }
    },
    load: (url, context, next) =>
      url.startsWith(base) && /\.ts(\?|$)/.test(url)
        ? { format: 'module', source: stripped(fileURLToPath(url)), shortCircuit: true }
        : next(url, context),
  })
}

/** Files of the sandbox do not change, so that their types are stripped once. */
function stripped(file: string): string {
  const known = plain.get(file) ?? stripTypeScriptTypes(readFileSync(file, 'utf8'))
  plain.set(file, known)
  return known
}

/** Forgets what is loaded. */
export function reload(): void {
  generation++
  loaded = new Map()
}

/** The tests of a file, which is loaded once in each generation. */
export async function testsOf(file: string): Promise<readonly NotedTest[]> {
  const known = loaded.get(file)
  if (known) return known
  takeTests()
  await import(pathToFileURL(file).href)
  const tests = takeTests()
  loaded.set(file, tests)
  return tests
}
