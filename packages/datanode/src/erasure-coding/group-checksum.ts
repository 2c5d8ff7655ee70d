// The checksum of a block group: those of its data units, which their DataNodes make, put together; as Java's
// `BlockChecksumHelper.BlockGroupNonStripedChecksumComputer`. A unit that cannot be had is decoded from the others, and
// its checksums are computed.
//
//   MD5CRC         MD5 over the MD5s of the data units, in their order, and zeros               [ec.sum.1]
//   COMPOSITE_CRC  the CRC that the bytes of the file would have: combined from CRCs of cells   [ec.sum.2]
import { createHash } from 'node:crypto'
import { combineCrc, kernel } from '@cairn/checksum'
import { ErasureCoder, stripingOf } from '@cairn/erasure-coding'
import {
  BlockChecksumTypeProto,
  type OpBlockChecksumResponseProto,
  type OpBlockGroupChecksumProto,
} from '@cairn/hadoop-proto'
import { type BlockChecksum, blockChecksum, datanodeAddress } from '@cairn/hdfs-block-io'
import { type ChecksumFormat, checksumsBytes, checksumTypeNumber } from '@cairn/hdfs-protocol'
import { emptyToken } from '../security/empty-token.ts'
import { compositeCrcs } from '../transfer/composite-crc.ts'
import { lengthOf } from '../transfer/refuse.ts'
import type { TransferContext } from '../transfer/transfer-context.ts'
import { type BlockGroup, sourcesOf, unitBlock, unitLength } from './block-group.ts'
import {
  reconstructionBufferBytesDefault,
  reconstructionReadTimeoutMsDefault,
} from './reconstruction-options.ts'
import { StripedReader } from './striped-reader.ts'

const md5Bytes = 16
const collectorBytesFirst = 32

type UnitSums = Pick<BlockChecksum, 'format' | 'crcPerBlock' | 'bytes'>

/** Who wants what of which group. */
interface Request {
  readonly context: TransferContext
  readonly group: BlockGroup
  /** Bytes of the group that the checksum covers. */
  readonly bytes: number
  readonly composite: boolean
  readonly signal: AbortSignal
}

/** Rejects when fewer units can be read than decoding needs, or when they are not guarded alike. */
export async function groupChecksum(
  context: TransferContext,
  message: OpBlockGroupChecksumProto,
  signal: AbortSignal,
): Promise<OpBlockChecksumResponseProto> {
  const { schema, cellSize } = stripingOf(message.ecPolicy)
  const count = schema.dataUnits + schema.parityUnits
  const nodes = message.datanodes.datanodes
  const group: BlockGroup = {
    block: message.header.block,
    bytes: lengthOf(message.header.block.numBytes, 'ExtendedBlockProto.numBytes'),
    schema,
    cellSize,
    sources: sourcesOf(message.blockIndices, nodes, message.blockTokens, count),
  }
  const asked = lengthOf(message.requestedNumBytes, 'OpBlockGroupChecksumProto.requestedNumBytes')
  const type = message.blockChecksumOptions?.blockChecksumType ?? BlockChecksumTypeProto.MD5CRC
  const composite = type === BlockChecksumTypeProto.COMPOSITE_CRC
  const request = { context, group, bytes: Math.min(asked, group.bytes), composite, signal }
  const units = await sumsOfUnits(request)
  const { format, crcPerBlock } = checkAlike(group, units)
  return {
    bytesPerCrc: format.bytesPerChecksum,
    crcPerBlock: BigInt(crcPerBlock),
    blockChecksum: composite ? crcOfGroup(request, units, format) : md5OfUnits(units),
    crcType: checksumTypeNumber(format.type),
    blockChecksumOptions: { blockChecksumType: type, stripeLength: 0n },
  }
}

/** Those of the data units that have bytes. */
async function sumsOfUnits(request: Request): Promise<UnitSums[]> {
  const { group, bytes } = request
  const all = Array.from({ length: group.schema.dataUnits }, (_, unit) => unit)
  const wanted = all.filter((unit) => unitLength(group, unit, bytes) > 0)
  const asked = await Promise.all(wanted.map((unit) => askedSums(request, unit)))
  const sums: UnitSums[] = []
  // One decoding at a time: each reads from many nodes.
  for (const [index, unit] of wanted.entries()) sums.push(asked[index] ?? (await decodedSums(request, unit)))
  return sums
}

