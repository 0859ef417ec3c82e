// Real workflows that deploy as the account of `examples/rbac/deployer.yaml`: they may do what its Roles allow, and nothing else.
import type { TestContext } from 'node:test'
import { kubeconfigFileOf } from '../helpers/account.ts'
import type { Rule } from '../helpers/account.ts'
import { runWorkflow } from '../helpers/act.ts'
import type { WorkflowOptions, WorkflowRun } from '../helpers/act.ts'
import { pullRequestEvent } from '../helpers/event.ts'
import { tokenOfExample } from '../helpers/rbac.ts'
import { setStage } from '../helpers/stage.ts'
import type { Stage } from '../helpers/stage.ts'
import type { HelmMajor } from '../helpers/testbed.ts'

export type Workflows = {
  stage: Stage
  /** Runs `fixtures/workflows/deploy.yml` for a pull request, with this Helm on PATH. */
  run: (options: Pick<WorkflowOptions, 'files' | 'vars'>) => Promise<WorkflowRun>
}

/** What GitHub gives a workflow to speak with. */
export const token = 'a-token-of-the-workflow'
const tokens = { [token]: { login: 'github-actions[bot]', type: 'Bot', rights: 'write' } } as const
const verbs = ['get', 'list', 'watch', 'create', 'patch', 'delete']

/** Sets a stage whose workflows are that account; `kinds` are those of the chart that the example's chart does not have. */
export async function setWorkflows(
  context: TestContext,
  helm: HelmMajor,
  kinds: readonly Omit<Rule, 'verbs'>[] = [],
): Promise<Workflows> {
  const stage = await setStage(context, { helm, tokens })
  const account = await tokenOfExample(stage, 'deployer.yaml', (objects) => {
    const role = objects.find(({ metadata }) => metadata.name === 'chart-of-shop')
    role?.rules?.push(...kinds.map((kind) => ({ ...kind, verbs })))
  })
  const kubeconfig = kubeconfigFileOf(stage, account)
  return {
    stage,
    run: ({ files = {}, vars = {} }) =>
      runWorkflow({
        repo: 'org/shop',
        event: { name: 'pull_request', payload: pullRequestEvent('org/shop', { private: true }).payload },
        files,
        vars: { NAMESPACE: stage.namespace, ...vars },
        apiUrl: stage.github.url,
        token,
        path: [helm.dir],
        kubeconfig,
        tools: stage.testbed.toolsDir,
      }),
  }
}
