/** What a cluster tells of itself: the web page, `/api/status` and `/metrics` are made of this and of nothing else. */
export interface ClusterStatus {
  /** `hdfs://host:port` */
  readonly url: string
  /** Milliseconds since 1970. */
  readonly startedAt: number
  readonly namenode: NamenodeSummary
  readonly datanodes: readonly DatanodeSummary[]
}

/** The NameNode's part; sizes in bytes. */
export interface NamenodeSummary {
  readonly address: string
  readonly pid: number
  readonly clusterId: string
  readonly blockPoolId: string
  /** Why changes are refused; undefined when they are not. */
  readonly safeMode: string | undefined
  readonly files: number
  readonly directories: number
  readonly blocks: number
  readonly capacity: number
  readonly used: number
  readonly remaining: number
  readonly underReplicatedBlocks: number
  readonly missingBlocks: number
  readonly corruptBlocks: number
}

/** One DataNode as the NameNode sees it; sizes in bytes. */
export interface DatanodeSummary {
  readonly uuid: string
  readonly address: string
  readonly state: 'live' | 'stale' | 'dead'
  /** Milliseconds since the last heartbeat. */
  readonly lastContactMs: number
  readonly capacity: number
  readonly used: number
  readonly remaining: number
  readonly blocks: number
  /** The process that it runs in; undefined for a DataNode that is not of this cluster. */
  readonly pid: number | undefined
}
