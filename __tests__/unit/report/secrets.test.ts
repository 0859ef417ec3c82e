import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseInputs } from '../../../src/inputs/parse.ts'
import { secretsOfInputs, secretsOfProxies } from '../../../src/report/secrets.ts'

const files: Readonly<Record<string, string>> = {
  'key.pem': 'content of the key',
  'values.yaml': 'db: {password: from a file, host: db.example}\n',
}

/** What is secret of these inputs. */
function secrets(given: Record<string, string>, valueFiles: string[] = []): string[] {
  const { inputs } = parseInputs((name) => given[name] ?? '')
  return secretsOfInputs(inputs, (path) => files[path] ?? null, valueFiles)
}

test('what is assigned to a credential is secret, however it is written', () => {
  const cases: readonly (readonly [Record<string, string>, string[]])[] = [
    [{ 'set-string': 'db.password=hunter-2' }, ['hunter-2']],
    [{ set: 'db.user=bob,db.password=a\\,b,replicas=2' }, ['a,b']],
    [{ set: 'api.tokens={first-token,second-token}' }, ['first-token', 'second-token']],
    [{ set: 'users[0].password=of-the-first' }, ['of-the-first']],
    [{ set: 'db\\.main.password=dotted' }, ['dotted']],
    [{ 'set-json': 'auth={"user":"bob","password":"in-json","pins":[1]}' }, ['in-json']],
    [{ 'set-json': 'token="as-a-string"' }, ['as-a-string']],
    [{ 'set-json': 'token=not-json' }, ['not-json']],
    [{ 'set-file': 'tls.privateKey=key.pem' }, ['content of the key']],
    [{ 'set-file': 'tls.privateKey=missing.pem' }, []],
    [{ values: 'smtp: {auth: {pass: mail-pass, user: bob}}' }, ['mail-pass']],
    [{ 'github-token': 'gh', 'repo-password': 'rp', 'repo-username': 'robot' }, ['gh', 'rp']],
  ]
  for (const [inputs, expected] of cases) assert.deepEqual(secrets(inputs), expected, JSON.stringify(inputs))
  assert.deepEqual(secrets({}, ['values.yaml', 'gone.yaml']), ['from a file'])
})

test('what looks generated is secret whatever its key; names, hosts, images and versions are not', () => {
  const generated = ['Zk3v9QpL2xTn8WbR', 'aB3/dE6+gH9-jK2=mN5', 'xY7_Qw2!Rt9#Lp4$']
  for (const value of generated) assert.deepEqual(secrets({ 'set-string': `plain=${value}` }), [value])
  const ordinary = [
    'b81e77d0c0ffee00000000000000000000000000',
    'registry.example/Team/Shop:2.41.0-RC3',
    'Shop-Backend-Europe-West',
    '2026-11-22T10:42:17Z',
    'internal-api-gateway-v2',
    'https://Shop.example/API/v2',
    '123456789012345678',
  ]
  for (const value of ordinary) assert.deepEqual(secrets({ 'set-string': `plain=${value}` }), [], value)
})

test('where a secret is, is none', () => {
  const values =
    'existingSecret: shop-db\nauth: {secretName: shop-auth, tokenSecretRef: shop-token, passwordRef: shop-password}'
  assert.deepEqual(secrets({ values }), [])
})

test('the passwords of proxies are secret, as they are and as URLs write them', () => {
  const env = {
    HTTPS_PROXY: 'http://bob:p%40ss%2Fword@proxy:3128',
    no_proxy: 'http://a:b@c',
    http_proxy: 'http://proxy',
  }
  assert.deepEqual(secretsOfProxies(env), ['p%40ss%2Fword', 'p@ss/word'])
})
