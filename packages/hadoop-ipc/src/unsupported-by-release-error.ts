import { type ProtocolDialect, RemoteException, RpcErrorClass, type RpcGeneration } from '@cairn/hadoop-rpc'

/** What is known about a call that a release lacks. */
export interface UnsupportedByReleaseOptions {
  /** `host:port` of the server. */
  readonly address: string
  /** Java name of the protocol. */
  readonly protocol: string
  readonly method: string
  /** What the server speaks. */
  readonly generation: RpcGeneration
  readonly dialect?: ProtocolDialect | undefined
  /** The first release that has the call. */
  readonly since?: string | undefined
  readonly cause?: RemoteException | undefined
}

/**
 * The server's release has no such call: found without asking it, from what its generation can say, or from its answer
 * [hgen.absent.1]. Either way it is a `RemoteException` of the class with which Hadoop's own servers say so.
 */
export class UnsupportedByReleaseError extends RemoteException {
  override readonly name = 'UnsupportedByReleaseError'
  override readonly code = 'ERR_RPC_UNSUPPORTED'
  readonly protocol: string
  readonly method: string
  /** Version of Hadoop RPC that the server speaks. */
  readonly rpcVersion: number
  /** The first release that has the call, if known. */
  readonly since: string | undefined

  constructor(options: UnsupportedByReleaseOptions) {
    const { generation, protocol, method, cause } = options
    const since = options.since ?? generation.since?.(protocol, method)
    super(RpcErrorClass.RpcNoSuchMethodException, messageOf(options, since), {
      detail: cause?.detail,
      trace: cause?.trace,
      cause,
    })
    this.address = options.address
    this.protocol = protocol
    this.method = method
    this.rpcVersion = generation.version
    this.since = since
  }
}

function messageOf(options: UnsupportedByReleaseOptions, since: string | undefined): string {
  const { address, protocol, method, generation, dialect } = options
  const version = dialect === undefined ? '' : ` ${dialect.version}`
  const simple = `${protocol.slice(protocol.lastIndexOf('.') + 1)}${version}`
  const speaks = `Hadoop RPC ${generation.version}, ${generation.releases}`
  const found = `${simple} of ${address} (${speaks}) has no ${method}`
  return since === undefined ? found : `${found}; Hadoop has it since ${since}`
}
