import { bodyLimits, headerLimits, type Limits } from '@cairn/tnetstrings'

/** What one peer may cost. Each is a default that an option of the same name changes. */
export interface PetrichorLimits {
  /** Of a header. Default `headerLimits`: 64 KiB, depth 16, 256 keys. [petri.limit.1] */
  readonly header: Limits
  /** Of a body. Default `bodyLimits`: 16 MiB, depth 64, 65,536 values. [petri.limit.1] */
  readonly body: Limits
  /** Largest header, and largest body, of a peer that is not allowed yet, bytes. Default 4 KiB. [petri.limit.2] */
  readonly handshakeBytes: number
  /** For the whole handshake. Default 10 s. [petri.deadline.1] */
  readonly handshakeMs: number
  /** For a message that has begun … Default 30 s. [petri.deadline.2] */
  readonly messageMs: number
  /** … unless this many bytes came each second since it began. Default 1 KiB. */
  readonly messageBytesPerSecond: number
  /** Without any byte from the peer. Default Infinity. [petri.deadline.3] */
  readonly idleMs: number
  /** With bytes to send and a peer that takes none. Default 30 s. [petri.deadline.4] */
  readonly writeMs: number
  /** Bytes waiting to be sent from which on `send` resolves only when fewer wait. Default 1 MiB. */
  readonly highWaterBytes: number
  /** Bytes read ahead of what was asked for; then reading stops. Default 64 KiB. [petri.flow.1] */
  readonly readAheadBytes: number
  /** Requests without an answer. Default 1,024. */
  readonly inFlight: number
}

export const defaultLimits: PetrichorLimits = {
  header: headerLimits,
  body: bodyLimits,
  handshakeBytes: 4096,
  handshakeMs: 10_000,
  messageMs: 30_000,
  messageBytesPerSecond: 1024,
  idleMs: Number.POSITIVE_INFINITY,
  writeMs: 30_000,
  highWaterBytes: 1 << 20,
  readAheadBytes: 64 << 10,
  inFlight: 1024,
}

/** Limits as options give them: each may be left out, and parts of `header` and `body` too. */
export type PetrichorLimitOptions = Partial<Omit<PetrichorLimits, 'header' | 'body'>> & {
  readonly header?: Partial<Limits>
  readonly body?: Partial<Limits>
}

export function resolveLimits(options: PetrichorLimitOptions = {}): PetrichorLimits {
  return {
    ...defaultLimits,
    ...options,
    header: { ...headerLimits, ...options.header },
    body: { ...bodyLimits, ...options.body },
  }
}
