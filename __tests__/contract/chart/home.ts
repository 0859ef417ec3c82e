// The home folder of a runner's user, with what earlier steps of the job have left in it for Helm.
import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { basicOf } from '../../helpers/charts-server.ts'
import type { Login } from '../../helpers/charts-server.ts'
import { temporaryDirectory } from '../../helpers/temporary.ts'

export const registryConfig = '.config/helm/registry/config.json'
export const repositoryConfig = '.config/helm/repositories.yaml'

export type Home = {
  path: string
  /** The files that were put there are byte for byte as they were, and as readable. */
  assertSame: () => void
}

/** A home with these files, of mode 0644 as people's often are. */
export function homeWith(files: Record<string, unknown>): Home {
  const path = temporaryDirectory('home')
  const texts = Object.entries(files).map(([name, content]) => [join(path, name), JSON.stringify(content)] as const)
  for (const [file, text] of texts) {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
    chmodSync(file, 0o644)
  }
  return {
    path,
    assertSame() {
      for (const [file, text] of texts) {
        assert.equal(readFileSync(file, 'utf8'), text)
        assert.equal(statSync(file).mode & 0o777, 0o644, file)
      }
    },
  }
}

/** The content of a registry configuration with a login. */
export function authsOf(host: string, login: Login): { auths: Record<string, { auth: string }> } {
  return { auths: { [host]: { auth: basicOf(login) } } }
}

export type Keychain = {
  /** Goes on PATH. */
  directory: string
  /** What was asked of it so far: `get`, `store`, `erase`. */
  calls: () => string[]
}

/** A credential helper of Docker's kind, by its name, that knows one login for every host. */
export function keychain(name: string, { username, password }: Login): Keychain {
  const directory = temporaryDirectory('keychain')
  const [calls, answer] = [join(directory, 'calls'), join(directory, 'answer')]
  writeFileSync(calls, '')
  writeFileSync(answer, JSON.stringify({ ServerURL: '', Username: username, Secret: password }))
  const script = `#!/bin/sh\necho "$1" >>${calls}\ncat >/dev/null\n[ "$1" != get ] || cat ${answer}\n`
  writeFileSync(join(directory, `docker-credential-${name}`), script, { mode: 0o755 })
  return { directory, calls: () => readFileSync(calls, 'utf8').split('\n').filter(Boolean) }
}
