export { alpnProtocol, connectTls, serveTls, type TlsClientOptions, type TlsServerOptions } from './tls.ts'
