import { readFileSync } from 'node:fs'
import { request } from 'node:https'

/** Where an API server is and who asks. */
export interface ApiAccess {
  server: string
  caFile: string
  adminToken: string
}

/** What the API server said; the body is undefined when it is not JSON. */
export interface ApiAnswer {
  status: number
  body: unknown
}

/** One request to the API server. Rejects only when there is no answer at all. */
export function callApi(access: ApiAccess, method: string, path: string, body?: object): Promise<ApiAnswer> {
  const url = new URL(path, access.server)
  const headers = { authorization: `Bearer ${access.adminToken}`, 'content-type': 'application/json' }
  const options = { method, headers, ca: readFileSync(access.caFile), agent: false, timeout: 5000 } as const
  return new Promise((resolve, reject) => {
    const call = request(url, options, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: parse(Buffer.concat(chunks)) }))
    })
    call.on('timeout', () => call.destroy(new Error(`${method} ${url.href}: no answer within 5 s`)))
    call.on('error', reject)
    call.end(body && JSON.stringify(body))
  })
}

/** Whether the API server is there and says that it is ready. */
export async function isReady(access: ApiAccess): Promise<boolean> {
  const answer = await callApi(access, 'GET', '/readyz').catch(() => undefined)
  return answer?.status === 200
}

function parse(text: Buffer): unknown {
  try {
    return JSON.parse(text.toString())
  } catch {
    return undefined
  }
}
