// The parts of Kubernetes objects that we read. Everything is optional as it is on the wire; nothing here is validated.

export interface OwnerReference {
  readonly uid: string
  readonly kind: string
  readonly name: string
  readonly controller?: boolean
}

export interface Metadata {
  readonly name: string
  readonly namespace?: string
  readonly uid?: string
  readonly resourceVersion?: string
  readonly generation?: number
  readonly creationTimestamp?: string
  readonly deletionTimestamp?: string
  readonly finalizers?: readonly string[]
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly ownerReferences?: readonly OwnerReference[]
  /** Who wrote which fields; we read when. */
  readonly managedFields?: readonly { readonly time?: string }[]
}

export interface KubeObject {
  readonly apiVersion?: string
  readonly kind?: string
  readonly metadata: Metadata
}

export interface Condition {
  readonly type: string
  readonly status: string
  readonly reason?: string
  readonly message?: string
  readonly lastTransitionTime?: string
  readonly observedGeneration?: number
}

export interface Probe {
  readonly httpGet?: { readonly path?: string; readonly port?: number | string }
  readonly tcpSocket?: { readonly port?: number | string }
  readonly exec?: { readonly command?: readonly string[] }
  readonly grpc?: { readonly port?: number }
  readonly initialDelaySeconds?: number
  readonly periodSeconds?: number
  readonly failureThreshold?: number
}

export interface Container {
  readonly name: string
  readonly image?: string
  readonly command?: readonly string[]
  readonly args?: readonly string[]
  readonly ports?: readonly { readonly name?: string }[]
  readonly restartPolicy?: string
  readonly readinessProbe?: Probe
  readonly livenessProbe?: Probe
  readonly startupProbe?: Probe
  readonly resources?: { readonly limits?: Record<string, string>; readonly requests?: Record<string, string> }
}

export interface Toleration {
  readonly key?: string
  readonly operator?: string
  readonly value?: string
  readonly effect?: string
}

export interface PodSpec {
  readonly nodeName?: string
  readonly restartPolicy?: string
  readonly containers?: readonly Container[]
  readonly initContainers?: readonly Container[]
  readonly nodeSelector?: Readonly<Record<string, string>>
  readonly tolerations?: readonly Toleration[]
  readonly imagePullSecrets?: readonly { readonly name?: string }[]
  readonly volumes?: readonly {
    readonly name: string
    readonly persistentVolumeClaim?: { readonly claimName: string }
  }[]
}

export interface Termination {
  readonly exitCode?: number
  readonly signal?: number
  readonly reason?: string
  readonly message?: string
  readonly startedAt?: string
  readonly finishedAt?: string
}

export interface ContainerState {
  readonly waiting?: { readonly reason?: string; readonly message?: string }
  readonly running?: { readonly startedAt?: string }
  readonly terminated?: Termination
}

export interface ContainerStatus {
  readonly name: string
  readonly ready?: boolean
  readonly started?: boolean
  readonly restartCount?: number
  readonly image?: string
  readonly state?: ContainerState
  readonly lastState?: ContainerState
}

export interface Pod extends KubeObject {
  readonly spec?: PodSpec
  readonly status?: {
    readonly phase?: string
    readonly reason?: string
    readonly message?: string
    readonly startTime?: string
    readonly conditions?: readonly Condition[]
    readonly containerStatuses?: readonly ContainerStatus[]
    readonly initContainerStatuses?: readonly ContainerStatus[]
  }
}

/** Deployment, StatefulSet, DaemonSet, ReplicaSet and Job, as far as we read them. */
export interface Workload extends KubeObject {
  readonly spec?: {
    readonly replicas?: number
    readonly paused?: boolean
    readonly suspend?: boolean
    readonly completions?: number
    readonly backoffLimit?: number
    readonly ttlSecondsAfterFinished?: number
    readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> }
    readonly strategy?: { readonly type?: string }
    readonly updateStrategy?: { readonly type?: string; readonly rollingUpdate?: { readonly partition?: number } }
    readonly podManagementPolicy?: string
    readonly template?: { readonly metadata?: Partial<Metadata>; readonly spec?: PodSpec }
  }
  readonly status?: {
    readonly observedGeneration?: number
    readonly replicas?: number
    readonly updatedReplicas?: number
    readonly readyReplicas?: number
    readonly availableReplicas?: number
    readonly terminatingReplicas?: number
    readonly currentRevision?: string
    readonly updateRevision?: string
    readonly desiredNumberScheduled?: number
    readonly updatedNumberScheduled?: number
    readonly numberAvailable?: number
    readonly numberReady?: number
    readonly succeeded?: number
    readonly failed?: number
    readonly active?: number
    readonly ready?: number
    readonly conditions?: readonly Condition[]
  }
}

export interface KubeEvent extends KubeObject {
  readonly involvedObject?: {
    readonly kind?: string
    readonly name?: string
    readonly namespace?: string
    readonly uid?: string
    readonly fieldPath?: string
  }
  readonly reason?: string
  readonly message?: string
  readonly type?: string
  readonly count?: number
  readonly firstTimestamp?: string | null
  readonly lastTimestamp?: string | null
  readonly eventTime?: string | null
  readonly series?: { readonly count?: number; readonly lastObservedTime?: string }
}

/** The list answer of the API. */
export interface KubeList<T extends KubeObject = KubeObject> {
  readonly metadata: { readonly resourceVersion?: string; readonly continue?: string }
  /** Null instead of empty, in the metadata-only form. */
  readonly items: readonly T[] | null
}
