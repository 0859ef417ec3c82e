import { writeFileSync } from 'node:fs'

import type { Allocation } from './allocate.ts'
import type { Tools } from './cache.ts'
import type { Certificates } from './certificates.ts'
import { containerdSocket } from './containerd.ts'
import { kubeconfigFor } from './kubeconfig.ts'
import { inNamespace } from './namespace.ts'
import type { Instance } from './paths.ts'
import { start, type Started } from './processes.ts'

/** Starts the kubelet, which registers the node. */
export function startKubelet(
  instance: Instance,
  allocation: Allocation,
  certificates: Certificates,
  token: string,
  server: string,
  tools: Tools,
): Started {
  const { dir } = instance
  writeFileSync(`${dir}/kubelet.kubeconfig`, kubeconfigFor({ server, caFile: certificates.ca }, { token }), {
    mode: 0o600,
  })
  writeFileSync(`${dir}/kubelet.json`, JSON.stringify(kubeletConfig(instance, allocation, certificates), null, 2))
  // What pods with another DNS policy get. Not the machine's: its servers are out of their reach.
  writeFileSync(`${dir}/resolv.conf`, 'nameserver 127.0.0.1\n')
  const command = [
    tools.kubelet,
    `--config=${dir}/kubelet.json`,
    `--kubeconfig=${dir}/kubelet.kubeconfig`,
    `--root-dir=${dir}/kubelet`,
    `--cert-dir=${dir}/kubelet-pki`,
    `--hostname-override=${instance.nodeName}`,
    `--node-ip=${allocation.subnet}.1`,
  ]
  return start(instance, 'kubelet', ...inNamespace(instance, command))
}

function kubeletConfig(instance: Instance, { ports, subnet }: Allocation, certificates: Certificates): object {
  const { dir } = instance
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: `${subnet}.1`,
    port: ports.kubelet,
    healthzPort: 0,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: certificates.ca },
    },
    authorization: { mode: 'Webhook' },
    containerRuntimeEndpoint: `unix://${containerdSocket(instance)}`,
    podLogsDir: `${dir}/pod-logs`,
    volumePluginDir: `${dir}/volume-plugins`,
    resolvConf: `${dir}/resolv.conf`,
    // There is no name server. A pod's own loopback refuses every question at once; with another address lookups would
    // hang, and with none every pod would get a warning event.
    clusterDNS: ['127.0.0.1'],
    clusterDomain: 'cluster.local',
    // A control group for each container and none above them: works with both versions, with and without systemd, and
    // beside another kubelet.
    failCgroupV1: false,
    cgroupDriver: 'cgroupfs',
    cgroupsPerQOS: false,
    enforceNodeAllocatable: [],
    localStorageCapacityIsolation: false,
    failSwapOn: false,
    makeIPTablesUtilChains: false,
    // The machine's disk is not ours to judge, and an image that we imported cannot be pulled again.
    imageGCHighThresholdPercent: 100,
    evictionHard: { 'memory.available': '50Mi', 'nodefs.available': '50Mi', 'imagefs.available': '50Mi' },
    // A registry that hangs must not hold up other pods.
    serializeImagePulls: false,
    maxPods: 200,
    // The defaults are for thousands of nodes; here they would only slow down.
    kubeAPIQPS: 200,
    kubeAPIBurst: 400,
    eventRecordQPS: 200,
    eventBurst: 400,
    registryPullQPS: 0,
  }
}
