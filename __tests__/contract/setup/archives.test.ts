// An archive that has the right hash is still not believed.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { platformName } from '../../helpers/archives.ts'
import { archiveNameOf, published, sha256Of } from '../../helpers/downloads.ts'
import { hostileTars } from '../../helpers/hostile-archives.ts'
import { assertRefused, install, serve } from './install.ts'

const version = '3.99.0'
const url = new RegExp(`/${archiveNameOf(version)} cannot be unpacked: `)
const all = hostileTars(platformName)

describe('an archive is refused, and nothing of it is left, that is or holds', { concurrency: 3 }, () => {
  for (const wanted of [
    'a path out of it',
    'an absolute path',
    'a symbolic link as its program',
    'a hard link as its program',
    'a device',
    'two programs',
    'no program',
    'the folder of another platform',
    'a program of another machine',
    'a program of Windows',
    'a script as its program',
    'a bomb by its ratio',
    'a bomb by its size',
    'half an archive',
    'half a program',
    'an empty file',
    'noise',
    'a zip archive',
  ])
    test(wanted, async (context) => {
      const hostile = all.find(({ name }) => name === wanted)
      assert.ok(hostile)
      const archive = await hostile.make()
      const server = await serve(context, published(version, archive))
      const run = await install({
        'helm-version': version,
        'helm-sha256': sha256Of(archive),
        'helm-download-url': server.url,
      })
      assertRefused(run, url, hostile.says, /Check `helm-download-url`/)
      assert.ok(run.main.cpuSeconds < 5)
    })
})
