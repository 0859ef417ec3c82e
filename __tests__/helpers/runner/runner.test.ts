// The fake runner keeps the real one's rules.
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { runAction } from '../runner.ts'
import { temporaryDirectory } from '../temporary.ts'
import { findCommands, splitLines } from './commands.ts'
import { parsePairs } from './files.ts'

function action(main: string, post?: string): string {
  const directory = temporaryDirectory('action')
  mkdirSync(join(directory, 'dist'))
  writeFileSync(
    join(directory, 'action.yml'),
    [
      'inputs:',
      '  chart-version: { default: 1.x }',
      '  github-token: { default: "${{ github.token }}" }',
      'runs:',
      '  using: node24',
      '  main: dist/main.js',
      ...(post === undefined ? [] : ['  post: dist/post.js']),
    ].join('\n'),
  )
  writeFileSync(join(directory, 'dist/package.json'), '{"type":"module"}')
  writeFileSync(join(directory, 'dist/main.js'), `import fs from 'node:fs'; const e = process.env; ${main}`)
  if (post !== undefined) writeFileSync(join(directory, 'dist/post.js'), `const e = process.env; ${post}`)
  return directory
}

test('inputs, outputs, state, summary and annotations go as in a real step', async () => {
  const run = await runAction({
    action: action(
      `fs.appendFileSync(e.GITHUB_OUTPUT, 'inputs<<E\\n' + e['INPUT_CHART-VERSION'] + ' ' + e['INPUT_GITHUB-TOKEN'] + '\\n' + e.INPUT_RELEASE + '\\nE\\n');
       fs.appendFileSync(e.GITHUB_STATE, 'revision=7\\n');
       fs.appendFileSync(e.GITHUB_STEP_SUMMARY, '# Done\\n');
       console.log('::error title=Deploy::first%0Asecond'); console.error('::add-mask::hunter2');
       process.exitCode = 3`,
      'console.log("revision " + e.STATE_revision)',
    ),
    inputs: { release: 'shop' },
    token: 'secret-token',
  })
  assert.equal(run.outputs['inputs'], '1.x secret-token\nshop')
  assert.equal(run.exitCode, 3)
  assert.equal(run.conclusion, 'failure')
  assert.equal(run.summary, '# Done\n')
  assert.deepEqual(run.annotations, [{ level: 'error', title: 'Deploy', message: 'first\nsecond' }])
  assert.deepEqual(run.masks, ['hunter2'])
  assert.deepEqual(run.post?.lines, ['revision 7'])
})

test('the environment is bare and processor time counts children', async () => {
  const burn = 'while (process.cpuUsage().user < 300_000);'
  const run = await runAction({
    action: action(
      `import { execFileSync } from 'node:child_process';
       execFileSync(process.execPath, ['-e', ${JSON.stringify(burn)}]);
       console.log(Object.keys(e).filter((name) => !/^(GITHUB|RUNNER|INPUT)_/.test(name)).sort().join())`,
    ),
  })
  assert.equal(run.log, 'CI,HOME,LANG,PATH')
  assert.ok(run.cpuSeconds > 0.25 && run.cpuSeconds < 3, String(run.cpuSeconds))
})

test('a cancelled step gets SIGINT and post still runs; what is left running is reported and ended', async () => {
  const run = await runAction({
    action: action(
      `import { spawn } from 'node:child_process';
       spawn('sleep', ['60'], { detached: true, stdio: 'ignore' }).unref();
       process.on('SIGINT', () => { console.log('interrupted'); process.exit(1) });
       console.log('ready'); setInterval(() => {}, 1000)`,
      'console.log("post")',
    ),
    cancelWhen: (line) => line === 'ready',
  })
  assert.equal(run.conclusion, 'cancelled')
  assert.deepEqual(splitLines(run.log), ['ready', 'interrupted', 'post'])
  assert.deepEqual(
    run.orphans.map(({ command }) => command),
    ['sleep 60'],
  )
})

test('a step that does not leave gets SIGTERM and is killed, and nothing else is', async () => {
  const run = await runAction({
    action: action(
      `import { spawn } from 'node:child_process';
       spawn('sleep', ['61'], { detached: true, stdio: 'ignore' }).unref();
       for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => console.log(name));
       console.log('ready'); setInterval(() => {}, 1000)`,
      'console.log("post")',
    ),
    cancelWhen: (line) => line === 'ready',
  })
  assert.deepEqual(splitLines(run.log), ['ready', 'SIGINT', 'SIGTERM', 'post'])
  assert.deepEqual(run.main.signals, ['SIGINT', 'SIGTERM', 'SIGKILL'])
  assert.ok(Math.abs((run.afterCancelMs ?? 0) - 10_000) < 500, String(run.afterCancelMs))
  assert.equal(run.orphans.length, 1)
})

