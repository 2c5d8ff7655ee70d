import type { ReceiveBuffer } from '@cairn/bytes'

/** Who hears of received bytes and of the end. All are called synchronously; what they throw closes the connection. */
export interface ConnectionHandlers {
  /**
   * Received bytes land here without another copy. Its `maxBytes` must exceed the largest frame: a full buffer
   * closes the connection. Views of it are valid until the next read, so until the connection is paused or the
   * handler returns, whichever is later.
   */
  readonly input: ReceiveBuffer
  /** After each read: new bytes are in `input`. */
  onReceive(): void
  /** The peer will send no more (FIN). Without this handler the connection answers with its own FIN. */
  onEnd?(): void
  /** Once, last: with the error that broke the connection, or without one after an orderly end. */
  onClose(error?: Error): void
}

/** A reliable byte stream to one peer. Nothing it does ever becomes an uncaught exception. */
export interface Connection {
  readonly remoteAddress: string
  readonly remotePort: number
  readonly localAddress: string
  readonly localPort: number

  /** Free room offered to each read from the next one on, bytes: little while only small messages come. */
  readBytes: number
  /**
   * Most bytes that each read takes from the next one on; 0 (the default): as many as there is room for. Who knows where a
   * large frame ends has reads end there, so that no half of the next one has to be moved to the front. A hint.
   */
  readAtMost: number

  /** Begins to read. Call it once; until then nothing is read, so nothing is lost. */
  start(handlers: ConnectionHandlers): void
  /** Stops reading (back-pressure): the peer soon cannot send. Views of `input` stay valid until `resume()`. */
  pause(): void
  resume(): void

  /**
   * Queues bytes, which must stay untouched until they are flushed: all writes of one turn leave in one system
   * call. False = above the high-water mark: wait for `drained()`. On a closed connection the bytes are dropped,
   * which `onClose` has told.
   */
  write(bytes: Uint8Array): boolean
  /** Sends what is queued now instead of at the end of the turn. */
  flush(): void
  /** When less than the high-water mark waits to be sent; rejects with the reason when the connection closes. */
  drained(): Promise<void>
  /** Bytes written that the operating system has not taken yet. */
  readonly bufferedBytes: number

  /** Sends what is queued, then FIN. Reading goes on until the peer ends too. */
  end(): void
  /** Drops the connection and what is queued; `onClose` gets the error. */
  destroy(error?: Error): void
  /** Lets the process exit although this is open, as `socket.unref()` does; `ref()` undoes it. */
  unref(): void
  ref(): void
  /** True from `destroy()` or the end of both directions on. */
  readonly closed: boolean
  /** Resolves when the connection is closed, for whatever reason. Never rejects. */
  readonly done: Promise<void>
}

/** How a connection reads and writes. */
export interface ConnectionOptions {
  /** Free room offered to each read, bytes. Default 64 KiB; block data profits from up to 1 MiB. */
  readonly readBytes?: number
  /** From how many waiting bytes `write()` answers false. Default 1 MiB. */
  readonly highWaterBytes?: number
}
