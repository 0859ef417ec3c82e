import type { HelmTarget } from '../helm/argv.ts'
import { shellWord } from '../platform/untrusted.ts'
import type { Drift } from '../report/model.ts'

/** The commands with which a person removes what differs. Most names are safe in a shell, but those of roles may hold nearly anything. */
export function driftCommands(drifts: readonly Drift[], { release, namespace }: HelmTarget): string[] {
  const left = drifts.filter(({ kind }) => kind === 'left-over')
  const isUnlike = drifts.some(({ kind }) => kind === 'missing' || kind === 'changed')
  return [
    ...left.map(({ object }) => {
      const where = object.namespace === '' ? '' : ` -n ${object.namespace}`
      const end = object.name.startsWith('-') ? ' --' : ''
      return `kubectl${where} delete ${object.kind.toLowerCase()}${end} ${shellWord(object.name)}`
    }),
    ...(isUnlike ? [`helm -n ${namespace} get manifest ${release} | kubectl -n ${namespace} apply -f -`] : []),
  ]
}
