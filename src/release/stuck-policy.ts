/** What becomes of a release that a dead run left behind: input `on-stuck`. */
export type OnStuck = 'rollback' | 'forward' | 'fail'

/** What is done with it. A recovery deploys nothing afterwards, so to go on from there would leave it as bad as it is. */
export function stuckPolicy(onStuck: OnStuck, purpose: 'deploy' | 'recover'): OnStuck {
  return onStuck === 'forward' && purpose === 'recover' ? 'rollback' : onStuck
}
