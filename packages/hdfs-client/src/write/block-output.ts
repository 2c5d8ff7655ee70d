// One block being written. Its bytes are in OutgoingPackets, which outlives pipelines; pipelines come and go:
//
//   allocate ──► set up ──► streaming ──► finished
//      ▲            │ fails, or breaks while streaming
//      │            ├── no byte acknowledged: give the block back, take another without the failed DataNode
//      └────────────┘
//                   └── some bytes acknowledged: recover ──► streaming
//
// Recover (Java: DataStreamer.setupPipelineForAppendOrRecovery): leave the failed node out, perhaps take in another, get
// a new generation stamp (updateBlockForPipeline), set up the pipeline with it, tell the NameNode (updatePipeline), and
// send again what was not acknowledged. Replicas left behind are older by their stamp and so of no account.

import { kernel } from '@cairn/checksum'
import type { DatanodeInfoProto, ExtendedBlockProto } from '@cairn/hadoop-proto'
import { BlockWriteError, type BlockWriter } from '@cairn/hdfs-block-io'
import { OutgoingPackets } from '@cairn/hdfs-protocol'
import type { ClientContext } from '../client-context.ts'
import { pipelineFailed } from '../diagnostics.ts'
import { HdfsFileError } from '../fs/file-error.ts'
import { pause } from '../pause.ts'
import { abandonBlock, allocateBlock } from './allocate-block.ts'
import { fullDatanodes } from './full-datanodes.ts'
import { formatPipeline, type Pipeline, withoutNode } from './pipeline.ts'
import { type PipelineRecovery, pipelineRecoveries } from './pipeline-recovery.ts'
import { type BlockSetup, createPipeline, type RenewalStage } from './pipeline-setup.ts'
import { addDatanode, wantsReplacement } from './replace-datanode.ts'
import type { WrittenFile } from './written-file.ts'

/** Failures without any progress between them, after which a write gives up. */
const failuresMax = 5
/** Between two tries to reach a DataNode that restarts, when it is the only one. */
const restartRetryMs = 1_000

/** One block of a file being written. Calls follow each other. */
export class BlockOutput {
  readonly #context: ClientContext
  readonly #file: WrittenFile
  readonly #previous: ExtendedBlockProto | undefined
  readonly #signal: AbortSignal | undefined
  readonly #packets: OutgoingPackets
  readonly #setup: BlockSetup
  readonly #recovery: PipelineRecovery
  readonly #failed: DatanodeInfoProto[] = []
  readonly #append: boolean
  #pipeline: Pipeline | undefined
  #writer: BlockWriter | undefined
  #opening: Promise<BlockWriter> | undefined
  #stage: 'create' | 'append' | 'streaming' | 'closing'
  #hflushed = false
  #failures = 0
  #ackedAtFailure = -1
  /** The only DataNode announced that it restarts: until then its failures are not its end. */
  #restartDeadlineMs = 0
  #aborted = false
  /** Packets follow the operation at once; after a failure they wait for its answer. */
  #eager = true

