import { readFileSync } from 'node:fs'
import { credentialExpiryWarning } from './cluster/credential-expiry.ts'
import { createClient } from './cluster/client.ts'
import { identifyCluster, isExpectedCluster, type ClusterIdentity } from './cluster/identity.ts'
import type { LoadedKubeconfig } from './cluster/kubeconfig.ts'
import type { Session } from './deploy/session.ts'
import type { RunContext } from './context/context.ts'
import { revisionDescription, revisionLabels, type UpgradeRequest } from './helm/argv.ts'
import { extraArgumentProblems } from './helm/extra-args.ts'
import { commandsFor } from './chart/fetch.ts'
import { privateAssignments } from './helm/private-assignments.ts'
import type { HelmBinary } from './helm/binary.ts'
import { findFiles, type FileInputs } from './inputs/files.ts'
import type { Inputs } from './inputs/inputs.ts'
import type { ParsedInputs } from './inputs/parse.ts'
import { describeError, type Problem } from './platform/errors.ts'
import { learnInputs } from './learn-inputs.ts'
import { openKubeconfig } from './open-kubeconfig.ts'
import { openSession } from './open-session.ts'
import { prepareHelm, workspaceOf } from './prepare-helm.ts'
import { storageDriver } from './release/storage.ts'
import type { World } from './world.ts'

/** Everything that is known before the cluster is touched. */
export interface Prepared {
  readonly inputs: Inputs
  readonly namespace: string
  readonly helm: HelmBinary | null
  readonly cluster: ClusterIdentity | null
  /** Null when there are problems. */
  readonly ready: { readonly session: Session; readonly request: UpgradeRequest } | null
  readonly problems: readonly Problem[]
  readonly warnings: readonly string[]
}

/** Checks the inputs against what is there, gathers everything that a run needs, and tells all problems at once; changes nothing in the cluster. What is refused is not looked at. */
export async function prepare(
  world: World,
  context: RunContext,
  { inputs, problems }: ParsedInputs,
  isRefused = false,
): Promise<Prepared> {
  learnInputs(world, inputs)
  if (isRefused) return { inputs, namespace: '', helm: null, cluster: null, ready: null, problems, warnings: [] }
  return inputs.mode === 'setup'
    ? prepareSetup(world, inputs, problems)
    : prepareDeploy(world, context, inputs, problems)
}

/** Helm and nothing else: no release, no cluster. */
async function prepareSetup(world: World, inputs: Inputs, inputProblems: readonly Problem[]): Promise<Prepared> {
  const setup = await prepareHelm(world, inputs, inputProblems.length > 0)
  const isThere = 'helm' in setup
  const problems = [...inputProblems, ...(isThere ? [] : setup)]
  const facts = { inputs, namespace: '', cluster: null, ready: null, problems }
  return isThere ? { ...facts, ...setup } : { ...facts, helm: null, warnings: [] }
}

async function prepareDeploy(
  world: World,
  context: RunContext,
  inputs: Inputs,
  inputProblems: readonly Problem[],
): Promise<Prepared> {
  const workspace = workspaceOf(world.env)
  const files = findFiles(inputs, workspace)
  learnInputs(world, inputs, files.valueFiles)
  const problems: Problem[] = [...inputProblems, ...files.problems]
  const driver = storageDriver(world.env['HELM_DRIVER'])
  if (!driver)
    problems.push({
      problem: `HELM_DRIVER "${world.env['HELM_DRIVER']}" keeps releases where they cannot be read`,
      remedy: 'Use the secret or the configmap driver',
    })

  const loaded = openKubeconfig(world, inputs)
  const kubeconfig = 'config' in loaded ? loaded : null
  if (!kubeconfig) problems.push(...(loaded as readonly Problem[]))
  const client = kubeconfig ? createClient(kubeconfig.config, kubeconfig.tokenFile, world.secrets.learn) : null
  const [setup, cluster] = await Promise.all([
    prepareHelm(world, inputs, problems.length > 0),
    kubeconfig && client ? lookAtCluster(client, kubeconfig, inputs) : null,
  ])
  const { helm, warnings } = 'helm' in setup ? setup : { helm: null, warnings: [] }
  if (!('helm' in setup)) problems.push(...setup)
  if (helm) problems.push(...extraArgumentProblems(inputs.helmArgs, helm.version, commandsFor(files.chart, inputs)))
  if (cluster && 'problem' in cluster) problems.push(cluster)
  const expiry = kubeconfig ? expiryOf(kubeconfig, inputs, world) : null

  const namespace = inputs.namespace || kubeconfig?.namespace || 'default'
  const facts = {
    inputs,
    namespace,
    helm,
    warnings: expiry ? [...warnings, expiry] : warnings,
    cluster: cluster && 'server' in cluster ? cluster : null,
  }
  if (problems.length > 0 || !client || !kubeconfig || !driver || !facts.cluster || !helm) {
    client?.close()
    return { ...facts, ready: null, problems }
  }
  const session = openSession(world, context, {
    inputs,
    kubeconfig,
    client,
    driver,
    namespace,
    helm,
    cluster: facts.cluster,
  })
  world.journal.note({ helm, cluster: facts.cluster, namespace })
  return { ...facts, ready: { session, request: upgradeRequest(world, context, session, files) }, problems }
}

function upgradeRequest(
  world: World,
  context: RunContext,
  { target, inputs }: Session,
  { chart, valueFiles }: FileInputs,
): UpgradeRequest {
  // Values go to Helm as files: an argument can be seen by every process of the machine.
  const inline = inputs.values.trim() ? [world.files.write('values.yaml', inputs.values)] : []
  return {
    target,
    inputs: { ...inputs, assignments: privateAssignments(inputs.assignments, world.files.write) },
    chart,
    valueFiles: [...valueFiles, ...inline],
    description: revisionDescription(context),
    labels: revisionLabels(context, inputs),
  }
}

async function lookAtCluster(
  client: ReturnType<typeof createClient>,
  kubeconfig: LoadedKubeconfig,
  { expectCluster }: Inputs,
): Promise<ClusterIdentity | Problem> {
  try {
    const identity = await identifyCluster(client, kubeconfig)
    if (!expectCluster || isExpectedCluster(expectCluster, identity)) return identity
    return {
      problem: `\`expect-cluster\`: this is not the cluster "${expectCluster}" but ${identity.server} (kube-system ${identity.uid ?? 'unreadable'})`,
      remedy: 'Check `kubeconfig` and `kube-context`, or correct `expect-cluster`',
    }
  } catch (error) {
    return {
      problem: `The cluster at ${kubeconfig.server} cannot be reached: ${describeError(error)}`,
      remedy:
        'Check the server address in the kubeconfig, the network path of the runner, and that the credentials are still valid',
    }
  }
}

/** Told before the first change: an undo that comes after the end of the credentials cannot happen. */
function expiryOf({ config, tokenFile }: LoadedKubeconfig, inputs: Inputs, { clock, log }: World): string | null {
  const budgetMs = inputs.timeoutMs + inputs.stabilizeMs + inputs.rollbackTimeoutMs
  const warning = credentialExpiryWarning(
    { user: config.getCurrentUser(), tokenFile, ...certificateFile(config) },
    clock.now(),
    budgetMs,
  )
  if (warning) log.warning(warning)
  return warning
}

function certificateFile(config: LoadedKubeconfig['config']): { certificate?: string } {
  const path = config.getCurrentUser()?.certFile
  try {
    return path ? { certificate: readFileSync(path, 'utf8') } : {}
  } catch {
    // Without it no request would have been answered: then that is the problem.
    return {}
  }
}
