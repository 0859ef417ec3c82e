// A workflow deploys a container that ends at once, again and again.
import { tellFailure } from './story.ts'

tellFailure('a container that crashes', {
  values: () => 'crash: true',
  resource: { kind: 'Deployment', name: 'shop' },
  class: 'crash-loop',
  cause: /container app exited with 1 three times/,
  line: /FATAL: password authentication failed for user "shop"/,
})
