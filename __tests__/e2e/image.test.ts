// A workflow deploys an image that its registry does not have.
import { missingImage } from '../helpers/broken.ts'
import { tellFailure } from './story.ts'

tellFailure('a missing image', {
  values: (testbed) =>
    missingImage(testbed).replace('image.repository=', 'image:\n  repository: ').replace('image.tag=', '  tag: '),
  resource: { kind: 'Deployment', name: 'shop' },
  class: 'image-pull',
  cause: /image \S+:missing does not exist/,
  line: /not found/,
})
