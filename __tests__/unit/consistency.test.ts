// What the action is called and says is told in many places: the code, action.yml, its types, the README, the documents, the schema of
// the report. Each test holds all places of one kind of name against each other.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { parse, parseAllDocuments } from 'yaml'
import { findingClasses } from '../../src/health/finding.ts'
import { parseInputs } from '../../src/inputs/parse.ts'
import type { Problem } from '../../src/platform/errors.ts'
import { statuses as statusesOfCode } from '../../src/report/model.ts'
import { outputs as outputsOfCode } from '../../src/report/outputs.ts'
import {
  anchors,
  brokenLinks,
  codeBlocks,
  codeWords,
  document,
  documents,
  generatedRows,
  repository,
  tableRows,
} from '../helpers/documents.ts'
import { report } from './report/fixtures.ts'

interface Type {
  readonly type: string
  readonly 'allowed-values'?: readonly string[]
  readonly separator?: string
  readonly 'list-item'?: { readonly type: string }
}
interface Described {
  readonly description: string
  readonly default?: string
}

const read = (path: string): string => readFileSync(join(repository, path), 'utf8')
const action = parse(read('action.yml')) as {
  inputs: Record<string, Described>
  outputs: Record<string, Described>
}
const types = parse(read('action-types.yml')) as { inputs: Record<string, Type>; outputs: Record<string, Type> }
const schema = JSON.parse(read('docs/report.schema.json')) as {
  properties: Record<string, { enum?: string[] }>
  required: string[]
  $defs: Record<string, { properties?: Record<string, { enum?: string[] }> }>
}
const readme = document('README.md')
const enumOf = (type: Type | undefined): readonly string[] => type?.['allowed-values'] ?? []

/** Sorted, each once: what is compared are sets. */
function names(...lists: Iterable<string>[]): string[] {
  return [...new Set(lists.flatMap((list) => [...list]))].sort()
}

/** What the code has against the value of one input, all others being as they come. */
function refusalsOf(name: string, value: string): Problem[] {
  const asked = (input: string): string =>
    input === name ? value : input === 'release' || input === 'chart' ? 'shop' : (action.inputs[input]?.default ?? '')
  return parseInputs(asked).problems.filter(({ problem }) => problem.includes(`\`${name}\``))
}

const problemsOf = (name: string, value: string): string[] => refusalsOf(name, value).map(({ problem }) => problem)

/** The words that the code takes for an input, as it says them to somebody who has given another. */
function wordsOfCode(name: string): string[] {
  return refusalsOf(name, 'surely-not').flatMap(({ remedy }) => remedy.replace(/^Use /, '').split(', '))
}

/** The inputs that the code asks for. */
function inputsOfCode(): Set<string> {
  const asked = new Set<string>()
  parseInputs((name) => {
    asked.add(name)
    return ''
  })
  return asked
}

describe('inputs', () => {
  test('code, action.yml, action-types.yml and README have the same', () => {
    const declared = names(Object.keys(action.inputs))
    assert.deepEqual(names(inputsOfCode()), declared)
    assert.deepEqual(names(Object.keys(types.inputs)), declared)
    assert.deepEqual(names(generatedRows(readme, 'inputs').flatMap(([cell = '']) => codeWords(cell))), declared)
  })

  test('the code takes what action-types.yml allows, and the defaults, and nothing else', () => {
    for (const [name, type] of Object.entries(types.inputs)) {
      const takes = { boolean: ['true', 'false'], integer: ['1'], enum: enumOf(type) }[type.type] ?? []
      for (const value of takes) assert.deepEqual(problemsOf(name, value), [], `${name}: ${value}`)
      if (takes.length > 0) assert.notDeepEqual(problemsOf(name, 'surely-not'), [], name)
      if (type.type === 'enum') assert.deepEqual(names(wordsOfCode(name)), names(enumOf(type)), name)
      if (type.type === 'list') assert.deepEqual([type.separator, type['list-item']?.type], ['\n', 'string'], name)
    }
    assert.deepEqual(names(Object.values({ ...types.inputs, ...types.outputs }).map(({ type }) => type)), [
      'boolean',
      'enum',
      'integer',
      'list',
      'string',
    ])
  })

  test('a word that an input may have is in its description', () => {
    for (const [name, type] of Object.entries(types.inputs))
      for (const word of enumOf(type).filter((value) => !/^(true|false)$/.test(value)))
        assert.ok(
          codeWords(action.inputs[name]?.description ?? '').includes(word) || action.inputs[name]?.default === word,
          `${name}: ${word}`,
        )
  })
})

describe('outputs', () => {
  test('code, action.yml, action-types.yml and README have the same', () => {
    const declared = names(Object.keys(action.outputs))
    assert.deepEqual(names(Object.keys(outputsOfCode(report()))), declared)
    assert.deepEqual(names(Object.keys(types.outputs)), declared)
    assert.deepEqual(names(generatedRows(readme, 'outputs').flatMap(([cell = '']) => codeWords(cell))), declared)
  })
})

