import { uninstallArguments } from '../helm/argv.ts'
import { isPassingFault } from '../helm/errors.ts'
import { confirmLock, runHelm, type Session } from './session.ts'

const longestPauseMs = 8000

/** Uninstalls, as often as it takes when the connection fails, until the deadline (ms, our clock); gives Helm's error, empty when it is done. */
export async function uninstall(session: Session, keepHistory: boolean, deadline: number): Promise<string> {
  const { target, clock, log, storage, stop } = session
  log.line(`uninstalling ${target.release}`)
  for (let pauseMs = 500; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    const blind = await confirmLock(session)
    const timeoutMs = Math.max(1000, deadline - clock.now())
    const args = uninstallArguments(target, timeoutMs, keepHistory)
    const error = blind || (await runHelm(session, 'uninstall', args)).error
    if (!error) return ''
    const last = await storage.list().then(
      ({ entries }) => entries.at(-1),
      () => 'unknown' as const,
    )
    // An attempt whose end nobody saw: the release is gone, and the check that follows tells whether its objects are.
    if (last === undefined || (last !== 'unknown' && last.status === 'uninstalled')) return ''
    if ((!blind && !isPassingFault(error, target.namespace)) || clock.now() + pauseMs >= deadline) return error
    log.line(`the uninstall was cut off, tried again in ${pauseMs / 1000} s: ${error}`, 'caution')
    await clock.sleep(pauseMs, stop)
  }
}
