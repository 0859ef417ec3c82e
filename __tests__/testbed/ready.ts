import { callApi, isReady, type ApiAccess } from './api.ts'
import { pause } from './host.ts'
import { appImage } from './names.ts'
import type { Started } from './processes.ts'

/** An error that knows whose logs explain it. */
export interface ComponentError extends Error {
  components: string[]
}

/** Waits for one thing after the other, and gives up as soon as a started component has ended. */
export type WaitFor = (what: string, blame: string[], probe: () => Promise<boolean>) => Promise<void>

/** A `WaitFor` that watches these components; more may be added to the list later. */
export function waiterFor(started: Started[], seconds = 60): WaitFor {
  return async (what, blame, probe) => {
    const deadline = Date.now() + seconds * 1000
    while (!(await probe().catch(() => false))) {
      const dead = started.find(({ ended }) => ended)
      if (dead) throw componentError(`${dead.component} did not stay up: ${dead.ended}`, [dead.component])
      if (Date.now() > deadline) throw componentError(`${what}: not within ${seconds} s`, blame)
      await pause(50)
    }
  }
}

/** Waits until the API server answers that it is ready. */
export async function waitForApiserver(waitFor: WaitFor, access: ApiAccess): Promise<void> {
  await waitFor('the API server is ready', ['kube-apiserver', 'etcd'], () => isReady(access))
}

/** Makes volumes on demand work, as on most clusters: a default storage class. */
export async function createStorageClass(access: ApiAccess): Promise<void> {
  await create(access, '/apis/storage.k8s.io/v1/storageclasses', {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
    provisioner: 'kubernetes.io/host-path',
    reclaimPolicy: 'Delete',
    volumeBindingMode: 'Immediate',
  })
}

/** Waits until the cluster is good for use: the node is Ready, namespaces get their accounts, and a pod runs. */
export async function waitForNode(waitFor: WaitFor, access: ApiAccess, nodeName: string): Promise<void> {
  for (const namespace of ['kube-system', 'default']) {
    const account = `/api/v1/namespaces/${namespace}/serviceaccounts/default`
    await waitFor(`the service account of ${namespace}`, ['kube-controller-manager'], async () => {
      return (await callApi(access, 'GET', account)).status === 200
    })
  }
  // Started before the node is ready, so that it runs the moment it is.
  const pods = '/api/v1/namespaces/kube-system/pods'
  const container = { name: 'check', image: `${appImage}:1`, args: ['sleep'] }
  await create(access, pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'testbed-check' },
    spec: { automountServiceAccountToken: false, containers: [container] },
  })
  await waitFor('the node is Ready', ['kubelet', 'containerd'], async () => {
    const { body } = await callApi(access, 'GET', `/api/v1/nodes/${nodeName}`)
    const { status } = body as { status: { conditions: { type: string; status: string }[] } }
    return status.conditions.some((condition) => condition.type === 'Ready' && condition.status === 'True')
  })
  await waitFor('a pod runs', ['kubelet', 'containerd', 'kube-scheduler'], async () => {
    const { body } = await callApi(access, 'GET', `${pods}/testbed-check`)
    return (body as { status: { phase: string } }).status.phase === 'Running'
  })
  await callApi(access, 'DELETE', `${pods}/testbed-check?gracePeriodSeconds=0`)
}

async function create(access: ApiAccess, path: string, object: object): Promise<void> {
  const { status, body } = await callApi(access, 'POST', path, object)
  if (status >= 300) throw componentError(`POST ${path}: ${status} ${JSON.stringify(body)}`, ['kube-apiserver'])
}

function componentError(message: string, components: string[]): ComponentError {
  return Object.assign(new Error(message), { components })
}
