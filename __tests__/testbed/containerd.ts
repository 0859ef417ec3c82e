import { mkdirSync, statfsSync, writeFileSync } from 'node:fs'

import { cniPluginDir } from './apt.ts'
import { run } from './host.ts'
import { sandboxImage } from './names.ts'
import { inNewNamespace } from './namespace.ts'
import type { Instance } from './paths.ts'
import { start, type Started } from './processes.ts'

const overlayMagic = 0x79_4c_76_30

/** The containerd namespace of all pods; also the parent of their control groups. */
export const containerdNamespace = 'k8s.io'

/** Where containerd keeps a directory per container, named by its id, for as long as it is not cleaned up. */
export function containersDir(instance: Instance): string {
  return `${instance.dir}/containerd/state/io.containerd.runtime.v2.task/${containerdNamespace}`
}

/** Where the instance's containerd listens. */
export function containerdSocket(instance: Instance): string {
  return `${instance.dir}/containerd.sock`
}

/** Makes the pods' network and starts containerd, in the mount namespace that the kubelet joins. */
export async function startContainerd(instance: Instance, subnet: string): Promise<Started> {
  const network = `${instance.dir}/cni`
  mkdirSync(network, { recursive: true })
  mkdirSync(`${instance.dir}/registries`, { recursive: true })
  writeFileSync(`${network}/testbed.conflist`, networkConfig(instance, subnet))
  writeFileSync(`${instance.dir}/containerd.toml`, containerdConfig(instance))
  // The bridge exists before any pod does, because the node's own address is on it.
  await run('ip', ['link', 'add', instance.bridge, 'type', 'bridge'])
  await run('ip', ['address', 'add', `${subnet}.1/24`, 'dev', instance.bridge])
  await run('ip', ['link', 'set', instance.bridge, 'up'])
  const command = ['containerd', '--config', `${instance.dir}/containerd.toml`]
  return start(instance, 'containerd', ...inNewNamespace(instance, command))
}

/** A command to the instance's containerd. */
export function ctr(instance: Instance, args: string[]): Promise<string> {
  return run('ctr', ['--address', containerdSocket(instance), '--namespace', containerdNamespace, ...args])
}

function containerdConfig(instance: Instance): string {
  const cri = 'plugins."io.containerd.grpc.v1.cri"'
  // An overlay cannot lie on an overlay, which is what the disk of a container is.
  const snapshotter = statfsSync(instance.dir).type === overlayMagic ? 'native' : 'overlayfs'
  return `version = 2
root = "${instance.dir}/containerd/root"
state = "${instance.dir}/containerd/state"
disabled_plugins = ["io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs", "io.containerd.internal.v1.opt",
  "io.containerd.internal.v1.tracing", "io.containerd.tracing.processor.v1.otlp"]

[grpc]
  address = "${containerdSocket(instance)}"

[${cri}]
  sandbox_image = "${sandboxImage}"
  # Without CAP_SYS_RESOURCE, in a container, runc cannot lower a score and dies without a word.
  restrict_oom_score_adj = true
  disable_apparmor = true
  netns_mounts_under_state_dir = true

[${cri}.containerd]
  snapshotter = "${snapshotter}"
  default_runtime_name = "runc"

[${cri}.containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"

[${cri}.containerd.runtimes.runc.options]
  Root = "${instance.dir}/runc"
  SystemdCgroup = false

[${cri}.cni]
  bin_dir = "${cniPluginDir()}"
  conf_dir = "${instance.dir}/cni"

[${cri}.registry]
  config_path = "${instance.dir}/registries"
`
}

// No masquerading, so no firewall rules: pods reach each other and this machine, and nothing beyond.
function networkConfig(instance: Instance, subnet: string): string {
  const ipam = {
    type: 'host-local',
    dataDir: `${instance.dir}/cni/addresses`,
    ranges: [[{ subnet: `${subnet}.0/24`, rangeStart: `${subnet}.10`, gateway: `${subnet}.1` }]],
    routes: [{ dst: '0.0.0.0/0' }],
  }
  const bridge = { type: 'bridge', bridge: instance.bridge, isGateway: true, hairpinMode: true, ipMasq: false, ipam }
  return JSON.stringify({ cniVersion: '0.4.0', name: `testbed-${instance.id}`, plugins: [bridge] }, null, 2)
}
