// The versions the testbed runs. A change here builds the new version into a new place in the cache.
export const versions = {
  kubernetes: '1.36.3',
  helm3: '3.22.0',
  helm4: '4.3.1',
  /** The oldest that the action supports; only what is about it needs it. */
  helmOldest: '3.14.4',
  act: '0.2.89',
  actionlint: '1.7.12',
} as const

// Part of every cache key: raise it when the flags given to the Go compiler change.
export const buildRecipe = 1
