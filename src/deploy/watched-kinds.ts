import { collectionPath, type LocatedObject } from '../cluster/discovery.ts'
import { workloadKinds } from '../health/memory.ts'

/** Where the collections of workloads are. */
const collections: Readonly<Record<string, readonly [apiVersion: string, plural: string]>> = {
  Deployment: ['apps/v1', 'deployments'],
  StatefulSet: ['apps/v1', 'statefulsets'],
  DaemonSet: ['apps/v1', 'daemonsets'],
  ReplicaSet: ['apps/v1', 'replicasets'],
  Job: ['batch/v1', 'jobs'],
  Pod: ['v1', 'pods'],
}

/** Whether an object has pods, so that its rollout is judged. */
export function isWatchable(kind: string): boolean {
  return workloadKinds.has(kind)
}

/** The path of the collection of a kind of workload. */
export function collectionOf(kind: string, namespace: string): string {
  const [apiVersion, plural] = collections[kind] ?? ['v1', 'pods']
  return collectionPath(apiVersion, plural, namespace)
}

/** Kinds without pods whose own status tells of failures. */
const telling = new Set([
  'PersistentVolumeClaim',
  'HorizontalPodAutoscaler',
  'CustomResourceDefinition',
  'APIService',
  'HTTPRoute',
  'GRPCRoute',
  'TLSRoute',
  'TCPRoute',
])

/** Whether the state of an object without pods tells anything: custom resources do by their conditions. */
export function isTelling({ kind, apiVersion, object }: LocatedObject): boolean {
  if (kind === 'Service')
    return (object as { readonly spec?: { readonly type?: string } }).spec?.type === 'LoadBalancer'
  const group = apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : ''
  return telling.has(kind) || (group.includes('.') && !group.endsWith('.k8s.io'))
}
