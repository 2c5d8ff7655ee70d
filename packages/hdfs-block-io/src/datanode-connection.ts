import { ReceiveBuffer } from '@cairn/bytes'
import { packetBytesMax, packetHeaderBytesMax } from '@cairn/hdfs-protocol'
import type { Connection } from '@cairn/transport'
import type { DatanodeAddress } from './datanode-address.ts'
import { blockReadBytes } from './limits.ts'

/** Who has a connection at the moment. */
export interface ConnectionUser {
  /** New bytes are in `input`. */
  received(): void
  /** The connection is gone, or the peer will send no more. */
  closed(error: Error | undefined): void
  /** Called a few times a second, with `performance.now()`. */
  sweep(nowMs: number): void
}

/** A connection to a DataNode that several operations use one after the other. */
export class DatanodeConnection {
  readonly address: DatanodeAddress
  readonly connection: Connection
  readonly input: ReceiveBuffer
  /** True when an operation was finished on it before: then the DataNode may have closed it meanwhile. */
  reused = false
  /** `performance.now()` when it was last given back. */
  idleSinceMs = 0
  #user: ConnectionUser | undefined
  #dead = false
  #deferred: Uint8Array | undefined
  readonly #onDead: (connection: DatanodeConnection) => void

  constructor(
    address: DatanodeAddress,
    connection: Connection,
    options: { readonly bufferBytes: number; readonly onDead: (connection: DatanodeConnection) => void },
  ) {
    this.input = new ReceiveBuffer({
      initialBytes: options.bufferBytes,
      maxBytes: packetBytesMax + packetHeaderBytesMax + 2 * blockReadBytes,
    })
    this.address = address
    this.connection = connection
    this.#onDead = options.onDead
    connection.start({
      input: this.input,
      onReceive: () => this.#received(),
      onEnd: () => this.#ended(undefined),
      onClose: (error) => this.#ended(error),
    })
  }

  get dead(): boolean {
    return this.#dead || this.connection.closed
  }

  use(user: ConnectionUser): void {
    this.#user = user
    this.#writeDeferred()
    this.connection.resume()
  }

  /** Sends what the DataNode does not wait for: with the next operation when one follows at once, else a turn later. */
  writeDeferred(bytes: Uint8Array): void {
    this.#deferred = bytes
    setImmediate(() => this.#writeDeferred())
  }

  #writeDeferred(): void {
    const bytes = this.#deferred
    this.#deferred = undefined
    if (bytes !== undefined && !this.#dead) this.connection.write(bytes)
  }

  release(): void {
    this.#user = undefined
  }

  sweep(nowMs: number): void {
    this.#user?.sweep(nowMs)
  }

  #received(): void {
    // A DataNode has nothing to say to nobody: it is out of step, so the connection is of no more use.
    if (this.#user === undefined) this.destroy()
    else this.#user.received()
  }

  #ended(error: Error | undefined): void {
    const user = this.#user
    const first = !this.#dead
    this.#user = undefined
    this.destroy()
    if (first) user?.closed(error)
  }

  /** Drops the connection without telling its user. */
  destroy(): void {
    if (this.#dead) return
    this.#dead = true
    this.#user = undefined
    this.connection.destroy()
    this.#onDead(this)
  }

  /** Sends what is queued, then closes; for users that are done and have not given the connection back. */
  finish(): void {
    if (this.#dead) return
    this.#writeDeferred()
    this.#dead = true
    this.#user = undefined
    this.connection.end()
    this.#onDead(this)
  }
}
