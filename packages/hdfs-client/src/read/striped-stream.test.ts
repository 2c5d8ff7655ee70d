import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ReceiveBuffer } from '@cairn/bytes'
import { stripingOf } from '@cairn/erasure-coding'
import {
  ChecksumTypeProto,
  type DatanodeInfoProto,
  type LocatedBlockProto,
  Status,
} from '@cairn/hadoop-proto'
import { DatanodeConnections } from '@cairn/hdfs-block-io'
import { dataTransfer28, encodeBlockOpResponse } from '@cairn/hdfs-protocol'
import { type Connection, memoryPair } from '@cairn/transport'
import type { ClientContext } from '../client-context.ts'
import { DeadNodes } from './dead-nodes.ts'
import type { LocatedFile } from './located-file.ts'
import { StripedGroup } from './striped-group.ts'
import { StripedStream } from './striped-stream.ts'

/** XOR-2-1 with cells of 1 MiB. */
const striping = stripingOf({ id: 4 })
const token = { identifier: new Uint8Array(), password: new Uint8Array(), kind: '', service: '' }

function node(index: number): DatanodeInfoProto {
  const id = { ipAddr: `10.0.0.${index}`, hostName: '', xferPort: 1, infoPort: 0, ipcPort: 0 }
  return { id: { ...id, datanodeUuid: `node-${index}` } }
}

function located(units: readonly number[], numBytes: number): LocatedBlockProto {
  return {
    b: { poolId: 'BP', blockId: -16n, generationStamp: 1n, numBytes: BigInt(numBytes) },
    offset: 0n,
    locs: units.map(node),
    corrupt: false,
    blockToken: token,
    isCached: [],
    storageTypes: [],
    storageIDs: [],
    blockTokens: [],
    blockIndices: Uint8Array.from(units),
  }
}

/** A client whose DataNodes answer a read when told to, and then send nothing. */
function stalling() {
  const asked: { answer(): void }[] = []
  const ends: Connection[] = []
  const datanodes = new DatanodeConnections({
    connect: () => {
      const [client, server] = memoryPair()
      const input = new ReceiveBuffer({ maxBytes: 1 << 20 })
      const checksum = { type: ChecksumTypeProto.CHECKSUM_CRC32C, bytesPerChecksum: 512 }
      const readOpChecksumInfo = { checksum, chunkOffset: 0n }
      const answer = () =>
        void server.write(encodeBlockOpResponse({ status: Status.SUCCESS, readOpChecksumInfo }))
      server.start({ input, onReceive: () => asked.push({ answer }), onClose: () => {} })
      ends.push(server)
      return Promise.resolve(client)
    },
  })
  const parts = {
    datanodes,
    deadNodes: new DeadNodes(() => 0),
    settings: { useDatanodeHostname: false, verifyChecksums: true, dataTimeoutMs: 60_000 },
    leases: { clientName: 'test' },
    namenode: { generation: { dataTransfer: dataTransfer28 } },
  }
  return { context: parts as unknown as ClientContext, asked, ends, datanodes }
}

async function until(reached: () => boolean): Promise<void> {
  const deadline = performance.now() + 5_000
  while (!reached() && performance.now() < deadline) await new Promise((resolve) => setImmediate(resolve))
  assert.ok(reached())
}

for (const [what, units] of [
  ['while units are opened', [0, 1, 2]],
  ['while a stripe is decoded', [1, 2]],
] as const) {
  test(`a stream that is closed ${what} leaves no connection behind`, async () => {
    const { context, asked, ends, datanodes } = stalling()
    const file = { path: '/f' } as LocatedFile
    const group = new StripedGroup(located(units, 4 << 20), striping)
    const stream = new StripedStream(context, file, group, { start: 0, end: 4 << 20 }, undefined)
    const reading = Promise.resolve(stream.read(new Uint8Array(100)))
    const told = reading.then(
      () => undefined,
      (error: unknown) => error,
    )
    if (units.length === 2) {
      // The data unit that is there; the other is found missing.
      await until(() => asked.length === 1)
      asked.shift()!.answer()
    }
    await until(() => asked.length === 2)
    stream.close()
    for (const { answer } of asked) answer()
    assert.equal(((await told) as { code?: string }).code, 'EBADF')
    await until(() => ends.every(({ closed }) => closed))
    assert.equal(context.deadNodes.has('node-1'), false)
    await datanodes.close()
  })
}
