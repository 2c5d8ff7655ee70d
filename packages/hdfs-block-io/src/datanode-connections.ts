import type { TokenProto } from '@cairn/hadoop-proto'
import { SaslRefusedError } from '@cairn/hdfs-protocol'
import { type Connection, connectTcp, SweepTimer } from '@cairn/transport'
import { type DatanodeAddress, formatDatanodeAddress } from './datanode-address.ts'
import { DatanodeConnection } from './datanode-connection.ts'
import {
  blockReadBytes,
  idleMsDefault,
  idlePerDatanodeMax,
  receiveBufferBytes,
  socketTimeoutMsDefault,
  sweepIntervalMs,
} from './limits.ts'
import type { DatanodeSecurity } from './security/datanode-security.ts'
import { secureConnection } from './security/secure-connection.ts'

export interface DatanodeConnectionsOptions {
  /** How long connecting may take. Default 60 s. */
  readonly connectTimeoutMs?: number
  /** How long an idle connection is kept. Default 3 s, because a Java DataNode closes it after 4 s. */
  readonly idleMs?: number
  /** Idle connections that are kept for one DataNode. Default 16. */
  readonly idlePerDatanode?: number
  /** Makes connections; default TCP. */
  readonly connect?: (
    address: DatanodeAddress,
    signal: AbortSignal | undefined,
    readBytes: number,
  ) => Promise<Connection>
  /** Logs in to DataNodes and protects what is sent. Default: neither. */
  readonly security?: DatanodeSecurity | undefined
}

/** What a connection is opened for: the block's token may be needed to log in. */
export interface ConnectionPurpose {
  readonly block: { readonly poolId: string }
  readonly token: TokenProto
}

/** Connections to DataNodes: those in use, and idle ones that the next read of the same DataNode takes. */
export class DatanodeConnections implements AsyncDisposable {
  readonly #connect: NonNullable<DatanodeConnectionsOptions['connect']>
  readonly #security: DatanodeSecurity | undefined
  readonly #timeoutMs: number
  readonly #idleMs: number
  readonly #idlePerDatanode: number
  /** Newest last: that one is taken first, so the others grow old and are closed. */
  readonly #idle = new Map<string, DatanodeConnection[]>()
  readonly #all = new Set<DatanodeConnection>()
  readonly #timer = new SweepTimer(sweepIntervalMs, (nowMs) => this.#sweep(nowMs))
  #closed = false

  constructor(options: DatanodeConnectionsOptions = {}) {
    const timeoutMs = options.connectTimeoutMs ?? socketTimeoutMsDefault
    this.#timeoutMs = timeoutMs
    this.#security = options.security
    this.#connect =
      options.connect ??
      (({ host, port }, signal, readBytes) => connectTcp({ host, port, signal, timeoutMs, readBytes }))
    this.#idleMs = options.idleMs ?? idleMsDefault
    this.#idlePerDatanode = options.idlePerDatanode ?? idlePerDatanodeMax
  }

  /** An idle connection to the DataNode, or undefined. */
  takeIdle(address: DatanodeAddress): DatanodeConnection | undefined {
    const idle = this.#idle.get(formatDatanodeAddress(address))
    for (let taken = idle?.pop(); taken !== undefined; taken = idle?.pop()) {
      if (!taken.dead) return taken
    }
    return undefined
  }

  /**
   * A new connection; `readBytes` is the room for each read: much for block data, little where only answers come.
   * Rejects with `TransportError`, `SaslRefusedError` or the signal's reason.
   */
  async open(
    address: DatanodeAddress,
    purpose: ConnectionPurpose,
    signal?: AbortSignal,
    readBytes: number = blockReadBytes,
  ): Promise<DatanodeConnection> {
    if (this.#closed)
      throw new Error(`connect to ${formatDatanodeAddress(address)}: the connections are closed`)
    const connection =
      this.#security === undefined
        ? await this.#connect(address, signal, readBytes)
        : await this.#openSecure(this.#security, address, purpose, signal, readBytes)
    const made = new DatanodeConnection(address, connection, {
      bufferBytes: Math.min(receiveBufferBytes, 4 * readBytes),
      onDead: (dead) => this.#forget(dead),
    })
    this.#all.add(made)
    this.#timer.start()
    if (this.#closed) {
      made.destroy()
      throw new Error(`connect to ${formatDatanodeAddress(address)}: the connections were closed meanwhile`)
    }
    return made
  }

  async #openSecure(
    security: DatanodeSecurity,
    address: DatanodeAddress,
    purpose: ConnectionPurpose,
    signal: AbortSignal | undefined,
    readBytes: number,
  ): Promise<Connection> {
    for (let retried = false; ; retried = true) {
      const handshake = await security.handshake(address, purpose.block.poolId, purpose.token)
      const connection = await this.#connect(address, signal, readBytes)
      if (handshake === undefined) return connection
      try {
        return await secureConnection(connection, handshake, { timeoutMs: this.#timeoutMs, signal })
      } catch (error) {
        // Block keys roll: the DataNode may have dropped the one that this encryption key was made with.
        if (retried || !(error instanceof SaslRefusedError && error.kind === 'key')) throw error
        security.forgetEncryptionKey()
      }
    }
  }

  /** Takes a connection back whose operation is finished, for the next one. */
  giveBack(connection: DatanodeConnection): void {
    connection.release()
    if (connection.dead) return
    const key = formatDatanodeAddress(connection.address)
    const idle = this.#idle.get(key) ?? []
    if (this.#closed || idle.length >= this.#idlePerDatanode || connection.input.length > 0) {
      connection.destroy()
      return
    }
    connection.reused = true
    connection.idleSinceMs = performance.now()
    connection.connection.resume()
    idle.push(connection)
    this.#idle.set(key, idle)
  }

  #forget(connection: DatanodeConnection): void {
    this.#all.delete(connection)
    const key = formatDatanodeAddress(connection.address)
    const idle = this.#idle.get(key)
    const at = idle?.indexOf(connection) ?? -1
    if (idle !== undefined && at >= 0) idle.splice(at, 1)
    if (idle?.length === 0) this.#idle.delete(key)
    if (this.#all.size === 0) this.#timer.stop()
  }

  #sweep(nowMs: number): void {
    for (const connection of [...this.#all]) connection.sweep(nowMs)
    for (const idle of [...this.#idle.values()]) {
      for (const connection of idle.filter((one) => nowMs - one.idleSinceMs > this.#idleMs)) {
        connection.destroy()
      }
    }
  }

  /** Closes idle connections now and those in use when they are given back. */
  async close(): Promise<void> {
    this.#closed = true
    for (const idle of [...this.#idle.values()]) {
      for (const connection of [...idle]) connection.destroy()
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
