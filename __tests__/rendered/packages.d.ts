// The part of the packages that is used here: they are not installed when `npm run check` reads this.

declare module 'unified' {
  export function unified(): Processor
  interface Processor {
    use(plugin: unknown, options?: object): Processor
    parse(text: string): unknown
    runSync(tree: unknown): unknown
    stringify(tree: unknown): string
  }
}
declare module 'rehype-parse'
declare module 'rehype-stringify'
declare module 'rehype-sanitize' {
  const sanitize: unknown
  // oxlint-disable-next-line import/no-default-export -- as the package does
  export default sanitize
  export const defaultSchema: object
}
declare module 'playwright-core' {
  export const chromium: { launchPersistentContext(folder: string, options: object): Promise<BrowserContext> }
  export interface BrowserContext {
    newPage(): Promise<Page>
    route(url: string, handler: (route: Route) => Promise<void>): Promise<void>
    close(): Promise<void>
  }
  interface Route {
    abort(): Promise<void>
    request(): { url(): string }
  }
  export interface Page {
    on(event: 'console', listener: (message: { type(): string; text(): string }) => void): void
    on(event: 'pageerror', listener: (error: Error) => void): void
    setContent(html: string): Promise<void>
    addScriptTag(script: { path: string }): Promise<unknown>
    evaluate(expression: string): Promise<unknown>
    emulateMedia(media: { colorScheme: 'light' | 'dark' }): Promise<void>
    setViewportSize(size: { width: number; height: number }): Promise<void>
    screenshot(options: { path: string; fullPage: boolean; clip: object }): Promise<unknown>
  }
}
