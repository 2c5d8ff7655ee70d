/**
 * Blocks with fewer good replicas than wanted, the most endangered first;
 * org.apache.hadoop.hdfs.server.blockmanagement.LowRedundancyBlocks.
 */
import type { BlockInfo } from './block-info.ts'

/** Queue numbers; the last one holds blocks that no DataNode has a good replica of. */
export const priority = { highest: 0, veryLow: 1, low: 2, missing: 3 } as const

export class LowRedundancyBlocks {
  readonly #queues: readonly Set<BlockInfo>[] = [new Set(), new Set(), new Set(), new Set()]
  readonly #priorityOf = new Map<BlockInfo, number>()

  /** Blocks below their replication that still have a good replica. */
  get lowCount(): number {
    return this.#priorityOf.size - this.missingCount
  }

  get missingCount(): number {
    return this.#queues[priority.missing]!.size
  }

  get highestPriorityCount(): number {
    return this.#queues[priority.highest]!.size
  }

  has(block: BlockInfo): boolean {
    return this.#priorityOf.has(block)
  }

  /** Puts the block where `live` of `wanted` good replicas belong, or nowhere when they are enough. */
  update(block: BlockInfo, live: number, wanted: number): void {
    const next = live >= wanted ? undefined : priorityFor(live, wanted)
    const current = this.#priorityOf.get(block)
    if (current === next) return
    if (current !== undefined) this.#queues[current]!.delete(block)
    if (next === undefined) {
      this.#priorityOf.delete(block)
      return
    }
    this.#queues[next]!.add(block)
    this.#priorityOf.set(block, next)
  }

  remove(block: BlockInfo): void {
    const current = this.#priorityOf.get(block)
    if (current === undefined) return
    this.#queues[current]!.delete(block)
    this.#priorityOf.delete(block)
  }

  /** Nothing could be done for the block now: others of its queue come first next time. */
  defer(block: BlockInfo): void {
    const current = this.#priorityOf.get(block)
    if (current === undefined) return
    this.#queues[current]!.delete(block)
    this.#queues[current]!.add(block)
  }

  /** Up to `countMax` blocks that can be copied, in order of need. */
  *copyable(countMax: number): Generator<BlockInfo> {
    let left = countMax
    for (let queue = 0; queue < priority.missing; queue++) {
      for (const block of this.#queues[queue]!) {
        if (left-- <= 0) return
        yield block
      }
    }
  }

  missing(): Iterable<BlockInfo> {
    return this.#queues[priority.missing]!
  }
}

function priorityFor(live: number, wanted: number): number {
  if (live === 0) return priority.missing
  if (live === 1) return priority.highest
  return live * 3 < wanted ? priority.veryLow : priority.low
}
