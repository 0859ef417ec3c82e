import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { renderLikeGitHub } from './github.ts'
import { type GoldenFile, goldenFiles } from './golden-files.ts'
import { openReader, type Reader, type Theme, themes, widths } from './page.ts'

/** The pictures that README and documentation show, by the golden file that they are of. */
const images: readonly (readonly [golden: string, image: string])[] = [
  ['comment-rolled-back', 'rolled-back'],
  ['comment-rollback-failed', 'rollback-failed'],
  ['comment-recovered', 'recovered'],
]

/** Draws the pictures of the documentation, each light and dark. */
export async function drawImages(folder: string): Promise<void> {
  const files = new Map(goldenFiles().map((file) => [file.name, file]))
  await withReader(async (reader) => {
    for (const [golden, image] of images) {
      const file = files.get(golden)
      if (file === undefined) throw new Error(`there is no golden file ${golden}`)
      for (const theme of themes) await draw(reader, { file, theme, width: 820 }, join(folder, `${image}-${theme}.png`))
    }
  })
}

/** Draws the golden files whose name matches in every way, with all folded parts open too, to be looked at. */
export async function drawAll(folder: string, pattern: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  await withReader(async (reader) => {
    for (const file of goldenFiles().filter(({ name }) => new RegExp(pattern).test(name)))
      for (const theme of themes)
        for (const width of widths) {
          const path = join(folder, `${file.name}-${theme}-${String(width)}`)
          await draw(reader, { file, theme, width }, `${path}.png`)
          await reader.ask('open()')
          await reader.screenshot(`${path}-open.png`)
        }
  })
}

interface View {
  readonly file: GoldenFile
  readonly theme: Theme
  readonly width: number
}

async function draw(reader: Reader, { file, theme, width }: View, path: string): Promise<void> {
  await reader.show(renderLikeGitHub(file.markdown, file.place).html, file.place)
  await reader.look(theme, width)
  await reader.screenshot(path)
  console.log(path)
}

async function withReader(work: (reader: Reader) => Promise<void>): Promise<void> {
  const reader = await openReader()
  try {
    await work(reader)
  } finally {
    await reader.close()
  }
}