  /** A new block after `previous`, or the file's last one that is not full. */
  constructor(
    context: ClientContext,
    file: WrittenFile,
    options: {
      previous: ExtendedBlockProto | undefined
      append: Pipeline | undefined
      signal: AbortSignal | undefined
    },
  ) {
    this.#context = context
    this.#file = file
    this.#previous = options.previous
    this.#signal = options.signal
    this.#pipeline = options.append
    this.#append = options.append !== undefined
    this.#stage = this.#append ? 'append' : 'create'
    this.#packets = new OutgoingPackets({
      kernel,
      format: file.checksum,
      startOffset: Number(options.append?.block.numBytes ?? 0n),
      version: context.namenode.generation.dataTransfer,
    })
    this.#recovery = pipelineRecoveries[context.namenode.generation.pipelineRecovery]
    this.#setup = { context, file, packets: this.#packets, signal: options.signal }
  }

  /** Bytes in the block, those not yet sent included. */
  get length(): number {
    return this.#packets.bytesWritten
  }

  /** The block with its length as it will be; undefined before the first pipeline. */
  get block(): ExtendedBlockProto | undefined {
    return this.#pipeline && { ...this.#pipeline.block, numBytes: BigInt(this.length) }
  }

  /** Takes bytes, which must fit into the block; a promise only when they have to wait. */
  write(bytes: Uint8Array): void | Promise<void> {
    const writer = this.#writer
    if (writer === undefined) return this.#writeSlowly(bytes, 0)
    const start = this.length
    try {
      const waiting = writer.write(bytes)
      if (waiting === undefined) return undefined
      return waiting.catch((error: unknown) => this.#writeRest(error, bytes, start))
    } catch (error) {
      return this.#writeRest(error, bytes, start)
    }
  }

  async #writeRest(error: unknown, bytes: Uint8Array, start: number): Promise<void> {
    await this.#recover(error)
    await this.#writeSlowly(bytes, this.length - start)
  }

  /** Without a pipeline: it is set up meanwhile; what fits the window is taken at once. */
  async #writeSlowly(bytes: Uint8Array, from: number): Promise<void> {
    const taken = from + this.#packets.write(bytes, from)
    const opened = this.#open()
    if (taken >= bytes.length) {
      // A failure shows at the next call, which waits for the pipeline; here nobody has to.
      opened.catch(() => undefined)
      return
    }
    const start = this.length - taken
    await this.#run(async (writer) => {
      await writer.write(bytes.subarray(this.length - start))
    })
  }

  /** Resolves when every node has all bytes; with `sync` on disk. */
  async flush(sync: boolean): Promise<void> {
    this.#hflushed = true
    await this.#run((writer) => writer.flush({ sync }))
  }

  /** Ends the block: resolves when every node has finished it. */
  async finish(): Promise<void> {
    // The end may only travel together with data while the whole block can still be written anew: a node that saw the
    // end has finished its replica, and cannot take part in a recovery that sends data again.
    if (!this.#renewable) await this.#run((writer) => writer.flush())
    // Sealed now, a small block leaves in one piece with the operation that sets its pipeline up.
    else this.#packets.finish()
    await this.#run((writer) => {
      if (!this.#renewable) this.#stage = 'closing'
      return writer.finish()
    })
  }

  /** Gives up: drops the pipeline; what was acknowledged stays on the DataNodes. */
  abort(): void {
    this.#aborted = true
    this.#writer?.abort()
    this.#opening?.then(
      (writer) => writer.abort(),
      () => undefined,
    )
  }

  /** True while the block can be thrown away and written anew elsewhere. */
  get #renewable(): boolean {
    return !this.#append && this.#packets.bytesAcked === 0
  }

  /** Does a step on a pipeline that stands; on another when that one breaks. */
  async #run(step: (writer: BlockWriter) => Promise<void>): Promise<void> {
    for (;;) {
      try {
        const writer = this.#writer ?? (await this.#open())
        await step(writer)
        return
      } catch (error) {
        if (await this.#recover(error)) return
      }
    }
  }

  /** The pipeline in use, set up when there is none. */
  #open(): Promise<BlockWriter> {
    if (this.#writer) return Promise.resolve(this.#writer)
    // A failure stays until somebody has dealt with it (recover).
    this.#opening ??= this.#setUpPipeline()
    return this.#opening
  }

  async #setUpPipeline(): Promise<BlockWriter> {
    this.#pipeline ??= await allocateBlock(
      this.#context,
      this.#file,
      this.#previous,
      this.#failed,
      this.#signal,
    )
    const fresh = this.#stage === 'create'
    const writer = await (fresh ? createPipeline(this.#setup, this.#pipeline, this.#eager) : this.#renew())
    this.#writer = writer
    this.#opening = undefined
    this.#restartDeadlineMs = 0
    if (this.#aborted) writer.abort()
    if (this.#stage === 'append') this.#stage = 'streaming'
    return writer
  }

  /** Sets the pipeline up again, or for the first time on a block that was there before. */
  async #renew(): Promise<BlockWriter> {
    const block = { ...this.#pipeline!.block, numBytes: BigInt(this.#packets.bytesAcked) }
    // Kept even when what follows fails: the failure counts nodes by this pipeline.
    this.#pipeline = await this.#refill({ ...this.#pipeline!, block })
    const { writer, pipeline } = await this.#recovery.renew(this.#setup, this.#pipeline, this.#renewalStage)
    this.#pipeline = pipeline
    return writer
  }

  get #renewalStage(): RenewalStage {
    if (this.#stage === 'closing') return 'close-recovery'
    if (this.#stage === 'streaming') return 'streaming-recovery'
    return this.#failures === 0 ? 'append' : 'append-recovery'
  }

  /** Takes in another DataNode when the policy wants one. */
  async #refill(pipeline: Pipeline): Promise<Pipeline> {
    const policy = this.#context.settings.replaceDatanode
    const need = {
      replication: this.#file.replication,
      nodes: pipeline.nodes.length,
      promised: this.#append || this.#hflushed,
    }
    const wanted = this.#recovery.replacesNodes && wantsReplacement(policy, need)
    if (this.#stage === 'closing' || !wanted) return pipeline
    try {
      return await addDatanode(this.#context, this.#file, pipeline, this.#failed, this.#signal)
    } catch (error) {
      this.#signal?.throwIfAborted()
      if (policy.bestEffort) return pipeline
      throw error
    }
  }

  /** Makes ready for the next try, or throws; true when there is nothing left to do. */
  async #recover(error: unknown): Promise<boolean> {
    this.#writer = undefined
    this.#opening = undefined
    this.#signal?.throwIfAborted()
    if (!(error instanceof BlockWriteError) || this.#aborted) throw error
    if (pipelineFailed.hasSubscribers) {
      pipelineFailed.publish({ path: this.#file.path, pipeline: this.#pipeline, error })
    }
    if (error.restarting)
      this.#restartDeadlineMs = performance.now() + this.#context.settings.datanodeRestartMs
    await this.#countFailure(error)
    await this.#leaveOut(error)
    const pipeline = this.#pipeline
    if (pipeline === undefined) return false
    if (this.#stage === 'create' && this.#renewable && !this.#isRestarting) {
      await abandonBlock(this.#context, this.#file, pipeline.block, this.#signal)
      this.#pipeline = undefined
      return false
    }
    if (pipeline.nodes.length === 0) throw await this.#giveUp(error, 'every DataNode of the pipeline failed')
    if (this.#stage === 'create') this.#stage = 'streaming'
    if (this.#stage !== 'closing' || !this.#recovery.finishesReplicas) return false
    // The data is safe; only the end was not confirmed. Setting up with the recovery stage finishes the replicas.
    try {
      const writer = await this.#open()
      writer.abort()
      return true
    } catch (next) {
      return await this.#recover(next)
    }
  }

  async #countFailure(error: BlockWriteError): Promise<void> {
    const acked = this.#packets.bytesAcked
    this.#failures = acked > this.#ackedAtFailure ? 1 : this.#failures + 1
    this.#ackedAtFailure = acked
    if (this.#failures > failuresMax && !this.#isRestarting)
      throw await this.#giveUp(error, `it failed ${failuresMax} times`)
  }

  get #isRestarting(): boolean {
    return performance.now() < this.#restartDeadlineMs
  }

  /** Takes the node that failed out of the pipeline; one that restarts and is the only one is waited for. */
  async #leaveOut(error: BlockWriteError): Promise<void> {
    const pipeline = this.#pipeline
    const node = pipeline?.nodes[error.failedNodeIndex]
    if (!pipeline || !node || error.kind === 'token' || this.#isAmbiguous(error, pipeline)) return
    if (pipeline.nodes.length === 1 && this.#isRestarting) {
      await pause(restartRetryMs, this.#signal)
      return
    }
    this.#failed.push(node)
    this.#pipeline = withoutNode(pipeline, error.failedNodeIndex)
  }

  /**
   * A node that refuses an operation with packets behind it resets the connection, and its answer, which names the
   * node that it could not reach, may be lost. The next try waits for the answer.
   */
  #isAmbiguous(error: BlockWriteError, pipeline: Pipeline): boolean {
    const ambiguous = this.#eager && error.kind === 'closed' && pipeline.nodes.length > 1
    this.#eager = false
    return ambiguous && this.#renewable
  }

  async #giveUp(error: BlockWriteError, why: string): Promise<HdfsFileError> {
    const { path, blockSize } = this.#file
    const missing = blockSize - this.#packets.bytesAcked
    const full = await fullDatanodes(this.#context, this.#file, this.#failed, missing)
    if (full.length > 0) {
      const room = full.map(
        ({ id, remaining }) => `${id.ipAddr}:${id.xferPort} has ${remaining ?? 0n} bytes left`,
      )
      const detail = `the block needs ${missing} more bytes, and DataNode ${room.join(', ')}`
      return new HdfsFileError('ENOSPC', 'write', { path, detail, cause: error })
    }
    const where = this.#pipeline ? formatPipeline(this.#pipeline) : 'a new block'
    const detail = `write ${where}: ${why}; the last failure: ${error.message}`
    return new HdfsFileError('EIO', 'write', { path, detail, cause: error })
  }
}
