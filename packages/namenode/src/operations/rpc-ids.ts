/** Which remote call makes a change; written with it, so that the call repeated after a restart is known. */
export interface RpcIds {
  readonly rpcClientId: Uint8Array
  readonly rpcCallId: number
}