test('a second cancel is one more SIGINT, to post when main has left', async () => {
  const post = `process.on('SIGINT', () => console.log('post interrupted'));
    console.log('post'); setTimeout(() => process.exit(), 400)`
  const run = await runAction({
    action: action("console.log('ready'); setInterval(() => {}, 1000)", post),
    cancelWhen: { outside: () => true },
    cancelTwiceWhen: (line) => line === 'post',
  })
  assert.deepEqual(splitLines(run.log).slice(-2), ['post', 'post interrupted'])
  assert.deepEqual([run.main.signals, run.post?.signals], [['SIGINT'], ['SIGINT']])
})

test('children of a killed step live until the job ends, or die with it, as told', async () => {
  const spawning = `import { spawn } from 'node:child_process';
    spawn('sleep', ['62'], { detached: true, stdio: 'ignore' }).unref();
    console.log('ready'); setInterval(() => {}, 1000)`
  const killWhen = { when: (line: string) => line === 'ready', who: 'node' as const }
  const run = await runAction({ action: action(spawning, 'console.log("post")'), killWhen })
  assert.deepEqual([run.exitCode, run.conclusion, run.orphans.length], [137, 'failure', 1])
  assert.deepEqual(splitLines(run.log), ['ready', 'post'])
  const other = await runAction({ action: action(spawning, 'console.log("post")'), killWhen, childrenDie: true })
  assert.deepEqual([splitLines(other.log), other.orphans], [['ready', 'post'], []])
})

test('Helm is killed by its name, and a lost runner runs no post', async () => {
  const helm = join(temporaryDirectory('helm'), 'helm')
  writeFileSync(helm, '#!/bin/sh\nexec -a helm sleep 63\n'.replace('sh', 'bash'), { mode: 0o755 })
  const run = await runAction({
    action: action(
      `import { spawn } from 'node:child_process';
       const child = spawn(${JSON.stringify(helm)}, { argv0: 'helm', detached: true, stdio: 'ignore' });
       child.on('exit', (code, signal) => { console.log('helm: ' + signal); process.exit(1) });
       setTimeout(() => console.log('ready'), 200)`,
      'console.log("post")',
    ),
    killWhen: { when: (line) => line === 'ready', who: 'helm' },
    noPost: true,
  })
  assert.deepEqual(splitLines(run.log), ['ready', 'helm: SIGKILL'])
  assert.equal(run.post, undefined)
})

test('post sees state that was only printed, but the file wins', async () => {
  const run = await runAction({
    action: action(
      `fs.appendFileSync(e.GITHUB_STATE, 'kept=file\\n');
       console.log('::save-state name=kept::printed'); console.log('x ##[save-state name=forged;]printed')`,
      'console.log(e.STATE_kept + " " + e.STATE_forged)',
    ),
  })
  assert.deepEqual(run.post?.lines, ['file printed'])
})

test('post has what is left of the time after a cancel, and can be cut off', async () => {
  const [main, post] = [
    "console.log('ready'); setInterval(() => {}, 1000)",
    'console.log("post"); setInterval(() => {}, 1000)',
  ]
  const cancelWhen = (line: string): boolean => line === 'ready'
  const limited = await runAction({ action: action(main, post), cancelWhen, cancelLimitMs: 1500 })
  assert.deepEqual([limited.post?.exitCode, limited.post?.signals], [137, ['SIGKILL']])
  const cut = await runAction({ action: action(main, post), cancelWhen, postKillAfterMs: 800 })
  assert.deepEqual([cut.post?.lines, cut.post?.signals], [['post'], ['SIGKILL']])
})

test('commands are found where the runner finds them', () => {
  const lines = splitLines(
    [
      '  ::warning file=a%2Cb,line=2::indented counts',
      'text ::error::in the middle does not',
      'log says ##[error]old form does, anywhere',
      'progress\r::notice::after a carriage return too',
      '::unknown::no such command',
      '::stop-commands::token',
      '::error::stopped',
      '::token::',
      '::group::open',
    ].join('\n'),
  )
  const found = findCommands(lines)
  assert.deepEqual(
    found.map(({ name, data, legacy }) => [name, data, legacy]),
    [
      ['warning', 'indented counts', false],
      ['error', 'old form does, anywhere', true],
      ['notice', 'after a carriage return too', false],
      ['stop-commands', 'token', false],
      ['group', 'open', false],
    ],
  )
  assert.deepEqual(found[0]?.properties, { file: 'a,b', line: '2' })
})

test('file commands that the runner refuses are problems', () => {
  assert.deepEqual(parsePairs('a=1\nb<<X\n1\n\n2\nX\nc=<<d\n'), { values: { a: '1', b: '1\n\n2', c: '<<d' } })
  assert.match(parsePairs('b<<X\n1\n').problem ?? '', /delimiter not found/)
  assert.match(parsePairs('nonsense\n').problem ?? '', /Invalid format/)
})
