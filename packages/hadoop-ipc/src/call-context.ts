import type { ConnectionContext, ServerCall } from '@cairn/hadoop-rpc'
import type { CallContext } from './rpc-service.ts'

/** The context of one call, made of what the connection and the request already hold. */
export class ServerCallContext implements CallContext {
  readonly user: string
  readonly realUser: string | undefined
  readonly clientId: Uint8Array
  readonly callId: number
  readonly retryCount: number
  readonly remoteAddress: string
  readonly remotePort: number
  readonly protocol: string
  readonly method: string
  readonly callerContext: string | undefined
  readonly #aborter: AbortController

  constructor(
    call: ServerCall,
    method: string,
    context: ConnectionContext | undefined,
    remoteAddress: string,
    remotePort: number,
    aborter: AbortController,
  ) {
    this.user = context?.user ?? ''
    this.realUser = context?.realUser
    this.clientId = call.clientId
    this.callId = call.callId
    this.retryCount = call.retryCount
    this.remoteAddress = remoteAddress
    this.remotePort = remotePort
    this.protocol = call.protocol
    this.method = method
    this.callerContext = call.callerContext
    this.#aborter = aborter
  }

  get signal(): AbortSignal {
    return this.#aborter.signal
  }
}
