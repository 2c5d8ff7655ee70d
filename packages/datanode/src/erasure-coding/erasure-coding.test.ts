import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { kernel } from '@cairn/checksum'
import { ErasureCoder, internalBlockLength, stripingOf } from '@cairn/erasure-coding'
import {
  type BlockECReconstructionInfoProto,
  BlockChecksumTypeProto as ChecksumTypes,
  type ErasureCodingPolicyProto,
  type OpBlockGroupChecksumProto,
  OpWriteBlockProto_BlockConstructionStage as Stage,
} from '@cairn/hadoop-proto'
import { DatanodeConnections, openBlockWriter } from '@cairn/hdfs-block-io'
import { patternBytes } from '@cairn/testkit'
import { emptyToken } from '../security/empty-token.ts'
import { TransferNode, testPool } from '../testing/transfer-node.ts'
import { groupChecksum } from './group-checksum.ts'
import { reconstructGroup, reconstructionOrder, xmitsOf } from './reconstruct-group.ts'
import { ReconstructionWorker } from './reconstruction-worker.ts'

/** Cells of 4 KiB: several stripes in few bytes. */
const cellSize = 4096
const schema = { codec: 'rs', dataUnits: 3, parityUnits: 2 } as const
const policy: ErasureCodingPolicyProto = {
  id: 70,
  name: 'test',
  schema: { codecName: 'rs', dataUnits: 3, parityUnits: 2, options: [] },
  cellSize,
}
const options = { bufferBytes: 3000, timeoutMs: 2_000, signal: new AbortController().signal }
const nodes: TransferNode[] = []
const connections = new DatanodeConnections()
let groups = 0

before(async () => {
  for (let index = 0; index < 7; index++) nodes.push(await TransferNode.start())
})

after(async () => {
  await connections.close()
  for (const node of nodes) await node.stop()
})

/** What each unit of a group holds that has the first `bytes` bytes of the pattern. */
function unitsOf(bytes: number): Uint8Array[] {
  const file = patternBytes(bytes)
  const rows = Math.ceil(bytes / (cellSize * 3)) * cellSize
  const data = [0, 1, 2].map(() => new Uint8Array(rows))
  for (let at = 0, cell = 0; at < bytes; at += cellSize, cell++) {
    data[cell % 3]!.set(file.subarray(at, at + cellSize), Math.floor(cell / 3) * cellSize)
  }
  const parity = [new Uint8Array(rows), new Uint8Array(rows)]
  new ErasureCoder(schema).encode(data, parity)
  return [...data, ...parity].map((unit, index) =>
    unit.subarray(0, internalBlockLength(bytes, cellSize, 3, index)),
  )
}

interface TestGroup {
  readonly block: { poolId: string; blockId: bigint; generationStamp: bigint; numBytes: bigint }
  readonly units: Uint8Array[]
}

/** Puts unit n on node n, but not those of `missing`. */
async function written(bytes: number, missing: readonly number[]): Promise<TestGroup> {
  const blockId = -(2n ** 62n) + BigInt(16 * groups++)
  const block = { poolId: testPool.blockPoolId, blockId, generationStamp: 1001n, numBytes: BigInt(bytes) }
  const units = unitsOf(bytes)
  for (const [unit, data] of units.entries()) {
    if (missing.includes(unit) || data.length === 0) continue
    const writer = await openBlockWriter({
      connections,
      block: { ...block, blockId: blockId + BigInt(unit) },
      token: emptyToken(),
      pipeline: [nodes[unit]!.info],
      stage: Stage.PIPELINE_SETUP_CREATE,
      clientName: 'test',
      checksum: { type: 'CRC32C', bytesPerChecksum: 512 },
    })
    await writer.write(data)
    await writer.close()
  }
  return { block, units }
}

function order(group: TestGroup, live: number[], targets: number[]): BlockECReconstructionInfoProto {
  return {
    block: group.block,
    sourceDnInfos: { datanodes: live.map((unit) => nodes[unit]!.info) },
    targetDnInfos: { datanodes: targets.map((index) => nodes[index]!.info) },
    targetStorageUuids: { storageUuids: targets.map(() => '') },
    targetStorageTypes: { storageTypes: targets.map(() => 1) },
    liveBlockIndices: Uint8Array.from(live),
    ecPolicy: policy,
  }
}

const idOf = (group: TestGroup, unit: number) => group.block.blockId + BigInt(unit)

async function arrived(node: TransferNode, group: TestGroup, unit: number): Promise<void> {
  await node.until(`received ${idOf(group, unit)} ${group.units[unit]!.length}`)
  assert.deepEqual(node.bytes(idOf(group, unit)), group.units[unit])
}

test('[ec.targets.1] [ec.zeros.1] units that are missing are made and sent, whatever the length of the group', async () => {
  for (const bytes of [1, 4096, 5000, 12_288, 12_289, 20_000, 61_441]) {
    const group = await written(bytes, [0, 4])
    const live = [1, 2, 3].filter((unit) => group.units[unit]!.length > 0)
    const made = await reconstructGroup(
      nodes[6]!.context,
      reconstructionOrder(order(group, live, [5, 6])),
      options,
    )
    assert.deepEqual(made, [0, 4])
    await arrived(nodes[5]!, group, 0)
    await arrived(nodes[6]!, group, 4)
  }
})

