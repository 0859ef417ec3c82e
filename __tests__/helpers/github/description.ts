// GitHub's own description of its REST API, cut down to the operations that the stand-in serves, so that a test double
// cannot drift from the real thing: what it accepts and what it answers are both held against this.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

/** Plain JSON, as read from a file or a request. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
export type JsonObject = { [key: string]: Json }

/** One operation of the description, with the references of its parameters and answers resolved one level. */
export type Operation = {
  name: string
  method: string
  template: string
  parameters: { name: string; in: string; required: boolean; schema: JsonObject }[]
  requestBody: JsonObject | undefined
  /** Schema per status; null where the status has no JSON body. */
  answers: Map<number, JsonObject | null>
}

type Description = { document: JsonObject; operations: Operation[] }

const methods = ['get', 'post', 'put', 'patch', 'delete'] as const
let cached: Description | undefined

/** Reads the description once per process: 13 MB of JSON, 0.1 s. */
export function describeGitHub(): Description {
  cached ??= read()
  return cached
}

function read(): Description {
  const file = createRequire(import.meta.url).resolve('@octokit/openapi/generated/api.github.com.json')
  const document = object(JSON.parse(readFileSync(file, 'utf8')) as Json)
  const operations: Operation[] = []
  for (const [template, path] of Object.entries(object(document['paths']))) {
    for (const method of methods) {
      const operation = object(path)[method]
      if (operation !== undefined) operations.push(readOperation(document, method.toUpperCase(), template, operation))
    }
  }
  return { document, operations: [...operations, viewer] }
}

/** The one question that GraphQL is asked, which the description of the REST API does not have. */
const viewer: Operation = {
  name: 'POST /graphql',
  method: 'POST',
  template: '/graphql',
  parameters: [],
  requestBody: { type: 'object', properties: { query: { const: '{ viewer { login } }' } }, required: ['query'] },
  answers: new Map([[200, { type: 'object', required: ['data'] }]]),
}

function readOperation(document: JsonObject, method: string, template: string, raw: Json): Operation {
  const operation = object(raw)
  const body = operation['requestBody']
  return {
    name: `${method} ${template}`,
    method,
    template,
    parameters: list(operation['parameters']).map((entry) => {
      const parameter = object(resolve(document, entry))
      return {
        name: text(parameter['name']),
        in: text(parameter['in']),
        required: parameter['required'] === true,
        schema: object(parameter['schema']),
      }
    }),
    requestBody: body === undefined ? undefined : (jsonSchema(document, body) ?? undefined),
    answers: new Map(
      Object.entries(object(operation['responses'])).map(([status, answer]) => [
        Number(status),
        jsonSchema(document, answer),
      ]),
    ),
  }
}

function jsonSchema(document: JsonObject, raw: Json): JsonObject | null {
  const content = object(object(resolve(document, raw))['content'])['application/json']
  return content === undefined ? null : object(object(content)['schema'])
}

/** Follows `$ref` until there is none. */
export function resolve(document: JsonObject, value: Json): Json {
  let at = value
  while (typeof object(at)['$ref'] === 'string') {
    let next: Json = document
    for (const part of text(object(at)['$ref']).slice(2).split('/')) {
      next = object(next)[part.replaceAll('~1', '/').replaceAll('~0', '~')] ?? null
    }
    at = next
  }
  return at
}

/** The value as an object; an empty one when it is something else. */
export function object(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}
}

/** The value as a list; an empty one when it is something else. */
export function list(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : []
}

/** The value as text; empty when it is something else. */
export function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}
