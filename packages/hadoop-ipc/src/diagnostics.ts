import { channel } from 'node:diagnostics_channel'

/** What the channels `cairn:rpc:client` and `cairn:rpc:server` publish for every finished call. */
export interface RpcCallDiagnostics {
  readonly protocol: string
  readonly method: string
  readonly callId: number
  readonly durationMs: number
  /** The other end. */
  readonly peer: string
  /** `undefined` when the call succeeded. */
  readonly error: unknown
}

/** Messages are `RpcCallDiagnostics`. Without a subscriber nothing is measured. */
export const clientCalls = channel('cairn:rpc:client')

/** Messages are `RpcCallDiagnostics`. Without a subscriber nothing is measured. */
export const serverCalls = channel('cairn:rpc:server')
