// A workflow deploys pods that need a key that their ConfigMap does not have.
import { tellFailure } from './story.ts'

tellFailure('a missing key', {
  values: () => 'configKey: farewell',
  resource: { kind: 'Deployment', name: 'shop' },
  class: 'missing-config',
  cause: /needs the key farewell of the ConfigMap shop-settings, which has no such key/,
  line: /couldn't find key farewell/,
})
