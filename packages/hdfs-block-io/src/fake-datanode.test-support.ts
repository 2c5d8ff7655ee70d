/** A DataNode with one replica in memory, for tests: the server sessions over in-memory connections, with faults. */
import { ReceiveBuffer } from '@cairn/bytes'
import { portableKernel } from '@cairn/checksum'
import { type OpReadBlockProto, type OpWriteBlockProto, Status } from '@cairn/hadoop-proto'
import {
  BlockReadServerSession,
  BlockWriteServerSession,
  blockWriteBufferBytesMax,
  encodeBlockOpResponse,
  takeOperation,
  takeReadStatus,
} from '@cairn/hdfs-protocol'
import { type Connection, memoryPair } from '@cairn/transport'
import { DatanodeConnections } from './datanode-connections.ts'

export interface Faults {
  /** Answer operations with this status. */
  status?: number
  firstBadLink?: string
  /** Flip a bit of the block at this offset when it is sent. */
  corruptAt?: number
  /** Close the connection when this much was sent of a block. */
  closeAt?: number
  /** Say nothing at all. */
  silent?: boolean
  /** Acknowledge only the first so many packets. */
  acksMax?: number
  /** Reply with this status of our own to the packet with this seqno. */
  badReply?: { seqno: number; status: number }
}

/** One connection's state. */
type Mode =
  | { readonly kind: 'operation' }
  | { readonly kind: 'status' }
  | { readonly kind: 'write'; session: BlockWriteServerSession }

export class FakeDatanode {
  replica: Uint8Array
  faults: Faults = {}
  /** Connections made so far. */
  connectionCount = 0
  readonly readStatuses: number[] = []
  readonly received: number[] = []
  readonly open: Connection[] = []
  readonly #chunkBytes: number | undefined

  constructor(replica: Uint8Array, chunkBytes?: number) {
    this.replica = replica
    this.#chunkBytes = chunkBytes
  }

  connections(): DatanodeConnections {
    return new DatanodeConnections({ connect: () => Promise.resolve(this.#accept()) })
  }

  #accept(): Connection {
    this.connectionCount++
    const [client, server] = memoryPair(
      this.#chunkBytes === undefined ? {} : { chunkBytes: this.#chunkBytes },
    )
    this.open.push(server)
    const input = new ReceiveBuffer({ maxBytes: blockWriteBufferBytesMax })
    let mode: Mode = { kind: 'operation' }
    server.start({
      input,
      onReceive: () => {
        for (
          let next = this.#step(server, input, mode);
          next !== undefined;
          next = this.#step(server, input, mode)
        ) {
          mode = next
        }
      },
      onClose: () => {},
    })
    return client
  }

  /** Takes what is in `input`; the next mode, or undefined when more bytes are needed. */
  #step(server: Connection, input: ReceiveBuffer, mode: Mode): Mode | undefined {
    if (mode.kind === 'status') {
      const status = takeReadStatus(input)
      if (status === undefined) return undefined
      this.readStatuses.push(status)
      return { kind: 'operation' }
    }
    if (mode.kind === 'write') return this.#receive(server, mode.session)
    const operation = takeOperation(input)
    if (operation === undefined || this.faults.silent) return undefined
    if (this.faults.status !== undefined) {
      const { status, firstBadLink } = this.faults
      server.write(encodeBlockOpResponse({ status, firstBadLink, message: 'no' }))
      return { kind: 'operation' }
    }
    if (operation.name === 'READ_BLOCK') return this.#send(server, operation.request)
    if (operation.name === 'WRITE_BLOCK') return this.#startWrite(server, operation.request, input)
    if (operation.name === 'BLOCK_CHECKSUM') return this.#sum(server)
    return undefined
  }

  /** As DataNodes before 2.0.2-alpha: without the type. */
  #sum(server: Connection): Mode {
    const crcPerBlock = BigInt(Math.ceil(this.replica.length / 512))
    const checksumResponse = { bytesPerCrc: 512, crcPerBlock, blockChecksum: new Uint8Array(16) }
    server.write(encodeBlockOpResponse({ status: Status.SUCCESS, checksumResponse }))
    return { kind: 'operation' }
  }

  #send(server: Connection, request: OpReadBlockProto): Mode | undefined {
    const session = new BlockReadServerSession({
      offset: Number(request.offset),
      length: Number(request.len),
      replicaBytes: this.replica.length,
      format: { type: 'CRC32C', bytesPerChecksum: 512 },
      sendChecksums: request.sendChecksums ?? true,
    })
    server.write(session.response())
    while (session.position < session.end) {
      if (session.position >= (this.faults.closeAt ?? Number.POSITIVE_INFINITY)) {
        server.end()
        return undefined
      }
      const at = session.position
      const data = this.replica.slice(at, Math.min(session.end, at + 8192))
      const sums = new Uint8Array(Math.ceil(data.length / 512) * 4)
      portableKernel.compute('CRC32C', data, 512, sums)
      const corrupt = this.faults.corruptAt ?? -1
      if (corrupt >= at && corrupt < at + data.length) data[corrupt - at]! ^= 1
      server.write(session.packetHead(data.length, session.format.type === 'NULL' ? new Uint8Array(0) : sums))
      server.write(data)
    }
    server.write(session.lastPacket())
    return { kind: 'status' }
  }

  #startWrite(server: Connection, request: OpWriteBlockProto, input: ReceiveBuffer): Mode {
    const session = new BlockWriteServerSession(request, this.replica.length, input)
    server.write(session.response())
    return { kind: 'write', session }
  }

  #receive(server: Connection, session: BlockWriteServerSession): Mode | undefined {
    const packet = session.next()
    if (packet === undefined) return undefined
    const { seqno, offsetInBlock } = packet.header
    this.received.push(seqno)
    if (session.verify(packet, portableKernel) >= 0) throw new Error('the writer sent a wrong checksum')
    const grown = new Uint8Array(Math.max(this.replica.length, offsetInBlock + packet.data.length))
    grown.set(this.replica)
    grown.set(packet.data, offsetInBlock)
    this.replica = grown
    if (this.received.length > (this.faults.acksMax ?? Number.POSITIVE_INFINITY))
      return { kind: 'write', session }
    const bad = this.faults.badReply
    const status = bad?.seqno === seqno ? bad.status : 0
    server.write(session.ack(seqno, { status, congested: false, slow: false }))
    return session.finished ? { kind: 'operation' } : { kind: 'write', session }
  }
}
