import assert from 'node:assert/strict'
import { test } from 'node:test'
import { referencesIn, renderLikeGitHub } from './github.ts'
import { goldenFiles } from './golden-files.ts'
import { sharedReader, themes, widths } from './page.ts'

/** What a phone shows of a page at once (390 × 844), without GitHub's own bars and the head of the comment. */
const firstScreen = 700

const reader = sharedReader()

for (const { name, place, markdown } of goldenFiles()) {
  test(`${name} reads well`, async () => {
    await reader.show(renderLikeGitHub(markdown, place).html, place)
    assert.deepEqual(referencesIn(await reader.ask<string[]>('prose()')), [])
    for (const theme of themes) {
      for (const width of widths) {
        const where = `${theme}, ${String(width)} px`
        await reader.look(theme, width)
        assert.deepEqual(await faults(), [], where)
        const end = await reader.ask<number | null>('nextEnds()')
        assert.ok(end === null || end <= firstScreen, `${where}: what to do next ends at ${String(end)} px`)
        assert.deepEqual(await reader.ask('open()'), [], where)
        assert.deepEqual(await faults(), [], `${where}, all open`)
        await reader.ask('close()')
      }
    }
    assert.deepEqual(reader.trouble(), [])
  })
}

async function faults(): Promise<string[]> {
  const rules = ['overflows()', 'cutTables()', 'markup()']
  return (await Promise.all(rules.map((rule) => reader.ask<string[]>(rule)))).flat()
}
