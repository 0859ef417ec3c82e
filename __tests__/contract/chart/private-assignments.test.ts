// What is assigned goes to Helm in files, for arguments can be seen by everybody: Helm makes the same values of it.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { privateAssignments } from '../../../src/helm/private-assignments.ts'
import type { Assignment } from '../../../src/inputs/inputs.ts'
import { writeChart } from '../../helpers/chart.ts'
import { runHelm } from '../../helpers/helm.ts'
import { temporaryDirectory } from '../../helpers/temporary.ts'
import { helmMajors, useTestbed } from '../../helpers/testbed.ts'

const secret = 'S3cret-value'
const own = join(temporaryDirectory('own'), 'file')
writeFileSync(own, 'of a file')

/** As the inputs give them: all of `set-json`, then `set`, `set-string`, `set-file`. The last ones keep the secret where it was. */
const cases: Readonly<Record<string, readonly Assignment[]>> = {
  'a text': [{ flag: '--set', text: `a.b=${secret}` }],
  'a text, always': [{ flag: '--set-string', text: `a.b=${secret}` }],
  'two in a line': [{ flag: '--set', text: `a.user=bob,a.password=${secret}\\,x,n=1` }],
  'a quote, a space, an equals sign and a brace': [{ flag: '--set', text: `a="${secret}" = {x} 'y'` }],
  backslashes: [{ flag: '--set', text: `a=x\\\\${secret}\\\\,b=${secret}` }],
  'an item of a list': [{ flag: '--set', text: `list[1].password=${secret}` }],
  'a key with an equals sign': [{ flag: '--set', text: `a\\=b=${secret},c\\=d.e=x${secret}` }],
  'a key with a comma': [{ flag: '--set', text: `a\\,b=${secret},c=${secret}` }],
  'a key with a backslash at its end': [{ flag: '--set', text: `a\\\\=${secret}` }],
  'a key with a backslash for nothing': [
    { flag: '--set', text: `a\\b.c=${secret}` },
    { flag: '--set-string', text: `ab.c=new ${secret}` },
  ],
  'a list': [{ flag: '--set', text: `a={x,1,true,${secret},null,${secret}\\,\\},y}` }],
  'a list of one': [{ flag: '--set', text: `list={${secret}},b={},c={,},d=${secret}` }],
  'a list, always of texts': [{ flag: '--set-string', text: `a={1,true,${secret}},b.c={${secret}}` }],
  'a list over the one of the chart': [
    { flag: '--set', text: `list={${secret}}` },
    { flag: '--set', text: `list[1]=${secret}` },
  ],
  'a key with a dot': [{ flag: '--set', text: `a\\.b.c=${secret}` }],
  'numbers and words that are no texts': [{ flag: '--set', text: 'a=1,b=true,c=null,d=0,e=007,f=1.5,g=-3,h=,i=TRUE' }],
  'the same, always texts': [{ flag: '--set-string', text: 'a=1,b=true,c=null,d=0,e=007,f=1.5,g=-3,h=,i=TRUE' }],
  JSON: [
    { flag: '--set-json', text: `auth={"user":"bob","password":"${secret}","n":[1,"${secret}",{"x":"${secret}"}]}` },
  ],
  'JSON and a file whose keys have an equals sign': [
    { flag: '--set-json', text: `a\\=b={"c":"${secret}"}` },
    { flag: '--set-file', text: `a\\=b.d=${own}` },
  ],
  'JSON that is a text': [{ flag: '--set-json', text: `auth="${secret}"` }],
  'one after the other': [
    { flag: '--set-json', text: `a={"b":"${secret}","c":"x"}` },
    { flag: '--set', text: `a.b=new ${secret}` },
    { flag: '--set-string', text: `a.b=newest ${secret}` },
    { flag: '--set-file', text: `a.d=${own}` },
  ],
  'a file after a text': [
    { flag: '--set', text: `a=${secret}` },
    { flag: '--set-file', text: `a=${own}` },
  ],
}
const shown: Readonly<Record<string, readonly Assignment[]>> = {
  'a number over a text': [
    { flag: '--set', text: `a=${secret}` },
    { flag: '--set', text: 'a=5' },
  ],
  'nothing over a map': [
    { flag: '--set', text: `a.b=${secret}` },
    { flag: '--set', text: 'a=null' },
  ],
  'a number over a key with a backslash for nothing': [
    { flag: '--set', text: `a\\b=${secret}` },
    { flag: '--set', text: 'ab=5' },
  ],
}

const chart = writeChart({
  'templates/all.yaml': '{{ dict "values" .Values | toJson }}',
  'values.yaml': 'list: [{x: 1}, {y: 2}]',
})

for (const { major, dir } of helmMajors(await useTestbed()))
  for (const [name, assignments] of Object.entries({ ...cases, ...shown }))
    test(`Helm ${major} makes the same values of ${name}`, async () => {
      const directory = temporaryDirectory('private')
      const write = (file: string, content: string): string => {
        writeFileSync(join(directory, file), content)
        return join(directory, file)
      }
      const flags = (given: readonly Assignment[]): string[] => given.map(({ flag, text }) => `${flag}=${text}`)
      const hidden = flags(privateAssignments(assignments, write))
      const render = (given: string[]): Promise<{ exitCode: number; stdout: string; stderr: string }> =>
        runHelm(dir, '', ['template', 'x', chart, ...given])
      const [plain, again] = await Promise.all([render(flags(assignments)), render(hidden)])
      assert.equal(plain.exitCode, 0, plain.stderr)
      assert.equal(again.stdout, plain.stdout, again.stderr)
      assert.match(plain.stdout, /"values"/)
      if (name in cases) assert.ok(!hidden.join(' ').includes(secret), hidden.join(' '))
    })
