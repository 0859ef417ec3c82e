// What differs between Linux, macOS and Windows, for each of them on any of them.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  findProgram,
  kubeconfigFiles,
  pathFrom,
  systemOf,
  variableName,
  type FoundProgram,
} from '../../../src/platform/system.ts'
import { isAlive, runsProgram, startTicks } from '../../../src/platform/process-identity.ts'
import { privateAssignments } from '../../../src/helm/private-assignments.ts'
import { helmEnvironment } from '../../../src/prepare-helm.ts'
import { foldersUpTo } from '../../../src/preview/checkout.ts'
import { inOrder, isRemoteChart } from '../../../src/inputs/files.ts'

const linux = systemOf('linux', 'x64')
const macos = systemOf('darwin', 'arm64')
const windows = systemOf('win32', 'x64')
const systems = { linux, macos, windows }
type Name = keyof typeof systems
type Env = Record<string, string>

describe('a variable of the environment', () => {
  const rows: [Name, Env, string][] = [
    ['linux', { PATH: 'a', Path: 'b' }, 'PATH'],
    ['linux', { Path: 'b' }, 'PATH'],
    ['macos', { path: 'b' }, 'PATH'],
    ['windows', { Path: 'b' }, 'Path'],
    ['windows', { path: 'b' }, 'path'],
    ['windows', { PATH: 'a', Path: 'b' }, 'PATH'],
    ['windows', {}, 'PATH'],
  ]
  for (const [system, env, expected] of rows)
    test(`${system}: PATH in ${JSON.stringify(env)}`, () =>
      assert.equal(variableName(env, 'PATH', systems[system]), expected))
})

describe('a program on PATH', () => {
  const rows: [what: string, Name, Env, there: string[], FoundProgram][] = [
    ['the first folder wins', 'linux', { PATH: '/a:/b' }, ['/a/helm', '/b/helm'], { path: '/a/helm' }],
    ['a folder with a blank', 'macos', { PATH: '/a b:/c' }, ['/a b/helm'], { path: '/a b/helm' }],
    ['no ending', 'linux', { PATH: '/a' }, ['/a/helm.exe', '/a/helm.cmd'], null],
    ['an empty entry is not the folder that we are in', 'linux', { PATH: ':/a' }, ['helm'], null],
    ['no PATH', 'linux', {}, ['/a/helm'], null],
    ['by its ending', 'windows', { Path: 'C:\\a;D:\\b' }, ['D:\\b\\helm.exe'], { path: 'D:\\b\\helm.exe' }],
    [
      'a folder with a colon and a blank',
      'windows',
      { PATH: 'C:\\a b' },
      ['C:\\a b\\helm.exe'],
      { path: 'C:\\a b\\helm.exe' },
    ],
    [
      'a folder in quotes',
      'windows',
      { PATH: '"C:\\a b";D:\\b' },
      ['C:\\a b\\helm.exe'],
      { path: 'C:\\a b\\helm.exe' },
    ],
    ['without an ending it is none', 'windows', { PATH: 'C:\\a' }, ['C:\\a\\helm'], null],
    ['a script is told and not run', 'windows', { PATH: 'C:\\a' }, ['C:\\a\\helm.cmd'], { script: 'C:\\a\\helm.cmd' }],
    [
      'a program wins over a script',
      'windows',
      { PATH: 'C:\\a;C:\\b' },
      ['C:\\a\\helm.cmd', 'C:\\b\\helm.exe'],
      { path: 'C:\\b\\helm.exe' },
    ],
    [
      'a script by PATHEXT',
      'windows',
      { PATH: 'C:\\a', PathExt: '.PS1;.CMD' },
      ['C:\\a\\helm.cmd', 'C:\\a\\helm.ps1'],
      { script: 'C:\\a\\helm.ps1' },
    ],
    ['no script that PATHEXT leaves out', 'windows', { PATH: 'C:\\a', PATHEXT: '.EXE' }, ['C:\\a\\helm.cmd'], null],
  ]
  for (const [what, system, env, there, expected] of rows)
    test(`${system}: ${what}`, () =>
      assert.deepEqual(
        findProgram('helm', env, systems[system], (path) => there.includes(path)),
        expected,
      ))
})

