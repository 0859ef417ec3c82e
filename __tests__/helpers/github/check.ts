// Holds requests and answers against the description of the API.
import { Ajv } from 'ajv'
import type { ValidateFunction } from 'ajv'
import addFormatsModule from 'ajv-formats'
import { describeGitHub, list, object, text } from './description.ts'
import type { Json, JsonObject, Operation } from './description.ts'

export type Parts = { path: Record<string, string>; query: Record<string, string>; body: Json | undefined }

// ajv-formats is CommonJS with a `default` of its own, and its types promise the function itself.
const addFormats = addFormatsModule as unknown as (ajv: Ajv) => void
const forBodies = new Ajv({ strict: false, logger: false, allErrors: true })
const forParameters = new Ajv({ strict: false, logger: false, allErrors: true, coerceTypes: true })
addFormats(forBodies)
addFormats(forParameters)
const compiled = new Map<string, ValidateFunction>()

/** Finds the operation that a method and path name; literal path parts win over placeholders. */
export function findOperation(
  method: string,
  path: string,
): { operation: Operation; params: Record<string, string> } | undefined {
  const parts = path.split('/')
  const found = describeGitHub()
    .operations.filter((operation) => operation.method === method)
    .map((operation) => ({ operation, params: matchTemplate(operation.template.split('/'), parts) }))
    .filter((match) => match.params !== undefined)
    .sort((a, b) => Object.keys(a.params ?? {}).length - Object.keys(b.params ?? {}).length)[0]
  return found && { operation: found.operation, params: found.params ?? {} }
}

function matchTemplate(template: string[], parts: string[]): Record<string, string> | undefined {
  if (template.length !== parts.length) return undefined
  const params: Record<string, string> = {}
  for (const [i, expected] of template.entries()) {
    const part = parts[i] ?? ''
    const name = /^\{(.+)\}$/.exec(expected)?.[1]
    if (name === undefined && expected !== part) return undefined
    if (name !== undefined && part === '') return undefined
    if (name !== undefined) params[name] = decodeURIComponent(part)
  }
  return params
}

/** What is wrong with a request; empty when it is as described. Unknown query parameters and fields count as wrong. */
export function checkRequest(operation: Operation, parts: Parts): string[] {
  const problems = (['path', 'query'] as const).flatMap((place) => checkParameters(operation, place, parts[place]))
  if (operation.requestBody === undefined)
    return problems.concat(parts.body === undefined ? [] : ['body: not expected'])
  if (parts.body === undefined) return [...problems, 'body: missing']
  const schema = { ...operation.requestBody, additionalProperties: false }
  return problems.concat(validate(forBodies, `${operation.name} body`, schema, parts.body, 'body'))
}

function checkParameters(operation: Operation, place: 'path' | 'query', values: Record<string, string>): string[] {
  const known = operation.parameters.filter((parameter) => parameter.in === place)
  const schema: JsonObject = {
    type: 'object',
    properties: Object.fromEntries(known.map(({ name, schema }) => [name, schema])),
    required: known.filter(({ required }) => required).map(({ name }) => name),
    additionalProperties: false,
  }
  return validate(forParameters, `${operation.name} ${place}`, schema, { ...values }, place)
}

/** What is wrong with an answer. Errors that the description forgets (401, 403 on a PATCH) must look like any other error. */
export function checkAnswer(operation: Operation, status: number, body: Json | undefined): string[] {
  const described = operation.answers.get(status)
  if (described === undefined && status < 400) return [`status ${status} is not described`]
  if (described === null) return body === undefined ? [] : [`status ${status} has no body`]
  const schema = described ?? { $ref: '#/components/schemas/basic-error' }
  return validate(forBodies, `${operation.name} ${status}`, schema, body ?? null, `answer ${status}`)
}

function validate(ajv: Ajv, key: string, schema: JsonObject, value: Json, where: string): string[] {
  let check = compiled.get(key)
  if (check === undefined) {
    check = ajv.compile(selfContained(schema))
    compiled.set(key, check)
  }
  if (check(value)) return []
  return (check.errors ?? []).map(({ instancePath, message, params }) =>
    [where + instancePath, message, JSON.stringify(params)].join(' '),
  )
}

/** The schema with everything it refers to beside it, in the dialect that ajv reads. */
function selfContained(schema: JsonObject): JsonObject {
  const { document } = describeGitHub()
  const all = object(object(document['components'])['schemas'])
  const needed: JsonObject = {}
  const visit = (value: Json): void => {
    for (const name of JSON.stringify(value).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      const key = name[1] ?? ''
      if (needed[key] !== undefined) continue
      needed[key] = modern(all[key] ?? null)
      visit(all[key] ?? null)
    }
  }
  visit(schema)
  return { ...object(modern(schema)), components: { schemas: needed } }
}

/** OpenAPI 3.0 says `nullable` where JSON Schema says "or null". */
function modern(value: Json): Json {
  if (Array.isArray(value)) return value.map(modern)
  if (typeof value !== 'object' || value === null) return value
  const { nullable, ...rest } = value
  const schema = Object.fromEntries(Object.entries(rest).map(([key, entry]) => [key, modern(entry)]))
  return nullable === true ? { anyOf: [schema, { type: 'null' }] } : schema
}

/** A value that satisfies a schema with only what is required, so that our answers are complete without 80 lines each. */
export function minimal(schema: JsonObject, known: JsonObject): Json {
  const { document } = describeGitHub()
  let at = schema
  while (at['$ref'] !== undefined) {
    const name = text(at['$ref']).split('/').at(-1) ?? ''
    at = object(object(object(document['components'])['schemas'])[name])
  }
  const variant = list(at['allOf'])[0] ?? list(at['oneOf'])[0] ?? list(at['anyOf'])[0]
  if (at['nullable'] === true && Object.keys(known).length === 0) return null
  if (variant !== undefined) return minimal(object(variant), known)
  if (at['enum'] !== undefined) return list(at['enum'])[0] ?? null
  switch (at['type']) {
    case 'array':
      return []
    case 'boolean':
      return false
    case 'integer':
    case 'number':
      return 0
    case 'string':
      return at['format'] === 'uri' ? 'https://github.com/' : at['format'] === 'date-time' ? '2026-11-22T10:00:00Z' : ''
    default:
      return minimalObject(at, known)
  }
}

function minimalObject(schema: JsonObject, known: JsonObject): JsonObject {
  const properties = object(schema['properties'])
  const result: JsonObject = { ...known }
  for (const name of list(schema['required']).map(text)) {
    const given = known[name]
    const isObject = typeof given === 'object' && given !== null && !Array.isArray(given)
    if (given === undefined) result[name] = minimal(object(properties[name]), {})
    else if (isObject) result[name] = minimal(object(properties[name]), given)
  }
  return result
}
