import type { ClientNamenodeProtocol, MessageCodec } from '@cairn/hadoop-proto'

/** Methods of org.apache.hadoop.hdfs.protocol.ClientProtocol by name. */
export type ClientProtocolMethods = typeof ClientNamenodeProtocol
/** Name of a ClientProtocol method: `getFileInfo`, `mkdirs`, … */
export type ClientProtocolMethod = keyof ClientProtocolMethods
/** The request message of a method. */
export type RequestOf<M extends ClientProtocolMethod> = ClientProtocolMethods[M] extends {
  request: MessageCodec<infer Q>
}
  ? Q
  : never
/** The response message of a method. */
export type ResponseOf<M extends ClientProtocolMethod> = ClientProtocolMethods[M] extends {
  response: MessageCodec<infer S>
}
  ? S
  : never
