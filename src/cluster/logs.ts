import type { ClusterClient } from './client.ts'
import { withQuery } from './watch.ts'
import type { Pod } from './types.ts'

const keptLines = 60
const maxBytes = 256 * 1024
/** Twice in the time that evidence may take: an answer that never comes may come when it is asked for anew. */
const logTimeoutMs = 8000
/** What a node says in place of a log that is gone, with a 200 (kubelet kuberuntime_container.go and logs.go). */
const nodeHasNone =
  /^(unable to retrieve container logs for |failed to try resolving symlinks in path "|failed to open log file ").*\n?$/
/** A chatty process writes thousands of lines a second; telling each would cost more than it tells. */
const tellEveryMs = 1000

/** The last lines of a container's log: of its present instance, or of the one before its last restart; none when the node has none. */
export async function readLog(
  client: ClusterClient,
  pod: Pod,
  container: string,
  previous: boolean,
  signal: AbortSignal,
): Promise<string[]> {
  const query = {
    container,
    tailLines: String(keptLines),
    limitBytes: String(maxBytes),
    ...(previous ? { previous: 'true' } : {}),
  }
  const text = await client.text(withQuery(logPath(pod), query), {
    timeoutMs: logTimeoutMs,
    accept: '*/*',
    signal,
  })
  return nodeHasNone.test(text) ? [] : toLines(text)
}

/** Follows a container's log from its beginning and tells the lines kept so far, at most once a second and at the end. */
export async function followLog(
  client: ClusterClient,
  pod: Pod,
  container: string,
  signal: AbortSignal,
  onLines: (lines: readonly string[]) => void,
): Promise<void> {
  const kept: string[] = []
  let timer: NodeJS.Timeout | undefined
  const tell = (): void => {
    timer = undefined
    onLines(kept.slice())
  }
  try {
    for await (const line of client.lines(withQuery(logPath(pod), { container, follow: 'true' }), signal)) {
      if (kept.length === 0 && nodeHasNone.test(line)) continue
      kept.push(line.slice(0, 4000))
      if (kept.length > keptLines) kept.shift()
      timer ??= setTimeout(tell, tellEveryMs).unref()
    }
  } finally {
    clearTimeout(timer)
    if (timer) tell()
  }
}

function logPath(pod: Pod): string {
  return `/api/v1/namespaces/${encodeURIComponent(pod.metadata.namespace ?? 'default')}/pods/${encodeURIComponent(pod.metadata.name)}/log`
}

function toLines(text: string): string[] {
  const lines = text.split(/\r?\n/)
  if (lines.at(-1) === '') lines.pop()
  return lines.map((line) => line.slice(0, 4000))
}
