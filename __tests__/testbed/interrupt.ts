/** Has this process clear up when it is interrupted, and then end with 130 as shells do; gives what takes that back. */
export function onInterrupt(clearUp: () => Promise<unknown>): () => void {
  const signals = ['SIGINT', 'SIGTERM'] as const
  const interrupt = (): void => void clearUp().finally(() => process.exit(130))
  for (const signal of signals) process.once(signal, interrupt)
  return () => {
    for (const signal of signals) process.off(signal, interrupt)
  }
}