describe('statuses and modes', () => {
  test('a status of the code is in the schema, in action.yml, in action-types.yml and explained in the README', () => {
    assert.deepEqual(names(schema.properties['status']?.enum ?? []), names(statusesOfCode))
    const expected = names(statusesOfCode)
    assert.deepEqual(names(codeWords(action.outputs['status']?.description ?? '')), expected)
    assert.deepEqual(names(enumOf(types.outputs['status'])), expected)
    const explained = tableRows(readme.text).map(([cell = '']) => cell.replaceAll('`', ''))
    for (const status of expected) assert.ok(explained.includes(status), `README.md has no row for ${status}`)
  })

  test('a mode of the code is in the schema, in action.yml and in action-types.yml', () => {
    const modes = schema.properties['mode']?.enum ?? []
    for (const mode of modes) assert.deepEqual(problemsOf('mode', mode), [], mode)
    assert.deepEqual(names(enumOf(types.inputs['mode'])), names(modes))
    for (const mode of modes) assert.ok(codeWords(action.inputs['mode']?.description ?? '').includes(mode), mode)
  })

  test('what the undo came to has the same words everywhere', () => {
    const words = names(schema.properties['rollback']?.enum ?? [])
    assert.deepEqual(names(enumOf(types.outputs['rollback'])), words)
    assert.deepEqual(names(codeWords(action.outputs['rollback']?.description ?? '')), words)
  })
})

test('a class of finding is in the schema, and has its part in docs/diagnosis.md', () => {
  const classes = Object.values(schema.$defs).flatMap(({ properties }) => properties?.['class']?.enum ?? [])
  assert.deepEqual(names(classes), names(findingClasses))
  const parts = anchors(document('docs/diagnosis.md'))
  assert.deepEqual(
    findingClasses.filter((name) => !parts.has(name)),
    [],
  )
})

test('what a report has is in the schema, and nothing else is', () => {
  assert.deepEqual(names(Object.keys(schema.properties)), names(Object.keys(report())))
  assert.deepEqual(names(schema.required), names(Object.keys(report())))
})

test('an annotation that the action reads is told in a document, and a document tells of no other', () => {
  const pattern = /atomic-helm\.dev\/([a-z-]+)/g
  const found = (text: string): string[] => [...text.matchAll(pattern)].map(([, name = '']) => name)
  /** What the action writes, for its own later runs. */
  const written = ['managed', 'run', 'attempt', 'timeout', 'preview', 'copied-from']
  const told = documents().flatMap(({ path, text }) => (path.startsWith('docs/adr/') ? [] : found(text)))
  assert.deepEqual(
    names(told.filter((name) => !written.includes(name))),
    names(found(sourceOf('src'))).filter((name) => !written.includes(name)),
  )
})

/** All code of some folders. */
function sourceOf(...folders: string[]): string {
  return globSync(
    folders.map((folder) => `${folder}/**/*.{ts,mjs}`),
    { cwd: repository },
  )
    .map(read)
    .join('\n')
}

describe('environment variables', () => {
  const described = names(tableRows(document('docs/environment.md').text).flatMap(([cell = '']) => codeWords(cell)))
  /** @actions/http-client reads them for us, and so does Helm. */
  const ofLibraries = ['HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY']

  test('docs/environment.md has those that the action reads, and no others', () => {
    // By what they begin with, wherever their names stand, and any that is asked for.
    const quoted = sourceOf('src').matchAll(
      /'((?:GITHUB|RUNNER|HELM|KUBERNETES_SERVICE|ATOMIC|INPUT)_[A-Z_]+)'|(?<=\benv\[|\bvalue\()'([A-Z][A-Z_]*)'/g,
    )
    assert.deepEqual(
      described,
      names(
        [...quoted].map(([, known, asked]) => known ?? asked ?? ''),
        ofLibraries,
      ),
    )
  })

  test('one that a document names is known here', () => {
    const known = sourceOf('src', '__tests__', '.ci')
    for (const { path, text } of documents())
      for (const word of codeWords(text))
        for (const [name] of word.matchAll(/\b(?:ATOMIC|RUNNER|HELM|KUBERNETES)_[A-Z_]+\b|\bKUBECONFIG\b/g))
          assert.ok(known.includes(name), `${path} names ${name}`)
  })
})

describe('documents', () => {
  for (const one of documents())
    test(`the links in ${one.path} lead somewhere`, () => assert.deepEqual(brokenLinks(one), []))

  test('workflows in documents and examples use inputs and outputs that there are', () => {
    const blocks = documents().flatMap((one) =>
      codeBlocks(one, /^ya?ml$/).map((text): [string, string] => [one.path, text]),
    )
    const files = globSync(['examples/**/*.{yml,yaml}', '__tests__/fixtures/workflows/*.yml'], { cwd: repository })
    const all = [...blocks, ...files.map((path): [string, string] => [path, read(path)])]
    const steps = all.flatMap(([path, text]) => stepsOf(text).map((step) => ({ path, text, step })))
    assert.ok(steps.length > 0)
    for (const { path, text, step } of steps) {
      for (const name of Object.keys(step.with ?? {})) assert.ok(name in action.inputs, `${path}: input ${name}`)
      if (step.id === undefined) continue
      for (const [, name = ''] of text.matchAll(new RegExp(`steps\\.${step.id}\\.outputs\\.([\\w-]+)`, 'g')))
        assert.ok(name in action.outputs, `${path}: output ${name}`)
    }
  })
})

interface Step {
  readonly uses?: string
  readonly id?: string
  readonly with?: Readonly<Record<string, unknown>> | null
}

/** The steps that use this action, wherever they are in a text, which may be a part of a workflow. */
function stepsOf(text: string): Step[] {
  const found: Step[] = []
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    const step = value as Step
    if (typeof step.uses === 'string' && /\/atomic-helm-action@/.test(step.uses)) found.push(step)
    Object.values(value).forEach(look)
  }
  for (const one of parseAllDocuments(text, { logLevel: 'silent' })) look(one.errors?.length > 0 ? null : one.toJS())
  return found
}
