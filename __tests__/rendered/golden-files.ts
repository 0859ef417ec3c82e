import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import type { Place } from './github.ts'

/** A comment or summary as it must look. */
export interface GoldenFile {
  /** `comment-rolled-back` */
  readonly name: string
  readonly place: Place
  readonly markdown: string
}

/** All golden files, by name. */
export function goldenFiles(): GoldenFile[] {
  const folder = new URL('../golden/', import.meta.url).pathname
  return globSync(`${folder}*.md`)
    .sort()
    .map((file) => {
      const name = basename(file, '.md')
      return { name, place: name.startsWith('summary') ? 'summary' : 'comment', markdown: readFileSync(file, 'utf8') }
    })
}
