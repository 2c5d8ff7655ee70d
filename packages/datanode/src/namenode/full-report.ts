// A full block report: one call, or one a storage when there are very many replicas. Its bytes are made beside the
// other work of the event loop, a part of the replicas at a time. What changes meanwhile is told by incremental
// reports, which wait until the full report has gone.
import { ByteWriter } from '@cairn/bytes'
import {
  BlockReportContextProto,
  BlockReportRequestProto,
  type DatanodeRegistrationProto,
  type MessageCodec,
  StorageBlockReportProto,
} from '@cairn/hadoop-proto'
import {
  capabilityBlockReportBuffers,
  encodeBlockLongs,
  type ReplicaState,
  type ReportedReplica,
} from '@cairn/hdfs-protocol'
import { replicaStateNumber } from '../storage/replica.ts'
import { BufferReplicaList, LongReplicaList } from '../storage/replica-list.ts'
import type { ReplicaStore } from '../storage/replica-store.ts'
import type { PoolSlice } from '../storage/volume.ts'
import { storageOf } from './incremental-reports.ts'

export interface FullReportOptions {
  readonly registration: DatanodeRegistrationProto
  /** Capabilities that the NameNode announced. */
  readonly capabilities: bigint
  /** Not 0; tells the parts of one report apart from those of another. */
  readonly reportId: bigint
  readonly leaseId: bigint
  /** From so many replicas on each storage has a call of its own; `dfs.blockreport.split.threshold`. */
  readonly splitReplicas: number
}

/** A `BlockReportRequestProto`, encoded, in pieces. */
export type EncodedReport = readonly Uint8Array[]

/** Field numbers and wire types as they stand before fields, which are written one after the other here. */
const tag = { reports: 0x1a, context: 0x22, blocks: 0x12, blocksBuffers: 0x22 } as const

/** Puts an encoded report into a call as if it were the message. */
export const encodedReportCodec: MessageCodec<EncodedReport> = {
  typeName: BlockReportRequestProto.typeName,
  fields: BlockReportRequestProto.fields,
  encode: (pieces) => {
    const writer = new ByteWriter(lengthOf(pieces))
    writePieces(writer, pieces)
    return writer.take()
  },
  write: writePieces,
  encodeDelimited: (writer, pieces) => {
    const bytes = lengthOf(pieces)
    // All room at once: growing step by step would copy the report several times.
    writer.truncate(writer.reserve(bytes + 5))
    writer.varint32(bytes)
    writePieces(writer, pieces)
  },
  decode: () => neverRead(),
  read: () => neverRead(),
  decodeDelimited: () => neverRead(),
}

/** All replicas of a pool as the calls that report them. */
export async function makeFullReport(
  store: ReplicaStore,
  options: FullReportOptions,
): Promise<EncodedReport[]> {
  const buffers = (options.capabilities & capabilityBlockReportBuffers) !== 0n
  const split = store.count >= options.splitReplicas
  const newList = () => (buffers ? new BufferReplicaList() : new LongReplicaList())
  const slices = [...store.slices]
  const lists = new Map(slices.map((slice) => [slice, newList()]))
  await store.index.visitAll((slice, idLow, idHigh, stampLow, stampHigh, length, state) => {
    if (state === replicaStateNumber.TEMPORARY) return
    lists.get(slice)?.add(idLow, idHigh, stampLow, stampHigh, length, state)
  })
  const reports = slices.map((slice) => encodeStorageReport(slice, lists.get(slice)!))
  const calls = split ? reports.map((report) => [report]) : [reports]
  return calls.map((part, index) => encodeCall(store, part, index, calls.length, options))
}

/**
 * All replicas as of one storage, for NameNodes before 2.3 [dnp.old.2]. Their clusters are small: the message is made
 * at once, since it may have to be said in the words of another generation.
 */
export async function makeReportOfOneStorage(
  store: ReplicaStore,
  registration: DatanodeRegistrationProto,
): Promise<BlockReportRequestProto> {
  const replicas: ReportedReplica[] = []
  await store.index.visitAll((_, idLow, idHigh, stampLow, stampHigh, numBytes, state) => {
    if (state === replicaStateNumber.TEMPORARY) return
    const blockId = whole(idLow, idHigh)
    replicas.push({
      blockId,
      generationStamp: whole(stampLow, stampHigh),
      numBytes,
      state: state as ReplicaState,
    })
  })
  const storage = { storageUuid: registration.datanodeID.datanodeUuid, state: 0 }
  const report = { storage, blocks: encodeBlockLongs(replicas), blocksBuffers: [] }
  return { registration, blockPoolId: store.pool.blockPoolId, reports: [report] }
}

const whole = (low: number, high: number): bigint =>
  BigInt.asIntN(64, (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0))

/** A `StorageBlockReportProto` in pieces. */
function encodeStorageReport(slice: PoolSlice, list: BufferReplicaList | LongReplicaList): Uint8Array[] {
  const storage = storageOf(slice.volume)
  if (list instanceof BufferReplicaList) {
    const head = { storage, blocks: [], numberOfBlocks: BigInt(list.count), blocksBuffers: [] }
    const buffers = list.take()
    // Java's has a buffer also when it is empty.
    if (buffers.length === 0) buffers.push(new Uint8Array(0))
    const fields = buffers.flatMap((buffer) => [fieldHead(tag.blocksBuffers, buffer.length), buffer])
    return [StorageBlockReportProto.encode(head), ...fields]
  }
  const pieces = list.take()
  const head = StorageBlockReportProto.encode({ storage, blocks: [], blocksBuffers: [] })
  return [head, fieldHead(tag.blocks, lengthOf(pieces)), ...pieces]
}

function encodeCall(
  store: ReplicaStore,
  reports: readonly Uint8Array[][],
  curRpc: number,
  totalRpcs: number,
  options: FullReportOptions,
): EncodedReport {
  const { registration } = options
  const { blockPoolId } = store.pool
  const context = BlockReportContextProto.encode({
    totalRpcs,
    curRpc,
    id: options.reportId,
    leaseId: options.leaseId,
  })
  return [
    BlockReportRequestProto.encode({ registration, blockPoolId, reports: [] }),
    ...reports.flatMap((report) => [fieldHead(tag.reports, lengthOf(report)), ...report]),
    fieldHead(tag.context, context.length),
    context,
  ]
}

function fieldHead(fieldTag: number, length: number): Uint8Array {
  const writer = new ByteWriter(6)
  writer.u8(fieldTag)
  writer.varint32(length)
  return writer.take()
}

function lengthOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, piece) => sum + piece.length, 0)
}

function writePieces(writer: ByteWriter, pieces: readonly Uint8Array[]): void {
  for (const piece of pieces) writer.bytes(piece)
}

function neverRead(): never {
  throw new TypeError('decode an encoded block report: a DataNode only sends them')
}
