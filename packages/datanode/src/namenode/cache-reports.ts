import type { DatanodeCommandProto } from '@cairn/hadoop-proto'
import type { Logger } from '../logger.ts'

/** Where cache reports come from; none where nothing may be kept in memory. */
export interface CacheReportSource {
  /** `dfs.cachereport.intervalMsec`. */
  readonly intervalMs: number
  /** Blocks of the pool that are in memory. */
  blocks(): bigint[]
}

/** What the reports need of their actor. */
export interface CacheReportHost {
  readonly logger: Logger
  readonly source: CacheReportSource
  send(blocks: bigint[]): Promise<DatanodeCommandProto | undefined>
  command(command: DatanodeCommandProto): void
}

/** Tells one NameNode from time to time which blocks are in memory, `BPServiceActor.cacheReport`. */
export class CacheReports {
  readonly #host: CacheReportHost
  #sending = false
  #dueMs = Number.NEGATIVE_INFINITY

  constructor(host: CacheReportHost) {
    this.#host = host
  }

  /** The NameNode has registered this node anew. */
  begin(): void {
    this.#dueMs = Number.NEGATIVE_INFINITY
  }

  /** To be called with every heartbeat; sends when it is time. Never throws. */
  heartbeat(): void {
    if (this.#sending || performance.now() < this.#dueMs) return
    const { source, logger } = this.#host
    this.#sending = true
    this.#dueMs = performance.now() + source.intervalMs
    const blocks = source.blocks().map((blockId) => BigInt.asUintN(64, blockId))
    this.#host
      .send(blocks)
      .then((command) => command && this.#host.command(command))
      .catch((error: Error) =>
        logger.warn({ error: error.message }, 'could not tell the NameNode what is in memory'),
      )
      .finally(() => {
        this.#sending = false
      })
  }
}
