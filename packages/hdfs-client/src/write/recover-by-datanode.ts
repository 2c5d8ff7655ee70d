// Recovery as Hadoop 1 does it (Java: DFSOutputStream.processDatanodeError): the client asks one DataNode of the pipeline
// to lead. It cuts the replicas to one length, gets a new generation stamp from the NameNode, gives it to the replicas
// and tells the NameNode who has them; then the pipeline is set up on those [client1.recovery.1].
import { RemoteException, RpcConnectionError } from '@cairn/hadoop-ipc'
import type { DatanodeInfoProto, ExtendedBlockProto, LocatedBlockProto } from '@cairn/hadoop-proto'
import { BlockWriteError, type BlockWriter, datanodeAddress } from '@cairn/hdfs-block-io'
import { clientDatanodeProtocol, recoverBlock1 } from '@cairn/hdfs-protocol'
import { pause } from '../pause.ts'
import { ipcAddress } from '../read/datanode-address.ts'
import { type Pipeline, pipelineOf } from './pipeline.ts'
import { type BlockSetup, dialPipeline, type RenewalStage } from './pipeline-setup.ts'

/** How often a DataNode is asked that refuses, and how long it is left alone between, in milliseconds: as Java does. */
const askedMax = 5
const refusedWaitMs = 1_000

/** A pipeline on existing replicas, which one of its DataNodes has given a new generation stamp. */
export async function renewByDatanode(
  setup: BlockSetup,
  pipeline: Pipeline,
  stage: RenewalStage,
): Promise<{ writer: BlockWriter; pipeline: Pipeline }> {
  const block = { ...pipeline.block, numBytes: BigInt(setup.packets.bytesAcked) }
  // Nothing is lost before an append: replicas that are shorter than the file says are bad ones.
  const keepLength = stage === 'append' || stage === 'append-recovery'
  const recovered = pipelineOf(await recoverBlock(setup, pipeline.nodes, block, keepLength))
  const { generationStamp } = recovered.block
  // The end of the block, too, is sent to replicas that are open again.
  const writer = await dialPipeline(setup, recovered, {
    stage: stage === 'close-recovery' ? 'streaming-recovery' : stage,
    generationStamp,
    eager: false,
  })
  return { writer, pipeline: recovered }
}

/** Asks the first DataNode by name, as every client of the block would. */
async function recoverBlock(
  setup: BlockSetup,
  nodes: readonly DatanodeInfoProto[],
  block: ExtendedBlockProto,
  keepLength: boolean,
): Promise<LocatedBlockProto> {
  const { context, signal } = setup
  const leader = nodes.reduce((first, node) => (nameOf(node) < nameOf(first) ? node : first))
  const address = ipcAddress(leader.id, context.settings)
  const request = { block, keepLength, targets: [...nodes] }
  // It talks to every other node twice, and to the NameNode twice: each may take that long.
  const timeoutMs = (2 * nodes.length + 2) * context.settings.dataTimeoutMs
  for (let asked = 1; ; asked += 1) {
    try {
      const answer = await context.rpc.call(address, clientDatanodeProtocol.name, recoverBlock1, request, {
        signal,
        timeoutMs,
        verbatim: true,
      })
      if (answer.block !== undefined && answer.block.locs.length > 0) return answer.block
      throw failure(setup, nodes, leader, block, new Error('it found no replica'))
    } catch (error) {
      if (error instanceof RpcConnectionError) throw failure(setup, nodes, leader, block, error)
      if (!(error instanceof RemoteException)) throw error
      if (asked === askedMax) throw failure(setup, nodes, leader, block, error)
      await pause(refusedWaitMs, signal)
    }
  }
}

const nameOf = ({ id }: DatanodeInfoProto): string => `${id.ipAddr}:${id.xferPort}`

/** The DataNode that was to lead is left out of the next try. */
function failure(
  { context }: BlockSetup,
  nodes: readonly DatanodeInfoProto[],
  leader: DatanodeInfoProto,
  block: ExtendedBlockProto,
  cause: Error,
): BlockWriteError {
  const message = `recover block ${block.blockId} by ${nameOf(leader)}: ${cause.message}`
  return new BlockWriteError('node', message, {
    datanode: datanodeAddress(leader, context.settings.useDatanodeHostname),
    failedNodeIndex: nodes.indexOf(leader),
    cause,
  })
}