describe("Helm's environment", () => {
  test('its folder comes first, in the one variable that there is, whatever its case', () => {
    assert.deepEqual(helmEnvironment({ PATH: '/a', STATE_x: '1' }, linux, '/helm'), { PATH: '/helm:/a' })
    assert.deepEqual(helmEnvironment({ Path: 'C:\\a' }, windows, 'C:\\helm'), { Path: 'C:\\helm;C:\\a' })
    assert.deepEqual(helmEnvironment({ Path: '/odd' }, macos, '/helm'), { Path: '/odd', PATH: '/helm' })
    assert.deepEqual(helmEnvironment({ gone: undefined }, windows, 'C:\\helm'), { PATH: 'C:\\helm' })
  })
})

test('a private file is named to Helm so that it finds it, whatever its path has in it', () => {
  const rows: [path: string, argument: string][] = [
    ['/tmp/a b/value-0', 'image=/tmp/a b/value-0'],
    ['C:\\a b\\value-0', 'image=C:\\\\a b\\\\value-0'],
    ['C:\\a,b\\value-0', 'image=C:\\\\a\\,b\\\\value-0'],
  ]
  for (const [path, text] of rows)
    assert.deepEqual(
      privateAssignments([{ flag: '--set-string', text: 'image=x' }], () => path),
      [{ flag: '--set-file', text }],
    )
})

describe('the kubeconfig of the environment', () => {
  const home = { linux: '/root', macos: '/Users/me', windows: 'C:\\Users\\me' }
  const profile = 'C:\\Users\\me\\.kube\\config'
  const rows: [what: string, Name, Env, there: string[], expected: string[]][] = [
    ['a list', 'linux', { KUBECONFIG: '/a:/b c:' }, [], ['/a', '/b c']],
    ['a list with drives', 'windows', { KUBECONFIG: 'C:\\a;D:\\b c' }, [], ['C:\\a', 'D:\\b c']],
    ['HOME', 'linux', { HOME: '/home/me' }, [], ['/home/me/.kube/config']],
    ['no HOME', 'macos', {}, [], ['/Users/me/.kube/config']],
    ['an empty list is none', 'linux', { KUBECONFIG: '', HOME: '/h' }, [], ['/h/.kube/config']],
    ['the profile', 'windows', { UserProfile: 'C:\\Users\\me' }, [profile], [profile]],
    [
      'HOME first, where it has one',
      'windows',
      { HOME: 'D:\\h', USERPROFILE: 'C:\\Users\\me' },
      ['D:\\h\\.kube\\config', profile],
      ['D:\\h\\.kube\\config'],
    ],
    ['not HOME, where it has none', 'windows', { HOME: 'D:\\h', USERPROFILE: 'C:\\Users\\me' }, [profile], [profile]],
    [
      'drive and path',
      'windows',
      { HOMEDRIVE: 'E:', HOMEPATH: '\\me', USERPROFILE: 'C:\\Users\\me' },
      ['E:\\me\\.kube\\config', profile],
      ['E:\\me\\.kube\\config'],
    ],
    ['a drive without a path is none', 'windows', { HOMEDRIVE: 'E:' }, ['E:\\.kube\\config'], [profile]],
    ['nowhere', 'windows', {}, [], [profile]],
  ]
  for (const [what, system, env, there, expected] of rows)
    test(`${system}: ${what}`, () =>
      assert.deepEqual(
        kubeconfigFiles(env, systems[system], home[system], (path) => there.includes(path)),
        expected,
      ))
})

