/** What decides, without files, processes and clocks (CONTRIBUTING.md, "Deciding is pure"). */
const folders = /^__tests__\/unit\/(?:health|release|deploy|inputs|places|report)\//

/** These try hundreds of stories or hostile texts, and take longer than all others together. */
const thorough =
  /\/(?:bad-node|change|disturbed|disturbed-recordings|missing-fields|record|memory|budgets|hostile|changes)\.test\.ts$/

/** Whether a test file, by its path from the root, is one of those that tell in two seconds whether what decides still decides so. */
export function isCore(path: string): boolean {
  const name = path.replaceAll('\\', '/')
  return folders.test(name) && !thorough.test(name)
}
