import { type OnReadOpts, Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** Where every socket's bytes land: large, so that bulk data comes in few reads, and always in the processor's cache. */
const landingBytes = 256 << 10
let landing: Uint8Array | undefined

/**
 * Reads a socket into memory that serves all sockets, in the place of `data` events, which claim 64 KiB for each read.
 * What lands is valid until the next read of anyone; who wants to keep it copies it.
 */
export class Landing {
  private receive: ((bytes: Uint8Array) => void) | undefined
  private early: Uint8Array[] = []
  /** For a socket that is to be made. */
  readonly onread: OnReadOpts = {
    buffer: () => {
      landing ??= new Uint8Array(landingBytes)
      return landing
    },
    callback: (count, buffer) => {
      const bytes = buffer.subarray(0, count)
      if (this.receive === undefined) this.early.push(bytes.slice())
      else this.receive(bytes)
      return true
    },
  }

  /** Hands everything that came and will come to `receive`. */
  start(receive: (bytes: Uint8Array) => void): void {
    this.receive = receive
    for (const bytes of this.early.splice(0)) receive(bytes)
  }
}

const landings = new WeakMap<Duplex, Landing>()

/** Says that a socket was made with `landing.onread`. */
export function useLanding(socket: Socket, landing: Landing): Socket {
  landings.set(socket, landing)
  return socket
}

/** The landing of a stream, where it has one. */
export function landingOf(stream: Duplex): Landing | undefined {
  return landings.get(stream)
}

/**
 * An accepted socket cannot be made with `onread`, so its handle moves to a new one, as node:child_process moves one
 * between processes. `accepted` must not have begun to read (`pauseOnConnect`).
 */
export function withLanding(accepted: Socket): Socket {
  const handle: unknown = Reflect.get(accepted, '_handle')
  if (handle === null || handle === undefined) return accepted
  Reflect.set(accepted, '_handle', null)
  accepted.destroy()
  const one = new Landing()
  const made = { handle, allowHalfOpen: true, pauseOnCreate: true, onread: one.onread }
  return useLanding(new Socket(made), one)
}
