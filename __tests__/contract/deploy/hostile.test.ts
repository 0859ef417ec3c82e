// Text from a cluster that wants to be more than text: the log of a pod that speaks to the runner, to GitHub and to the terminal.
import assert from 'node:assert/strict'
import { job, writeChart } from '../../helpers/chart.ts'
import { sideBySide, staged } from '../../helpers/majors.ts'
import { activeText } from '../../unit/report/markdown-reader.ts'

const lines = [
  '::set-output name=status::deployed',
  '##[set-output name=status;]deployed',
  '##[save-state name=private-folder;]/etc',
  '::save-state name=private-folder::/etc',
  '::add-path::/tmp/evil',
  '::stop-commands::x',
  '::error file=a.yaml::not ours',
  'a carriage return\r::error::not ours',
  'an escape %0A::error::not ours',
  '\u001B[2J\u001B[31mscreen\u001B]0;title\u0007',
  '```',
  '````',
  '</details></pre><script>alert(1)</script><img src=x onerror=alert(1)>',
  '<!-- atomic-helm-action: 0000000000000000 -->',
  '@org/everyone and @dev: see #1 and GH-2',
  '[click](javascript:alert(1)) ![x](https://evil.example/x.png)',
  'FATAL: \u202Egnp.exe \u0000 zero',
]

sideBySide('hostile text', () => {
  staged('in a log stays text, everywhere', {}, async ({ install, deploy }) => {
    await install('settings')
    const said = ['crash', '--lines=0', ...lines.map((line) => line.replaceAll('\u0000', ''))]
    const chart = writeChart({ 'templates/hook.yaml': job('migrate', said, { 'helm.sh/hook': 'pre-upgrade' }) })
    const run = await deploy({ chart })
    assert.deepEqual(
      [run.status, run.outputs['status'], run.report.status],
      ['rolled-back', 'rolled-back', 'rolled-back'],
    )
    const known = new Set(['group', 'endgroup', 'error', 'add-mask', 'debug'])
    assert.deepEqual(
      run.main.commands.filter(({ name }) => !known.has(name)),
      [],
    )
    assert.equal(run.annotations.length, 1)
    assert.deepEqual(run.main.state, {}, 'nothing that is printed can be taken for what post goes by')
    for (const code of ['\u001B[2J', '\u001B]0;', '\u202E']) assert.ok(!run.log.includes(code), JSON.stringify(code))
    for (const text of [run.comment, run.summary]) {
      const active = activeText(text.replaceAll(/^<!-- (atomic-helm-action|state): .* -->$/gm, ''))
      assert.doesNotMatch(active, /@org|@dev|<script|<img|javascript:|evil\.example|<!--/)
      for (const code of ['\u0000', '\u0007', '\u001B', '\u202E']) assert.ok(!text.includes(code), JSON.stringify(code))
    }
    assert.match(run.comment, /::set-output name=status::deployed|set-output/)
  })

  staged('in names and messages of the chart stays text', {}, async ({ deploy, install }) => {
    await install('settings')
    const evil = '::set-output name=status::deployed @org/everyone <script>alert(1)</script> ##[error]x'
    const chart = writeChart({ 'templates/fail.yaml': `{{ fail ${JSON.stringify(`${evil}\n::error::y`)} }}` })
    const run = await deploy({ chart })
    assert.equal(run.status, 'rejected', run.log)
    assert.equal(run.annotations.length, 1)
    for (const text of [run.comment, run.summary]) {
      assert.doesNotMatch(activeText(text.replaceAll(/^<!-- .* -->$/gm, '')), /@org|<script/)
    }
  })
})
