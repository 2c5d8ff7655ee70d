import type { ByteWriter } from '@cairn/bytes'
import type { MessageCodec } from '@cairn/hadoop-proto'
import { type TypeRegistry, writeUtf8 } from '@cairn/hadoop-writable'
import { responseFrameBytesMax } from '../limits.ts'
import { AuthMethod } from '../old-generations/constants.ts'
import { type OldAnswer, OldClientSession } from '../old-generations/old-client-session.ts'
import type { ClientSessionEvents } from '../session.ts'
import { writeConnectionHeader } from './connection-header.ts'
import { rpcVersion4 } from './constants.ts'
import { AnswerEnd4, readAnswer4 } from './response.ts'

/** Who calls what. */
export interface RpcClientSession4Options {
  readonly user: string
  readonly realUser?: string | undefined
  /** Java name of the protocol that all calls of this connection belong to. */
  readonly protocol: string
  readonly events: ClientSessionEvents
  /** Every class that an answer may hold: without it an answer's end cannot be found. */
  readonly registry: TypeRegistry
  /** Most bytes of one answer. Default 128 MiB. */
  readonly responseFrameBytesMax?: number
}

/**
 * The client end of one connection of Hadoop RPC 4 without authentication (SIMPLE). A call's codec writes the
 * parameters: their count, then each as an ObjectWritable; an answer is one ObjectWritable.
 */
export class RpcClientSession4 extends OldClientSession {
  readonly #valueEnd: AnswerEnd4

  constructor(options: RpcClientSession4Options) {
    const { user, realUser, protocol, events } = options
    super({
      events,
      preamble: [rpcVersion4, AuthMethod.SIMPLE],
      writeContext: (output) => writeConnectionHeader(output, { user, realUser, protocol }),
      answerBytesMax: options.responseFrameBytesMax ?? responseFrameBytesMax,
    })
    this.#valueEnd = new AnswerEnd4(options.registry)
  }

  protected writeCall<Q>(
    output: ByteWriter,
    callId: number,
    method: string,
    codec: MessageCodec<Q>,
    request: Q,
  ): void {
    output.i32be(callId)
    writeUtf8(output, method)
    codec.write(output, request)
  }

  protected readAnswer(bytes: Uint8Array, at: number): OldAnswer | undefined {
    return readAnswer4(bytes, at, this.#valueEnd)
  }
}
