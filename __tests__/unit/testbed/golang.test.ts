import assert from 'node:assert/strict'
import { test } from 'node:test'

import { kubernetesGoMod } from '../../testbed/golang.ts'

const upstream = `// a comment
module k8s.io/kubernetes

go 1.26.0

godebug default=go1.26

require (
	github.com/spf13/cobra v1.10.2
	k8s.io/api v0.0.0
	k8s.io/klog/v2 v2.140.0
)

replace (
	k8s.io/api => ./staging/src/k8s.io/api
	k8s.io/client-go => ./staging/src/k8s.io/client-go
)
`

test('staging directories become the published modules of the same release', () => {
  assert.equal(
    kubernetesGoMod(upstream, '1.36.3'),
    `module testbed

go 1.26.0

require k8s.io/kubernetes v1.36.3

replace (
	k8s.io/api => k8s.io/api v0.36.3
	k8s.io/client-go => k8s.io/client-go v0.36.3
)
`,
  )
})

test('a go.mod without staging modules is refused rather than built wrongly', () => {
  assert.throws(() => kubernetesGoMod('module k8s.io/kubernetes\n\ngo 1.26.0\n', '1.36.3'), /not as expected/)
})
