/**
 * What every operation works on: the namespace, its blocks and DataNodes, the journal, time and settings.
 * No sockets and no timers: a simulation builds one and drives it.
 */
import type { EditOp } from '@cairn/hdfs-storage'
import { BlockManager } from './blocks/block-manager.ts'
import { DatanodeRegistry } from './datanodes/datanode-registry.ts'
import type { Environment } from './environment.ts'
import { safeModeException } from './java-exceptions.ts'
import type { Journal } from './journal/journal.ts'
import { applyEdit } from './namespace/apply-edit.ts'
import type { Namespace } from './namespace/namespace.ts'
import { Callers } from './permissions/caller.ts'
import type { GroupsOf } from './permissions/groups.ts'
import type { Settings } from './settings.ts'

export interface CoreOptions {
  readonly namespace: Namespace
  readonly journal: Journal
  readonly env: Environment
  readonly settings: Settings
  readonly groupsOf: GroupsOf
}

/** Milliseconds without a renewal after which others may take a file over, and after which the NameNode closes it. */
export interface LeaseLimits {
  readonly softMs: number
  readonly hardMs: number
}

export class Core {
  readonly namespace: Namespace
  readonly journal: Journal
  readonly env: Environment
  readonly settings: Settings
  readonly datanodes: DatanodeRegistry
  readonly blocks: BlockManager
  readonly callers: Callers
  /** How long a writer that is not heard of keeps its files; LeaseManager.setLeasePeriod. */
  leaseLimits: LeaseLimits
  /** Told when a change that is journaled could not be made: namespace and journal disagree, nothing can go on. */
  onFatal: ((error: Error) => void) | undefined = undefined
  /** When this NameNode came up, on the monotonic clock. */
  readonly startedMs: number
  /** Name of this NameNode in texts for users. */
  hostName = 'localhost'

  constructor(options: CoreOptions) {
    this.namespace = options.namespace
    this.journal = options.journal
    this.env = options.env
    this.settings = options.settings
    this.startedMs = options.env.elapsed()
    this.datanodes = new DatanodeRegistry(options.env, options.settings)
    this.blocks = new BlockManager(options.namespace, this.datanodes, options.env, options.settings)
    this.leaseLimits = { softMs: options.settings.leaseSoftMs, hardMs: options.settings.leaseHardMs }
    this.callers = new Callers(options.settings, options.groupsOf)
    this.namespace.listener = this.blocks
    this.namespace.leases.renewAll(options.env.elapsed())
    this.checkSafeMode()
  }

  /** Makes one change: journal first, then namespace. The caller answers nobody before `journal.sync()`. */
  commit(op: EditOp): void {
    this.journal.append(op)
    try {
      applyEdit(this.namespace, op, this.env.elapsed())
    } catch (error) {
      this.onFatal?.(error instanceof Error ? error : new Error(String(error)))
      throw error
    }
  }

  /** Leaves safe mode when the thresholds are reached; to be called after reports and registrations. */
  checkSafeMode(): void {
    if (this.blocks.safeMode.check(this.datanodes.liveCount, this.env.elapsed())) this.blocks.judgeAll()
  }

  /** Throws SafeModeException while the namespace is read-only; `attempt` is what cannot be done. */
  checkNotSafeMode(attempt: string): void {
    if (this.blocks.safeMode.on) throw this.safeModeError(attempt)
  }

  safeModeError(attempt: string): Error {
    const tip = this.blocks.safeMode.tip(this.datanodes.liveCount)
    return safeModeException(
      `${attempt}. Name node is in safe mode.\n${tip} NamenodeHostName:${this.hostName}`,
    )
  }

  nextInodeId(): number {
    return this.namespace.lastInodeId + 1
  }

  /** Names a new version of a block, durably. */
  nextGenerationStamp(): number {
    const genStampV2 = this.namespace.generationStamp + 1
    this.commit({ op: 'OP_SET_GENSTAMP_V2', genStampV2 })
    return genStampV2
  }

  /** Names a new block, durably. */
  nextBlockId(): number {
    const blockId = BigInt(this.namespace.lastBlockId + 1)
    this.commit({ op: 'OP_ALLOCATE_BLOCK_ID', blockId })
    return Number(blockId)
  }
}
