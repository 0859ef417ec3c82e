import { writeFileSync } from 'node:fs'

import type { Allocation } from './allocate.ts'
import type { Tools } from './cache.ts'
import type { Certificates } from './certificates.ts'
import { kubeconfigFor } from './kubeconfig.ts'
import { inNamespace } from './namespace.ts'
import type { Instance } from './paths.ts'
import { start, type Started } from './processes.ts'

/** Addresses of Services. Nothing routes them, so every instance may use the same. */
export const serviceRange = '10.96.0.0/16'
export const firstServiceAddress = '10.96.0.1'

/** The bearer tokens of an instance. */
export interface Tokens {
  admin: string
  controllerManager: string
  scheduler: string
  kubelet: string
}

/** Starts etcd. Its data need not survive a power cut, so it never waits for the disk. */
export function startEtcd(instance: Instance, { ports }: Allocation): Started {
  const client = `http://127.0.0.1:${ports.etcd}`
  const peer = `http://127.0.0.1:${ports.etcdPeer}`
  return start(instance, 'etcd', 'etcd', [
    '--name=testbed',
    `--data-dir=${instance.dir}/etcd`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=testbed=${peer}`,
    '--unsafe-no-fsync',
    '--quota-backend-bytes=4294967296',
    '--auto-compaction-mode=periodic',
    '--auto-compaction-retention=10m',
    '--logger=zap',
    '--log-level=warn',
  ])
}

/** Starts the API server; it waits for etcd by itself. */
export function startApiserver(
  instance: Instance,
  allocation: Allocation,
  certificates: Certificates,
  tokens: Tokens,
  tools: Tools,
): Started {
  const tokenFile = `${instance.dir}/tokens.csv`
  writeFileSync(tokenFile, tokenTable(instance, tokens), { mode: 0o600 })
  return start(instance, 'kube-apiserver', tools.kubeApiserver, [
    `--etcd-servers=http://127.0.0.1:${allocation.ports.etcd}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${allocation.ports.apiserver}`,
    `--advertise-address=${allocation.subnet}.1`,
    `--tls-cert-file=${certificates.apiserver}`,
    `--tls-private-key-file=${certificates.apiserverKey}`,
    `--client-ca-file=${certificates.ca}`,
    `--token-auth-file=${tokenFile}`,
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${certificates.serviceAccountPublicKey}`,
    `--service-account-signing-key-file=${certificates.serviceAccountKey}`,
    `--service-cluster-ip-range=${serviceRange}`,
    // Without this it would publish a loopback address as the endpoint of the Service `kubernetes`, which is refused.
    '--endpoint-reconciler-type=none',
    `--kubelet-client-certificate=${certificates.apiserverToKubelet}`,
    `--kubelet-client-key=${certificates.apiserverToKubeletKey}`,
    '--kubelet-preferred-address-types=InternalIP',
    '--allow-privileged',
    '--profiling=false',
  ])
}

/** Starts the controller manager and the scheduler; both end when the API server is not there. */
export function startControllers(
  instance: Instance,
  certificates: Certificates,
  tokens: Tokens,
  server: string,
  tools: Tools,
): Started[] {
  const cluster = { server, caFile: certificates.ca }
  const config = (component: string, token: string) => {
    const file = `${instance.dir}/${component}.kubeconfig`
    writeFileSync(file, kubeconfigFor(cluster, { token }), { mode: 0o600 })
    return ['--leader-elect=false', '--secure-port=0', `--kubeconfig=${file}`]
  }
  const controllers = inNamespace(instance, [
    tools.kubeControllerManager,
    ...config('kube-controller-manager', tokens.controllerManager),
    `--service-account-private-key-file=${certificates.serviceAccountKey}`,
    `--root-ca-file=${certificates.ca}`,
    `--cluster-signing-cert-file=${certificates.ca}`,
    `--cluster-signing-key-file=${certificates.caKey}`,
    // Volumes on demand for StatefulSets: directories below /tmp/hostpath_pv, see namespace.ts.
    '--enable-hostpath-provisioner',
    // The defaults of 20 and 30 are for clusters where many clients share one API server.
    '--kube-api-qps=200',
    '--kube-api-burst=400',
  ])
  const scheduler = [...config('kube-scheduler', tokens.scheduler), '--kube-api-qps=200', '--kube-api-burst=400']
  return [
    start(instance, 'kube-controller-manager', ...controllers),
    start(instance, 'kube-scheduler', tools.kubeScheduler, scheduler),
  ]
}

// token, user, uid, groups. The controllers get every right, as the rules that limit each of them are made by the API
// server only some time after it is ready.
function tokenTable(instance: Instance, tokens: Tokens): string {
  const rows = [
    [tokens.admin, 'testbed-admin', 'admin', 'system:masters'],
    [tokens.controllerManager, 'system:kube-controller-manager', 'kcm', 'system:masters'],
    [tokens.scheduler, 'system:kube-scheduler', 'scheduler', 'system:masters'],
    [tokens.kubelet, `system:node:${instance.nodeName}`, 'node', 'system:nodes'],
  ]
  return rows.map((row) => `${row.join(',')}\n`).join('')
}
