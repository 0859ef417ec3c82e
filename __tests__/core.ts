/** What decides, as functions over plain data (CONTRIBUTING.md, "Deciding is pure"). */
const folders = /^__tests__\/unit\/(?:health|release|deploy|inputs|places|report)\//

/** These try hundreds of stories or hostile texts, and take longer than all others together; the last two write files. */
export const notCore: ReadonlySet<string> = new Set(
  [
    'health/bad-node',
    'health/change',
    'health/disturbed',
    'health/disturbed-recordings',
    'health/memory',
    'health/missing-fields',
    'release/record',
    'report/budgets',
    'report/changes',
    'report/hostile',
    'deploy/explain',
    'inputs/files',
  ].map((name) => `__tests__/unit/${name}.test.ts`),
)

/** Whether a test file, by its path from the root, is one of those that tell in two seconds whether what decides still decides so. */
export function isCore(path: string): boolean {
  const name = path.replaceAll('\\', '/')
  return folders.test(name) && !notCore.has(name)
}
