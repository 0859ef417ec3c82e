import type { HelmTarget } from '../helm/argv.ts'
import type { Drift } from '../report/model.ts'

/** The commands with which a person removes what differs; names come from the API, so they are safe in a shell. */
export function driftCommands(drifts: readonly Drift[], { release, namespace }: HelmTarget): string[] {
  const left = drifts.filter(({ kind }) => kind === 'left-over')
  const isUnlike = drifts.some(({ kind }) => kind === 'missing' || kind === 'changed')
  return [
    ...left.map(({ object }) => {
      const where = object.namespace === '' ? '' : ` -n ${object.namespace}`
      return `kubectl${where} delete ${object.kind.toLowerCase()} ${object.name}`
    }),
    ...(isUnlike ? [`helm -n ${namespace} get manifest ${release} | kubectl -n ${namespace} apply -f -`] : []),
  ]
}
