// The rules see what they are there for: each is shown a text that breaks it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { referencesIn, renderLikeGitHub } from './github.ts'
import { sharedReader } from './page.ts'

const reader = sharedReader()

async function show(markdown: string): Promise<void> {
  await reader.show(renderLikeGitHub(markdown, 'comment').html, 'comment')
  await reader.look('light', 390)
}

test('GitHub takes away what is not allowed, and keeps what we use', () => {
  const { html } = renderLikeGitHub(
    '<details><summary>a</summary>\n\n<b onclick="x">b</b><style>c</style>\n\n</details>',
    'comment',
  )
  assert.equal(
    html.replaceAll('\n', ''),
    '<details><summary>a</summary><p><b>b</b>&#x3C;style>c&#x3C;/style></p></details>',
  )
})

for (const text of ['@admin', 'a #1', 'GH-1', 'a/b#2', 'see b81e77d', ':tada:', '$x$', 'www.a', 'https://a']) {
  test(`a reference is seen: ${text}`, async () => {
    assert.equal(referencesIn([text]).length, 1)
    await show(`x \`${text}\``)
    assert.deepEqual(referencesIn(await reader.ask<string[]>('prose()')), [])
  })
}

test('text that is wider than the page is seen', async () => {
  await show('| a |\n| --- |\n| ' + 'b'.repeat(300) + ' |\n\n```\n' + 'c'.repeat(300) + '\n```')
  assert.deepEqual(await reader.ask('overflows()'), [])
  assert.equal((await reader.ask<string[]>('cutTables()')).length, 1)
  await reader.show(`<p><span style="white-space:nowrap">${'wide '.repeat(100)}</span></p>`, 'comment')
  assert.notDeepEqual(await reader.ask('overflows()'), [])
})

for (const text of ['\\*\\*a**', 'a \\```', '&lt;details>', '| a |\n| --- |', '&amp;lt;', '`&lt;`', '\\[a](b)']) {
  test(`markup that is none is seen: ${text}`, async () => {
    await show(`x ${text}`)
    assert.equal((await reader.ask<string[]>('markup()')).length, 1)
  })
}

test('a folded part without content is seen', async () => {
  await show('<details><summary>a</summary></details>')
  assert.equal((await reader.ask<string[]>('open()')).length, 1)
})

test('a diagram is drawn, and one that cannot be is seen', async () => {
  await show('```mermaid\ngantt\n  dateFormat X\n  axisFormat %S\n  section a\n    b :0, 5\n```')
  assert.deepEqual(reader.trouble(), [])
  assert.deepEqual(await reader.ask('overflows()'), [])
  await show('```mermaid\ngantt\n  nonsense here :::\n  ]]\n```')
  assert.equal(reader.trouble().length, 1)
})

test('what a page asks of the network is seen', async () => {
  await reader.show('<img src="https://evil.example/x.png">', 'comment')
  assert.match(reader.trouble().join('\n'), /asks for https:\/\/evil\.example/)
})
