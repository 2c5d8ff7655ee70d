export {
  type CompressionFormat,
  type CompressionOptions,
  compression,
  compressionFormats,
} from './compression.ts'
export { bodyWindow, type DedupeOptions, dedupe } from './dedupe.ts'
export { alpnProtocol, connectTls, serveTls, type TlsClientOptions, type TlsServerOptions } from './tls.ts'