test('a unit whose bytes are damaged is replaced by another, and the NameNode hears of it', async () => {
  const group = await written(50_000, [4])
  nodes[1]!.flip(idOf(group, 1), 'data', 9000)
  const made = await reconstructGroup(
    nodes[6]!.context,
    reconstructionOrder(order(group, [0, 1, 2, 3], [5])),
    options,
  )
  assert.deepEqual(made, [4])
  await arrived(nodes[5]!, group, 4)
  assert.ok(nodes[6]!.told.includes(`corrupt ${idOf(group, 1)} at port ${nodes[1]!.port}`))
})

test('too few units is an error that says what became of each', async () => {
  const group = await written(50_000, [0, 4])
  nodes[1]!.flip(idOf(group, 1), 'data', 100)
  const making = reconstructGroup(
    nodes[6]!.context,
    reconstructionOrder(order(group, [1, 2, 3], [5])),
    options,
  )
  await assert.rejects(making, { code: 'ERR_DN_EC_SOURCES', message: /3 are needed: unit 1: / })
  assert.equal(nodes[5]!.store.find(idOf(group, 0)), undefined)
})

test('a target that cannot be reached does not keep the other from its unit', async () => {
  const group = await written(30_000, [0, 4])
  const gone = await TransferNode.start()
  const info = gone.info
  await gone.stop()
  const wanted = order(group, [1, 2, 3], [5, 5])
  wanted.targetDnInfos.datanodes[0] = info
  assert.deepEqual(await reconstructGroup(nodes[6]!.context, reconstructionOrder(wanted), options), [4])
  await arrived(nodes[5]!, group, 4)
})

test('[ec.targets.1] units that are excluded or have no bytes are not made; garbage is refused', async () => {
  const group = await written(5000, [1, 3, 4])
  const wanted = order(group, [0, 2], [5, 6])
  wanted.excludeReconstructedIndices = Uint8Array.of(3)
  const { targets } = reconstructionOrder(wanted)
  assert.deepEqual(
    targets.map(({ unit }) => unit),
    [1, 4],
  )
  assert.throws(() => reconstructionOrder({ ...wanted, liveBlockIndices: Uint8Array.of(5) }), {
    code: 'ERR_DN_EC_UNITS',
  })
  assert.throws(() => stripingOf({ id: 99 }), { code: 'ERR_ERASURE_CODING_ARGUMENT' })
  assert.throws(() => stripingOf({ ...policy, cellSize: 0 }), { code: 'ERR_ERASURE_CODING_ARGUMENT' })
})

test('[ec.policy.1] system policies are known by their number', () => {
  assert.deepEqual(stripingOf({ id: 1 }), {
    schema: { codec: 'rs', dataUnits: 6, parityUnits: 3 },
    cellSize: 1 << 20,
  })
  assert.equal(stripingOf({ id: 4 }).schema.codec, 'xor')
})

test('[ec.xmits.1] a worker counts its orders until they are done, and outlives one that fails', async () => {
  const group = await written(30_000, [0, 4])
  const wanted = order(group, [1, 2, 3], [5, 6])
  assert.equal(xmitsOf(reconstructionOrder(wanted), 0.5), 1)
  assert.equal(xmitsOf(reconstructionOrder(wanted), 1), 3)
  const worker = new ReconstructionWorker(nodes[6]!.context, {
    reconstructionsMax: 1,
    reconstructionXmitsWeight: 1,
  })
  const impossible = order(group, [2, 3], [5])
  worker.take({ blockECReconstructioninfo: [impossible, wanted, { ...wanted, ecPolicy: { id: 99 } }] })
  assert.equal(worker.xmits, 6)
  await arrived(nodes[5]!, group, 0)
  await arrived(nodes[6]!, group, 4)
  while (worker.xmits > 0) await new Promise((resolve) => setImmediate(resolve))
  worker.close()
})

function asked(group: TestGroup, live: number[], type: number, bytes: bigint): OpBlockGroupChecksumProto {
  return {
    header: { block: group.block, token: emptyToken() },
    datanodes: { datanodes: live.map((unit) => nodes[unit]!.info) },
    blockTokens: live.map(emptyToken),
    ecPolicy: policy,
    blockIndices: live,
    requestedNumBytes: bytes,
    blockChecksumOptions: { blockChecksumType: type },
  }
}

test('[ec.sum.1] [ec.sum.2] [ec.sum.3] checksums of a group do not depend on which units are there', async () => {
  const { signal } = options
  for (const bytes of [900, 4096, 13_000, 50_000]) {
    const group = await written(bytes, [])
    const live = [0, 1, 2, 3, 4].filter((unit) => group.units[unit]!.length > 0)
    for (const part of [bytes, Math.ceil(bytes / 3)]) {
      const crc = kernel.crc('CRC32C', patternBytes(bytes).subarray(0, part))
      let md5: Uint8Array | undefined
      for (const without of [[], [0], [1, 2], [0, 4]]) {
        const left = live.filter((unit) => !without.includes(unit))
        const make = (type: number) =>
          groupChecksum(nodes[6]!.context, asked(group, left, type, BigInt(part)), signal)
        const composite = await make(ChecksumTypes.COMPOSITE_CRC)
        assert.equal(Buffer.from(composite.blockChecksum).readUInt32BE(), crc)
        const { blockChecksum, bytesPerCrc } = await make(ChecksumTypes.MD5CRC)
        assert.equal(bytesPerCrc, 512)
        md5 ??= blockChecksum
        assert.deepEqual(blockChecksum, md5)
      }
    }
  }
})