describe('a path from another', () => {
  const rows: [Name, outer: string, inner: string, string | null][] = [
    ['linux', '/w', '/w/a/b', 'a/b'],
    ['linux', '/w', '/w', ''],
    ['linux', '/w', '/w2/a', null],
    ['linux', '/w', '/', null],
    ['linux', '/w', '/w/..a', '..a'],
    ['linux', '/w', '/w/a\\b', 'a\\b'],
    ['linux', '/w', '/W/a', null],
    ['windows', 'D:\\a\\w', 'D:\\a\\w\\charts\\shop', 'charts/shop'],
    ['windows', 'D:\\a\\w', 'd:\\A\\W\\charts', 'charts'],
    ['windows', 'D:\\a\\w', 'D:/a/w/charts', 'charts'],
    ['windows', 'D:\\a\\w', 'D:\\a\\w2', null],
    ['windows', 'D:\\a\\w', 'C:\\a\\w\\charts', null],
    ['windows', 'D:\\a\\w', '\\\\host\\share\\w', null],
  ]
  for (const [system, outer, inner, expected] of rows)
    test(`${system}: ${inner} from ${outer}`, () => assert.equal(pathFrom(outer, inner, systems[system]), expected))

  test('the folders up to the workspace, where the nearest checkout is looked for', () => {
    assert.deepEqual(foldersUpTo('/w/a/b', '/w', linux), ['/w/a/b', '/w/a', '/w'])
    assert.deepEqual(foldersUpTo('D:\\w\\a\\b', 'D:\\w', windows), ['D:\\w\\a\\b', 'D:\\w\\a', 'D:\\w'])
    assert.deepEqual(foldersUpTo('C:\\w\\a', 'D:\\w', windows), [])
    assert.deepEqual(foldersUpTo('/etc', '/w', macos), [])
  })
})

test('the order of the files that a glob finds is the same everywhere', () => {
  const found = ['values/b.yaml', 'values/B/c.yaml', 'values/b/c.yaml', 'values-x.yaml', 'values/b-1.yaml']
  const slashes = inOrder(found)
  assert.deepEqual(
    inOrder(found.map((path) => path.replaceAll('/', '\\'))).map((path) => path.replaceAll('\\', '/')),
    slashes,
  )
  assert.deepEqual(slashes, found.toSorted())
})

test('a chart by its path is none of a repository, on whatever drive', () => {
  for (const chart of [
    './shop',
    '../shop',
    '/charts/shop',
    '.\\shop',
    'C:\\charts\\shop',
    'd:/charts/shop',
    '\\\\host\\shop',
  ])
    assert.equal(isRemoteChart({ chart, repo: 'https://charts.example' }), false, chart)
  for (const chart of ['shop', 'org/shop', 'oci://registry.example/c:/shop'])
    assert.equal(isRemoteChart({ chart, repo: 'https://charts.example' }), true, chart)
})

describe('a process of which only the number is known', () => {
  const asked = (system: Name, answer: string | null): [boolean, string] => {
    let question = ''
    const isOurs = runsProgram(
      4321,
      system === 'windows' ? 'C:\\tools\\helm.exe' : '/tools/helm',
      systems[system],
      (...call) => {
        question = call.flat().join(' ')
        return answer
      },
    )
    return [isOurs, question]
  }
  const ps = 'ps -p 4321 -o comm='
  const tasklist = 'tasklist /FI PID eq 4321 /FO CSV /NH'
  const rows: [what: string, Name, answer: string | null, isOurs: boolean][] = [
    ['is ours by its program', 'macos', '/tools/helm\n', true],
    ['is another', 'macos', '/usr/bin/vim\n', false],
    ['is another with a longer name', 'macos', '/usr/bin/helmfile\n', false],
    ['is gone', 'macos', null, false],
    ['is ours by its program', 'windows', '"helm.exe","4321","Console","1","51,300 K"\r\n', true],
    ['is ours in whatever case', 'windows', '"HELM.EXE","4321","Console","1","51,300 K"\r\n', true],
    ['is another', 'windows', '"svchost.exe","4321","Services","0","9,000 K"\r\n', false],
    ['is gone', 'windows', 'INFO: No tasks are running which match the specified criteria.\r\n', false],
  ]
  for (const [what, system, answer, isOurs] of rows)
    test(`${system}: ${what}`, () =>
      assert.deepEqual(asked(system, answer), [isOurs, system === 'windows' ? tasklist : ps]))

  test('this very process is known: on Linux by its start, elsewhere by its program', () => {
    const here = systemOf(process.platform, process.arch)
    const isKnown = (program: string): boolean =>
      startTicks(process.pid) !== null || runsProgram(process.pid, program, here)
    assert.equal(isAlive(process.pid, startTicks(process.pid)), true)
    assert.equal(isKnown(process.execPath), true)
    assert.equal(isKnown('/tools/helm'), process.platform === 'linux')
  })
})
