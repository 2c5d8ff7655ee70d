import type { ReceiveBuffer } from '@cairn/bytes'
import type { MessageCodec } from '@cairn/hadoop-proto'
import type {
  ClientSession,
  ClientSessionEvents,
  ServerCall,
  ServerSession,
  ServerSessionEvents,
} from './session.ts'

/** Who calls what, for the client end of any generation. */
export interface ClientSessionOptions {
  /** Whose rights count (effective user). */
  readonly user: string
  /** Who acts for `user`, when that is someone else. */
  readonly realUser?: string | undefined
  /** Java name of the protocol that all calls of this connection belong to. */
  readonly protocol: string
  /** 16 bytes; generations before 9 have no place for them. */
  readonly clientId: Uint8Array
  readonly events: ClientSessionEvents
  readonly callerContext?: string | undefined
  /** Most bytes of one answer. Default 128 MiB. */
  readonly responseFrameBytesMax?: number
}

/** Limits of one server connection and who hears of its calls, for any generation. */
export interface ServerSessionOptions {
  readonly events: ServerSessionEvents
  /** Default 128 MiB. */
  readonly requestFrameBytesMax?: number
  /** Default 1,024. */
  readonly callsInFlightMax?: number
  /** What has come already, preamble included, and what will come. Default: a new buffer. */
  readonly input?: ReceiveBuffer
}

/**
 * How a generation says one of today's methods: the name and bytes are the generation's, the messages today's. So the
 * layers above know one set of messages and no generation.
 */
export interface MethodForm<Q = unknown, S = unknown> {
  /** On the wire. */
  readonly name: string
  readonly request: MessageCodec<Q>
  readonly response: MessageCodec<S>
}

/** Makes one call in a generation's own form, to the server and with the options of the call that it is part of. */
export type CallForm = <Q, S>(form: MethodForm<Q, S>, request: Q) => Promise<S>

/** What a client can do with one of today's methods in a generation. */
export type ClientForm =
  | { readonly kind: 'call'; readonly form: MethodForm }
  /** Releases of this generation have no such call, and the answer is known without one. */
  | { readonly kind: 'local'; readonly answer: (request: unknown) => unknown }
  /** Takes several calls in this generation, one after another: what today's does in one step is then not one. */
  | { readonly kind: 'composed'; readonly run: (request: unknown, call: CallForm) => Promise<unknown> }
  /** Cannot be had. `since`: the first release that can; `what`: where that is less than the whole method. */
  | { readonly kind: 'absent'; readonly since: string; readonly what?: string }

/** What a server does with a call of a generation. */
export type ServerForm =
  /** `method`: today's name, by which the handler is found; the codecs turn its messages into the generation's. */
  | { readonly kind: 'call'; readonly method: string; readonly form: MethodForm }
  /** Answered without a handler (`getProtocolVersion`). */
  | { readonly kind: 'local'; readonly form: MethodForm; readonly answer: (request: unknown) => unknown }

/** How one generation speaks one protocol. */
export interface ProtocolDialect {
  /** Java name; the same in all generations. */
  readonly protocol: string
  /** What `getProtocolVersion` answers and calls may carry: 61 for Hadoop 1's ClientProtocol, 1 since protobuf. */
  readonly version: bigint
  /** How to say today's method. `undefined`: as today, with its own name and codecs. `request` chooses among overloads. */
  clientForm(method: string, request: unknown): ClientForm | undefined
  /**
   * A call that every server of this generation answers. It is made when a new connection has nothing else to ask, so
   * that answers without the wire are only given once somebody there has spoken.
   */
  readonly greeting?: { readonly form: MethodForm; readonly request: unknown }
  /** Which of today's methods a call is. `undefined`: today's method of that name, with its own codecs. */
  serverForm(call: ServerCall): ServerForm | undefined
}

/** One generation of Hadoop RPC. */
export interface RpcGeneration {
  /** The byte behind "hrpc". */
  readonly version: number
  /** Which releases speak it, for messages: `Hadoop 1 (0.20 to 1.2)`. */
  readonly releases: string
  /** Protocols that differ from today's, by Java name. */
  readonly dialects: ReadonlyMap<string, ProtocolDialect>
  /** Servers that speak nothing newer close the connection of a newer client without a word [hgen.find.3]. */
  readonly refusesSilently?: boolean
  /** The first release that has a method, for messages; undefined: not known. */
  since?(protocol: string, method: string): string | undefined
  clientSession(options: ClientSessionOptions): ClientSession
  serverSession(options: ServerSessionOptions): ServerSession
}