/** What the unit's DataNode says; undefined when it cannot be asked. */
async function askedSums(request: Request, unit: number): Promise<UnitSums | undefined> {
  const { context, group, composite, signal } = request
  const source = group.sources.get(unit)
  if (!source) return undefined
  const length = unitLength(group, unit, request.bytes)
  try {
    const found = await blockChecksum({
      connections: context.peers,
      datanode: datanodeAddress(source.node, context.useDatanodeHostname),
      block: unitBlock(group, unit, length),
      token: source.token ?? emptyToken(),
      type: composite ? 'COMPOSITE_CRC' : 'MD5CRC',
      stripeBytes: composite ? group.cellSize : 0,
      timeoutMs: context.idleMs,
      signal,
    })
    const wantedBytes = composite ? Math.ceil(length / group.cellSize) * 4 : md5Bytes
    if ((found.type === 'COMPOSITE_CRC') === composite && found.bytes.length === wantedBytes) return found
    throw new Error(`found ${found.bytes.length} bytes of ${found.type}; ${wantedBytes} bytes were asked for`)
  } catch (error) {
    signal.throwIfAborted()
    context.logger.warn(
      { blockGroup: group.block.blockId, unit, error: (error as Error).message },
      'cannot get the checksum of a unit; it is decoded from the others',
    )
    return undefined
  }
}

/** Decodes the unit and computes what its DataNode would say [ec.sum.3]. */
async function decodedSums(request: Request, unit: number): Promise<UnitSums> {
  const { context, group, composite, signal } = request
  const length = unitLength(group, unit, request.bytes)
  const bufferBytes = reconstructionBufferBytesDefault
  const timeoutMs = reconstructionReadTimeoutMsDefault
  const reader = new StripedReader(context, group, { bufferBytes, timeoutMs, signal, without: [unit] })
  try {
    await reader.open()
    const format = reader.checksum
    const sums = await computeSums(reader, new ErasureCoder(group.schema), unit, length)
    return {
      format,
      crcPerBlock: sums.length / 4,
      bytes: composite ? compositeCrcs(sums, length, format, group.cellSize) : md5Of(sums),
    }
  } finally {
    reader.close()
  }
}

async function computeSums(
  reader: StripedReader,
  coder: ErasureCoder,
  unit: number,
  length: number,
): Promise<Uint8Array> {
  const { checksum, sliceBytes } = reader
  const output = new Uint8Array(sliceBytes)
  // They grow with what was read, not with what was said.
  const pieces: Uint8Array[] = []
  for (let at = 0; at < length; at += sliceBytes) {
    const data = output.subarray(0, Math.min(sliceBytes, length - at))
    coder.decode(await reader.read(data.length), [unit], [data])
    const sums = new Uint8Array(checksumsBytes(checksum, data.length))
    kernel.compute(checksum.type, data, checksum.bytesPerChecksum, sums)
    pieces.push(sums)
  }
  return Buffer.concat(pieces)
}

/** Units of one file are guarded alike; the first one speaks for all. */
function checkAlike(group: BlockGroup, units: readonly UnitSums[]): UnitSums {
  const first = units[0]
  if (!first) throw new Error(`checksum block group ${group.block.blockId}: found no bytes in it`)
  for (const { format } of units) {
    const { type, bytesPerChecksum } = first.format
    if (format.type === type && format.bytesPerChecksum === bytesPerChecksum) continue
    throw new Error(
      `checksum block group ${group.block.blockId}: found units with ${type} of ${bytesPerChecksum} bytes and with ${format.type} of ${format.bytesPerChecksum}`,
    )
  }
  return first
}

function md5Of(bytes: Uint8Array): Uint8Array {
  return createHash('md5').update(bytes).digest()
}

/** Java collects the MD5s in a buffer of 32 bytes that doubles when it is full, and sums up all of it, zeros included. */
function md5OfUnits(units: readonly UnitSums[]): Uint8Array {
  let room = collectorBytesFirst
  while (room < units.length * md5Bytes) room *= 2
  const collected = new Uint8Array(room)
  for (const [index, { bytes }] of units.entries()) collected.set(bytes, index * md5Bytes)
  return md5Of(collected)
}

/** Combines the CRCs of the cells in the order in which the file has them. */
function crcOfGroup(
  { group, bytes }: Request,
  units: readonly UnitSums[],
  { type }: ChecksumFormat,
): Uint8Array {
  const views = units.map(({ bytes: sums }) => new DataView(sums.buffer, sums.byteOffset, sums.byteLength))
  let crc = 0
  for (let start = 0, cell = 0; start < bytes; start += group.cellSize, cell++) {
    const unit = cell % group.schema.dataUnits
    const stripe = Math.floor(cell / group.schema.dataUnits)
    crc = combineCrc(type, crc, views[unit]!.getUint32(stripe * 4), Math.min(group.cellSize, bytes - start))
  }
  const result = Buffer.alloc(4)
  result.writeUInt32BE(crc)
  return result
}
