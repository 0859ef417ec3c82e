import { existsSync } from 'node:fs'
import { which } from '../testbed/host.ts'
import { installMissing } from '../testbed/apt.ts'

/** What draws the page, what reads Markdown as GitHub does, and fonts: Debian's, so that all need no download of their own. */
const needed: readonly (readonly [debianPackage: string, isThere: () => boolean])[] = [
  ['chromium', () => which('chromium') !== undefined],
  ['cmark-gfm', () => which('cmark-gfm') !== undefined],
  ['fonts-liberation', () => existsSync('/usr/share/fonts/truetype/liberation')],
  ['fonts-noto-color-emoji', () => existsSync('/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf')],
]

/** Installs the Debian packages that are missing; does nothing when all are there. */
export async function ensureChromium(): Promise<void> {
  await installMissing(() => needed.flatMap(([name, isThere]) => (isThere() ? [] : [name])))
}
