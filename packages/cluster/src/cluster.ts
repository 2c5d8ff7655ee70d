import { setTimeout as delay } from 'node:timers/promises'
import type { ConnectOptions, HdfsClient } from '@cairn/hdfs-client'
import { ClusterError } from './cluster-error.ts'
import type { Role } from './roles/role.ts'
import type { ClusterStatus, DatanodeSummary } from './status.ts'
import type { WebServer } from './web/web-server.ts'

/** A NameNode that is started again is in safe mode until DataNodes have reported; clients of the cluster wait for it. */
const safeModeWaitMs = 15_000

/** What a running cluster is made of. */
export interface ClusterParts {
  readonly url: string
  readonly webUrl: string | undefined
  readonly namenode: Role
  readonly datanodes: readonly Role[]
  readonly web: WebServer | undefined
  readonly failed: Promise<never>
  /** Closes what was opened beside the roles. */
  closeOthers(): Promise<void>
}

/** A NameNode and its DataNodes, running. `close()`, or leaving an `await using` block, ends them. */
export class Cluster implements AsyncDisposable {
  readonly #parts: ClusterParts
  readonly #startedAt = Date.now()
  #closing: Promise<void> | undefined

  constructor(parts: ClusterParts) {
    this.#parts = parts
  }

  /** `hdfs://host:port`, for any client of HDFS. */
  get url(): string {
    return this.#parts.url
  }

  /** `http://host:port` of the web page; undefined where none was asked for. */
  get webUrl(): string | undefined {
    return this.#parts.webUrl
  }

  /** Where the NameNode answers, and its process. */
  get namenode(): Pick<Role, 'address' | 'pid'> {
    return this.#parts.namenode
  }

  /** Where the DataNodes answer, and their processes, in the order of their directories. */
  get datanodes(): readonly Pick<Role, 'address' | 'pid'>[] {
    return this.#parts.datanodes
  }

  /** Rejects when the cluster cannot go on: a role's process dies again and again. Never resolves. */
  get failed(): Promise<never> {
    return this.#parts.failed
  }

  /** A client of this cluster; the caller closes it. */
  async connect(options: ConnectOptions = {}): Promise<HdfsClient> {
    const { connect } = await import('@cairn/hdfs-client')
    return await connect(this.url, { confDir: false, safeModeWaitMs, ...options })
  }

  /** What the NameNode knows now. Rejects with `ERR_CLUSTER_ROLE_FAILED` while it is being started again. */
  async status(): Promise<ClusterStatus> {
    if (this.#closing !== undefined)
      throw new ClusterError('ERR_CLUSTER_CLOSED', 'ask for the status: the cluster is closed')
    const status = await readStatus(this.#parts, this.#startedAt)
    if (status !== undefined) return status
    throw new ClusterError(
      'ERR_CLUSTER_ROLE_FAILED',
      'ask for the status: the NameNode does not answer; it may be starting',
    )
  }

  /** Ends the DataNodes, then the NameNode; what was acknowledged is kept where there is a directory. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    const { web, namenode, datanodes } = this.#parts
    await web?.close()
    await this.#parts.closeOthers()
    await Promise.all(datanodes.map((datanode) => datanode.close()))
    await namenode.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

/** The status of the parts; undefined while the NameNode does not answer. */
export async function readStatus(
  parts: Pick<ClusterParts, 'url' | 'namenode' | 'datanodes'>,
  startedAt: number,
): Promise<ClusterStatus | undefined> {
  const { url, namenode, datanodes } = parts
  const report = await namenode.report()
  if (report === undefined) return undefined
  const pids = new Map(datanodes.map(({ address, pid }) => [`${address.host}:${address.port}`, pid]))
  const withPid = (summary: Omit<DatanodeSummary, 'pid'>): DatanodeSummary => ({
    ...summary,
    pid: pids.get(summary.address),
  })
  return {
    url,
    startedAt,
    namenode: { ...report.namenode, pid: namenode.pid },
    datanodes: report.datanodes.map(withPid),
  }
}

/** Waits until every DataNode of the parts has said what room it has, and changes are accepted. */
export async function untilReady(
  parts: Pick<ClusterParts, 'url' | 'namenode' | 'datanodes'>,
  options: { timeoutMs: number; signal: AbortSignal | undefined; failed: Promise<never> },
): Promise<void> {
  const giveUpAt = performance.now() + options.timeoutMs
  for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, 50)) {
    options.signal?.throwIfAborted()
    const status = await Promise.race([readStatus(parts, 0), options.failed])
    const own = status?.datanodes.filter(
      ({ pid, state, capacity }) => pid !== undefined && state === 'live' && capacity > 0,
    )
    if (status?.namenode.safeMode === undefined && own?.length === parts.datanodes.length) return
    if (performance.now() > giveUpAt) {
      const found =
        status === undefined
          ? 'the NameNode does not answer'
          : (status.namenode.safeMode ?? `${own?.length} of ${parts.datanodes.length} DataNodes are there`)
      throw new ClusterError(
        'ERR_CLUSTER_START_TIMEOUT',
        `wait for the cluster's first write: after ${options.timeoutMs} ms ${found}; the log says more`,
      )
    }
    // The delay has an error of its own for an abort; the one to tell is the signal's reason.
    await delay(pauseMs, undefined, { signal: options.signal }).catch(() => options.signal?.throwIfAborted())
  }
}
