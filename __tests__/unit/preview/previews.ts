import type { Preview } from '../../../src/preview/preview.ts'

/** The preview of pull request 7 of acme/shop. */
export const preview: Preview = {
  repository: { owner: 'acme', name: 'Shop' },
  serverUrl: 'https://github.com',
  pull: 7,
  branch: 'feature/login',
  sha: 'c'.repeat(40),
  seenAtMs: Date.parse('2026-11-20T10:00:00Z'),
}
