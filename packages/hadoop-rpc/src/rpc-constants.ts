/** The generation of Hadoop RPC that every release from 2.1.0-beta on speaks; `RpcConstants.CURRENT_VERSION`. */
export const rpcVersion = 9

/** First bytes of every connection: "hrpc". */
export const rpcMagic: Uint8Array = Uint8Array.of(0x68, 0x72, 0x70, 0x63)

/** "hrpc", version, service class, auth protocol [hrpc.preamble.1]. */
export const preambleBytes = 7

/** Third byte after the magic; `Server.AuthProtocol` [hrpc.preamble.2]. */
export const AuthProtocol = { NONE: 0, SASL: 0xdf } as const

/** Call ids that are no calls; `RpcConstants` and `Server.AuthProtocol` [hrpc.call.2]. */
export const SpecialCallId = {
  /** Answers to connections that are refused before their first call. */
  REFUSED: -1,
  CONNECTION_CONTEXT: -3,
  PING: -4,
  SASL: -33,
} as const

/** Retry count of messages that are no calls; `RpcConstants.INVALID_RETRY_COUNT`. */
export const invalidRetryCount = -1

/** A client id is a UUID's 16 bytes; `RpcConstants.CLIENT_ID_LENGTH`… and empty in answers to refused connections. */
export const clientIdBytes = 16

/** Version in every RequestHeaderProto: all protobuf protocols of Hadoop are version 1. */
export const protocolVersion = 1n

/** The protocol that every server has and that lists the others; `ProtocolMetaInfoPB`. */
export const protocolMetaInfo = 'org.apache.hadoop.ipc.ProtocolMetaInfoPB'

/** Java classes of the errors that the RPC layer itself raises [hrpc.error.4]. */
export const RpcErrorClass = {
  RpcServerException: 'org.apache.hadoop.ipc.RpcServerException',
  RpcNoSuchMethodException: 'org.apache.hadoop.ipc.RpcNoSuchMethodException',
  RpcNoSuchProtocolException: 'org.apache.hadoop.ipc.RpcNoSuchProtocolException',
  VersionMismatch: 'org.apache.hadoop.ipc.RPC$VersionMismatch',
  IpcException: 'org.apache.hadoop.ipc.IpcException',
  /** What Java's own decoder throws for a request message that is no such message. */
  InvalidProtocolBufferException: 'org.apache.hadoop.thirdparty.protobuf.InvalidProtocolBufferException',
  AccessControlException: 'org.apache.hadoop.security.AccessControlException',
} as const
