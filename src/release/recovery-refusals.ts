import type { RevisionEntry } from './record.ts'
import type { RecoveryFacts } from './recovery-facts.ts'

/** Why nothing is done, what a person can do, and the shell command for it. */
export interface Refused {
  readonly reason: string
  readonly remedy: string
  readonly command: string
}

/** The refusals of a recovery: each names the release, the reason, and the way out. */
export const refusals = { absent, unreadable, held, stuck, notRemovable, noGood }

function absent({ release, namespace, storedIn }: RecoveryFacts): Refused {
  return {
    reason: `There is no release "${release}" in the namespace "${namespace}", so there is nothing to recover`,
    remedy:
      'Check `release` and `namespace`; if its history was deleted, bring it back from a backup, or remove the objects and deploy anew',
    command: `kubectl -n ${namespace} get ${storedIn} -l owner=helm,name=${release}`,
  }
}

function unreadable(facts: RecoveryFacts, entry: RevisionEntry, why: string): Refused {
  const { release, namespace, storedIn, good } = facts
  const object = `${storedIn} ${entry.name}`
  const next = good ? `rollback ${release} ${good.revision} --wait` : `history ${release}`
  const then = good ? `go back to revision ${good.revision}, the last good one` : 'see what is left of the history'
  return {
    reason: `Revision ${entry.revision} of the release "${release}" (${entry.status}) is lost: ${why}`,
    remedy: `Helm does not see it and cannot write another in its place. Keep a copy, delete it and ${then}; what only this revision has made stays in the cluster`,
    command: [
      `kubectl -n ${namespace} get ${object} -o yaml > ${entry.name}.yaml`,
      `kubectl -n ${namespace} delete ${object}`,
      `helm -n ${namespace} ${next}`,
    ].join(' && '),
  }
}

function held(facts: RecoveryFacts, entry: RevisionEntry, who: string, until: number | null): Refused {
  const wait =
    until === null
      ? 'When it was begun is not known, so it is never taken for dead'
      : `Let it end; at ${new Date(until).toISOString()} it can be taken for dead`
  const command = freeing(facts, entry)
  const way = command.includes(' uninstall ') ? ' and it may go, remove it' : ', free it'
  return {
    reason: `The release "${facts.release}" is locked: revision ${entry.revision} is ${entry.status}, and ${who} may still work on it`,
    remedy: `${wait}. If nothing works on it any more${way}`,
    command,
  }
}

function stuck(facts: RecoveryFacts, entry: RevisionEntry, why: string): Refused {
  return {
    reason: `The release "${facts.release}" is stuck: ${why}`,
    remedy: '`on-stuck: fail` leaves it to you: free it, or set `on-stuck: rollback`',
    command: freeing(facts, entry),
  }
}

function notRemovable(facts: RecoveryFacts, why: string, obstacles: readonly string[]): Refused {
  const { release, namespace, purpose, skipped, storedIn } = facts
  const look =
    skipped.length > 0
      ? `kubectl -n ${namespace} get ${storedIn} -l owner=helm,name=${release}`
      : `helm -n ${namespace} get manifest ${release} | kubectl -n ${namespace} get -f -`
  const over = purpose === 'deploy' ? ', or set `on-stuck: forward` to deploy over it' : ''
  return {
    reason: `The release "${release}" can neither be rolled back nor removed: ${why}; ${obstacles.join('; ')}`,
    remedy: `Look at what it has (\`${look}\`) and remove it if all of that may go${over}`,
    command: `helm -n ${namespace} uninstall ${release} --wait`,
  }
}

function noGood({ release, namespace, entries }: RecoveryFacts, status: string): Refused {
  const newest = entries.at(-1)?.revision ?? 0
  return {
    reason: `The release "${release}" has no good revision: the newest, ${newest}, is ${status}, and newer ones may have been deleted`,
    remedy: `Bring deleted revisions back from a backup, or choose one to go back to: \`helm -n ${namespace} rollback ${release} REVISION --wait\``,
    command: `helm -n ${namespace} history ${release}`,
  }
}

/** What ends an operation that nobody works on any more. */
function freeing({ release, namespace, good }: RecoveryFacts, { status }: RevisionEntry): string {
  const isGoingBack = good && status !== 'pending-install' && status !== 'uninstalling'
  return isGoingBack
    ? `helm -n ${namespace} rollback ${release} ${good.revision} --wait`
    : `helm -n ${namespace} uninstall ${release} --wait`
}
