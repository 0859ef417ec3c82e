// Runs the stand-in by itself, for the demo: prints its address, ends on SIGINT or SIGTERM; GET /_state dumps what it holds.
import { startGitHub } from './server.ts'
import { installation } from './world.ts'
import { pullRequestEvent } from '../event.ts'

const repo = process.argv[2] ?? 'org/shop'
const token = process.argv[3] ?? 'demo-token'
const { number, headRef, headSha } = pullRequestEvent(repo)
const github = await startGitHub({
  repo,
  pulls: [{ number, head: { ref: headRef, sha: headSha } }],
  tokens: { [token]: installation() },
})
console.log(github.url)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void github.close())
