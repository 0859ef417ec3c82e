// A browser with one page that looks like GitHub's. It is offline: whatever the page asks for is a fault.
import { readFileSync } from 'node:fs'
import { after } from 'node:test'
import { chromium, type Page } from 'playwright-core'
import { temporaryDirectory } from '../helpers/temporary.ts'
import type { Place } from './github.ts'

/** Flags without which Chromium does not start as root, or talks to the network by itself. */
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export const themes = ['light', 'dark'] as const
export type Theme = (typeof themes)[number]
/** A laptop's column of comments, and a phone. */
export const widths = [980, 390] as const

type Clip = { readonly x: number; readonly y: number; readonly width: number; readonly height: number }

/** One page of a browser; `trouble` collects what the console says and what is asked of the network. */
export interface Reader {
  /** Shows HTML in the place of a comment or a summary; with diagrams drawn where it has some. */
  readonly show: (html: string, place: Place) => Promise<void>
  /** Sets colours and width. */
  readonly look: (theme: Theme, width: number) => Promise<void>
  /** Calls a function of `in-page.js`. */
  readonly ask: <T>(expression: string) => Promise<T>
  readonly screenshot: (path: string) => Promise<void>
  /** Takes what went wrong since the last time. */
  readonly trouble: () => string[]
  readonly close: () => Promise<void>
}

/** Starts Chromium with a page of its own. */
export async function openReader(): Promise<Reader> {
  const context = await chromium.launchPersistentContext(temporaryDirectory('chromium'), {
    executablePath: '/usr/bin/chromium',
    headless: true,
    args: flags,
    deviceScaleFactor: 2,
  })
  let trouble: string[] = []
  await context.route('**/*', async (route) => {
    trouble.push(`asks for ${route.request().url().slice(0, 200)}`)
    await route.abort()
  })
  const page = await context.newPage()
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) trouble.push(`console: ${message.text()}`)
  })
  page.on('pageerror', (error) => trouble.push(`error in the page: ${error.message}`))
  let drawn = false
  return {
    show: async (html, place) => {
      await page.setContent(document(html, place))
      await page.addScriptTag({ path: fileOf('in-page.js') })
      drawn = html.includes('language-mermaid')
      if (drawn) await page.addScriptTag({ path: fileOf('node_modules/mermaid/dist/mermaid.min.js') })
    },
    look: async (theme, width) => {
      await page.setViewportSize({ width, height: 844 })
      await page.emulateMedia({ colorScheme: theme })
      if (drawn) trouble.push(...(await ask<string[]>(page, `draw('${theme === 'dark' ? 'dark' : 'default'}')`)))
    },
    ask: (expression) => ask(page, expression),
    screenshot: async (path) => {
      await page.screenshot({ path, fullPage: true, clip: await ask<Clip>(page, 'box()') })
    },
    trouble: () => {
      const taken = trouble
      trouble = []
      return taken
    },
    close: () => context.close(),
  }
}

/** One reader for all tests of a file, which starts when the first of them uses it, and ends with the last. */
export function sharedReader(): Omit<Reader, 'close'> {
  let opened: Promise<Reader> | undefined
  let taken = (): string[] => []
  const reader = async (): Promise<Reader> => {
    const open = await (opened ??= openReader())
    taken = open.trouble
    return open
  }
  after(async () => (await opened)?.close())
  return {
    show: async (...args) => (await reader()).show(...args),
    look: async (...args) => (await reader()).look(...args),
    ask: async (expression) => (await reader()).ask(expression),
    screenshot: async (path) => (await reader()).screenshot(path),
    trouble: () => taken(),
  }
}

async function ask<T>(page: Page, expression: string): Promise<T> {
  return (await page.evaluate(`inPage.${expression}`)) as T
}

function fileOf(name: string): string {
  return new URL(name, import.meta.url).pathname
}

const markdownStyle = readFileSync(fileOf('node_modules/github-markdown-css/github-markdown.css'), 'utf8')

/** What surrounds the article on GitHub: fonts, the box of a comment, no frame for the summary. */
const pageStyle = `
body { margin: 0; padding: 16px; }
.box { border: 1px solid #d1d9e0; border-radius: 6px; padding: 16px; background: #fff; }
.comment article { font-size: 14px; }
.box article { background: transparent; word-wrap: break-word; }
.diagram { overflow: auto; }
@media (prefers-color-scheme: dark) {
  body { background: #0d1117; }
  .box { border-color: #3d444d; background: #0d1117; }
}
`

function document(html: string, place: Place): string {
  return `<!DOCTYPE html><html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<style>${markdownStyle}${pageStyle}</style></head>
<body><div class="box ${place}"><article class="markdown-body">${html}</article></div></body></html>`
}
