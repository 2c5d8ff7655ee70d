export { type BlockBuffers, decodeBlockBuffers, encodeBlockBuffers } from './block-list/block-buffers.ts'
export { decodeBlockLongs, encodeBlockLongs } from './block-list/block-longs.ts'
export { ReplicaState, type ReportedReplica } from './block-list/replica.ts'
export {
  capabilityBlockReportBuffers,
  decodeStorageBlockReport,
  encodeStorageBlockReport,
} from './block-list/storage-block-report.ts'
export {
  BlockReadClientSession,
  type BlockReadEvent,
  type BlockReadRequest,
} from './data-transfer/block-read-client.ts'
export { type BlockReadAnswer, BlockReadServerSession } from './data-transfer/block-read-server.ts'
export { BlockWriteClientSession, type BlockWriteEvent } from './data-transfer/block-write-client.ts'
export { BlockWriteServerSession, blockWriteBufferBytesMax } from './data-transfer/block-write-server.ts'
export { ChecksumError } from './data-transfer/checksum-error.ts'
export {
  type ChecksumFormat,
  checksumsBytes,
  checksumTypeNumber,
  checksumTypeOfNumber,
  decodeChecksumFormat,
  encodeChecksumFormat,
} from './data-transfer/checksum-format.ts'
export type { DataTransferVersion, PacketForm } from './data-transfer/data-transfer-version.ts'
export { dataTransferVersionAt, dataTransferVersions } from './data-transfer/data-transfer-versions.ts'
export * from './data-transfer/limits.ts'
export {
  dataTransferVersion,
  formatOperationCode,
  type Operation,
  type OperationName,
  type OperationRequest,
  operationOfCode,
  operations,
} from './data-transfer/operation.ts'
export { encodeOperation, takeOperation } from './data-transfer/operation-request.ts'
export { OutgoingPacket } from './data-transfer/outgoing-packet.ts'
export { OutgoingPackets, type OutgoingPacketsOptions } from './data-transfer/outgoing-packets.ts'
export {
  checkChecksumsLength,
  encodePacketHead,
  type Packet,
  packetPreambleBytes,
  packetPreambleBytesMax,
  takePacket,
  writePacketPreamble,
} from './data-transfer/packet.ts'
export { heartbeatSeqno, type PacketHeader } from './data-transfer/packet-header.ts'
export {
  encodePipelineAck,
  isRestart,
  type NodeReply,
  type PipelineAck,
  replyOfStatus,
  successReply,
  takePipelineAck,
  unknownSeqno,
} from './data-transfer/pipeline-ack.ts'
export {
  encodeBlockOpResponse,
  encodeReadStatus,
  formatRefusal,
  type Refusal,
  refusalOf,
  takeBlockOpResponse,
  takeReadStatus,
} from './data-transfer/response.ts'
export { formatStatus, isReadSuccess } from './data-transfer/status.ts'
export { dataTransfer17 } from './data-transfer/version-17/version-17.ts'
export { dataTransfer28 } from './data-transfer/version-28.ts'
export * from './exception-classes.ts'
export {
  type Errno,
  errnoOfJavaClass,
  type JavaExceptionName,
  javaExceptions,
  javaSuperclasses,
} from './exceptions.ts'
export {
  heartbeatOfOneStorage,
  type NamenodeTraits,
  namenodeTraits,
  newsOfOneStorage,
} from './generations/datanode-protocol.ts'
export { type HdfsGeneration, hdfsGenerations, hdfsGenerationsOf } from './generations/hdfs-generations.ts'
export { type ClientProtocolMethodName, firstRelease } from './generations/since.ts'
export { ClientProtocol61, clientProtocol1 } from './hadoop-1/client-protocol.ts'
export {
  ClientDatanodeProtocol4,
  clientDatanodeProtocol1,
  InterDatanodeProtocol3,
  interDatanodeProtocol1,
} from './hadoop-1/datanode-ipc-protocols.ts'
export { DatanodeProtocol26, datanodeProtocol1 } from './hadoop-1/datanode-protocol.ts'
export {
  clientDatanodeDialect1,
  type RecoverBlockRequest,
  type RecoverBlockResponse,
  recoverBlock1,
} from './hadoop-1/dialect/client-datanode-dialect.ts'
export { clientDialect1 } from './hadoop-1/dialect/client-dialect.ts'
export { datanodeDialect1, nextGenerationStamp1 } from './hadoop-1/dialect/datanode-dialect.ts'
export { interDatanodeDialect1 } from './hadoop-1/dialect/inter-datanode-dialect.ts'
export type { AnyMethod1, JavaValue, JavaValues, Method1 } from './hadoop-1/method.ts'
export { NamenodeProtocol3, namenodeProtocol1 } from './hadoop-1/namenode-protocol.ts'
export { findMethod1, hadoop1Protocols, type Protocol1 } from './hadoop-1/protocols.ts'
export * as hadoop1 from './hadoop-1/writables.ts'
export { type AnyMethod, pastMethod } from './hadoop-2.0/methods.ts'
export {
  atMostOnceCalls,
  clientDatanodeProtocol,
  clientProtocol,
  datanodeLifelineProtocol,
  datanodeProtocol,
  genericRefreshProtocol,
  getUserMappingsProtocol,
  haServiceProtocol,
  interDatanodeProtocol,
  type JavaProtocol,
  namenodeProtocol,
  protocolMetaInfo,
  reconfigurationProtocol,
  refreshAuthorizationPolicyProtocol,
  refreshCallQueueProtocol,
  refreshUserMappingsProtocol,
} from './protocols.ts'
export type { ConnectionCipher } from './sasl/connection-cipher.ts'
export {
  encryptionKeyCredentials,
  fromBase64,
  parseEncryptionUser,
  type SaslCredentials,
  tokenCredentials,
} from './sasl/credentials.ts'
export { type DigestCipher, digestCipherOf, digestCiphers, type Qop, qopOf } from './sasl/digest-md5.ts'
export {
  type Handshake,
  type HandshakeStep,
  SaslClientHandshake,
  type SaslClientOptions,
  SaslServerHandshake,
  type SaslServerOptions,
} from './sasl/handshake.ts'
export { saslMessageBytesMax, saslTokenBytesMax } from './sasl/limits.ts'
export type { SaslCrypto, StreamCipher } from './sasl/sasl-crypto.ts'
export { encodeSaslRefusal, type SaslRefusalKind, SaslRefusedError } from './sasl/sasl-message.ts'
export { accessOf, type BlockAccess, refuseBlockAccess, tokenOf } from './security/block-access.ts'
export {
  type BlockTokenForm,
  type BlockTokenIdentifier,
  blockTokenKind,
  decodeBlockTokenIdentifier,
  encodeBlockTokenIdentifier,
  formatAccessMode,
} from './security/block-token.ts'
