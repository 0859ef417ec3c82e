// The ways in which the demo's second deploy can go wrong, as values of the chart.

export type Failure = { says: string; values: string; takes: string }

/** By the name that `npm run demo -- NAME` takes. */
export const failures: Record<string, Failure> = {
  crash: {
    says: 'its container crashes at start',
    values: 'crash: true',
    takes: 'about 35 s, since a crash loop needs three crashes',
  },
  image: {
    says: 'its image does not exist',
    values: 'image:\n  repository: registry.nowhere.invalid/shop\n  tag: b81e77d',
    takes: 'about 25 s',
  },
  config: {
    says: 'it reads a key that its ConfigMap does not have',
    values: 'configKey: farewell',
    takes: 'about 55 s, since a missing key may still appear',
  },
  migration: {
    says: 'its migration fails, and Helm deletes the Job at once',
    values: 'migrate:\n  run: fail\n  takes: 1s',
    takes: 'about 6 s',
  },
}
