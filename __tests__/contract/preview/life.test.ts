// `mode: preview`: one step for every event of a pull request; afterwards nothing of it is left.
import assert from 'node:assert/strict'
import { sideBySide, staged } from '../../helpers/majors.ts'
import { commits, previewsOn } from '../../helpers/previews.ts'

const [first, second] = commits

sideBySide('a preview', () => {
  staged('is deployed, updated, and removed with all that it had', { exists: false }, async (stage, _helm, context) => {
    const previews = previewsOn(stage, context)
    const opened = await previews.on('opened', {
      sha: first,
      inputs: {
        values: 'data: {"of-{{ pr }}": "{{ branch }} at {{ sha }}", tpl: "{{ .Values.x }}"}\n',
        'environment-url': 'https://{{ release }}.example.com',
        'preview-ttl': '7d',
      },
    })
    assert.equal(opened.status, 'deployed', opened.log)
    assert.deepEqual(
      [opened.outputs['release'], opened.outputs['namespace'], opened.outputs['revision'], opened.outputs['changed']],
      ['pr-7', previews.namespace, '1', 'true'],
    )
    assert.equal(opened.outputs['environment-url'], 'https://pr-7.example.com')
    assert.match(opened.comment, /^.*\n.*\n\n### ✅ `pr-7` is deployed/)
    assert.match(
      opened.comment,
      /\*\*Revision 1 runs\*\* at \[`https:\/\/pr-7\.example\.com`\]\(https:\/\/pr-7\.example\.com\)/,
    )
    const configMap = (await stage.cluster.get(`${previews.path}/configmaps/pr-7`)) as { data?: object } | undefined
    assert.deepEqual(configMap?.data, {
      level: 'info',
      'of-7': `faster-checkout at ${first}`,
      tpl: '{{ .Values.x }}',
    })
    const made = await previews.live()
    const { labels = {}, annotations = {} } = made?.metadata ?? {}
    assert.equal(labels['atomic-helm.dev/pull-request'], '7')
    assert.equal(annotations['atomic-helm.dev/repository'], 'org/shop')
    assert.equal(annotations['atomic-helm.dev/run-url'], 'https://github.com/org/shop/actions/runs/1234/attempts/1')
    const expires = annotations['atomic-helm.dev/expires-at'] ?? ''
    const lives = Date.parse(expires) - Date.parse(annotations['atomic-helm.dev/deployed-at'] ?? '')
    assert.equal(lives, 7 * 86_400_000)

    const pushed = await previews.on('synchronize', { sha: second, inputs: { values: 'data: {level: "{{ sha }}"}' } })
    assert.deepEqual([pushed.status, pushed.outputs['revision']], ['deployed', '2'], pushed.log)
    const renewed = (await previews.live())?.metadata.annotations ?? {}
    assert.equal(renewed['atomic-helm.dev/expires-at'], undefined)
    assert.ok((renewed['atomic-helm.dev/deployed-at'] ?? '') > (annotations['atomic-helm.dev/deployed-at'] ?? ''))

    const closed = await previews.on('closed', { sha: second })
    assert.equal(closed.status, 'removed', closed.log)
    assert.deepEqual(
      [closed.outputs['changed'], closed.outputs['revision'], closed.outputs['rollback']],
      ['true', '', 'none'],
    )
    assert.equal(await previews.live(), undefined)
    assert.match(closed.comment, /### ✅ `pr-7` is removed from/)
    assert.equal(stage.github.comments(7).length, 1)

    const again = await previews.on('closed', { sha: second })
    assert.deepEqual([again.status, again.outputs['changed']], ['removed', 'false'], again.log)
    assert.equal(stage.github.comments(7)[0]?.body, closed.comment)
  })

  staged('whose first install fails is not left behind', { only: 4, exists: false }, async (stage, _helm, context) => {
    const previews = previewsOn(stage, context)
    const inputs = { chart: 'shop', set: 'image.tag=does-not-exist', 'preview-quota': 'hard: {pods: 9}' }
    const run = await previews.on('opened', {
      inputs: { ...inputs, chart: new URL('../../fixtures/charts/shop', import.meta.url).pathname },
    })
    assert.equal(run.status, 'uninstalled', run.log)
    assert.equal(await previews.live(), undefined)
  })
})
