// Every block of code in the documents can be read by what would read it, and every link out of them has the form of one.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseAllDocuments } from 'yaml'
import { codeBlocks, documents } from '../../helpers/documents.ts'

const all = documents()
const languages = ['', 'yaml', 'sh', 'ts', 'json', 'mermaid']

test('a block of code says what it is', () => {
  for (const { path, text } of all)
    for (const [, info = ''] of text.matchAll(/^ *```(\S+)$/gm)) assert.ok(languages.includes(info), `${path}: ${info}`)
})

test('each block of YAML is YAML, without a key twice', () => {
  const blocks = all.flatMap((document) =>
    codeBlocks(document, /^ya?ml$/).map((text) => ({ path: document.path, text })),
  )
  assert.ok(blocks.length > 25)
  for (const { path, text } of blocks)
    for (const { errors, warnings } of parseAllDocuments(text, { logLevel: 'silent' }))
      assert.deepEqual(
        [...errors, ...warnings].map(({ message }) => message),
        [],
        `${path}:\n${text}`,
      )
})

test('each block of JSON is JSON', () => {
  for (const document of all)
    for (const text of codeBlocks(document, /^json$/)) assert.doesNotThrow(() => void JSON.parse(text), document.path)
})

test('no block is left open', () => {
  for (const { path, text } of all) assert.equal((text.match(/^ *```/gm) ?? []).length % 2, 0, path)
})

test('a link to elsewhere is https, and whole', () => {
  const links = all.flatMap(({ path, text }) =>
    [...text.matchAll(/\]\(<?([a-z][a-z+.-]*:[^)\s>]*)>?\)|^\[[^\]]+\]: (\S+)$/gm)].map(([, inline, defined]) => ({
      path,
      link: inline ?? defined ?? '',
    })),
  )
  assert.ok(links.length > 8)
  for (const { path, link } of links) {
    assert.ok(URL.canParse(link), `${path}: ${link}`)
    assert.match(link, /^https:\/\/[a-z0-9.-]+\.[a-z]{2,}(\/\S*)?$/, `${path}: ${link}`)
  }
})

test('a link by a name has its definition, and a definition its link', () => {
  for (const { path, text } of all) {
    const prose = text.replaceAll(/^( *)```[\s\S]*?^\1```$/gm, '').replaceAll(/`[^`\n]*`/g, '')
    const defined = [...prose.matchAll(/^\[([^\]]+)\]: /gm)].map(([, name = '']) => name)
    for (const name of defined) assert.ok(prose.split(`[${name}]`).length > 2, `${path}: nothing leads to [${name}]`)
  }
})
