// A workflow deploys a release whose migration fails, and whose Job Helm deletes at once.
import { tellFailure } from './story.ts'

tellFailure('a migration', {
  values: () => 'migrate:\n  run: fail\n  takes: 1s',
  resource: { kind: 'Job', name: 'shop-migrate' },
  class: 'hook-failed',
  cause: /the pre-upgrade hook failed/,
  line: /ERROR: column "price" of relation "orders" already exists/,
})
