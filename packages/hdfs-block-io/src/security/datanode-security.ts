import type { DataEncryptionKeyProto, TokenProto } from '@cairn/hadoop-proto'
import {
  type DigestCipher,
  decodeBlockTokenIdentifier,
  digestCipherOf,
  digestCiphers,
  encryptionKeyCredentials,
  type Handshake,
  type Qop,
  SaslClientHandshake,
  tokenCredentials,
} from '@cairn/hdfs-protocol'
import type { DatanodeAddress } from '../datanode-address.ts'
import { nodeCrypto } from './node-crypto.ts'

/** How this end logs in to DataNodes. */
export interface DatanodeSecurityOptions {
  /** The key when the cluster encrypts (`dfs.encrypt.data.transfer`), or undefined when it does not. */
  encryptionKey(
    blockPoolId: string,
  ): DataEncryptionKeyProto | undefined | Promise<DataEncryptionKeyProto | undefined>
  /** A DataNode does not know the key any more; the next call of `encryptionKey` should bring another one. */
  forgetEncryptionKey?(): void
  /** `dfs.data.transfer.protection`, the best first: log in with the block token. Default: not at all. */
  readonly protection?: readonly Qop[] | undefined
  /** Propose AES/CTR instead of the ciphers of DIGEST-MD5 (`dfs.encrypt.data.transfer.cipher.suites`). */
  readonly aes: boolean
}

/** Ports below this are given out by an administrator, and are trusted [sasl.when.2]. */
const privilegedPortsEnd = 1024

/** Decides which handshake a new connection to a DataNode needs [sasl.when.1] [sasl.when.2]. */
export class DatanodeSecurity {
  readonly #options: DatanodeSecurityOptions

  constructor(options: DatanodeSecurityOptions) {
    this.#options = options
  }

  /** Undefined = none: the connection is used as it is. */
  handshake(
    address: DatanodeAddress,
    blockPoolId: string,
    token: TokenProto,
  ): Handshake | undefined | Promise<Handshake | undefined> {
    const key = this.#options.encryptionKey(blockPoolId)
    if (key instanceof Promise) return key.then((known) => this.#handshake(known, address, token))
    return this.#handshake(key, address, token)
  }

  forgetEncryptionKey(): void {
    this.#options.forgetEncryptionKey?.()
  }

  #handshake(
    key: DataEncryptionKeyProto | undefined,
    address: DatanodeAddress,
    token: TokenProto,
  ): Handshake | undefined {
    const { aes, protection } = this.#options
    const handshakeSecret = handshakeSecretOf(token)
    if (key !== undefined) {
      const ciphers = ciphersOf(key.encryptionAlgorithm)
      const { username, password } = encryptionKeyCredentials(key)
      const options = { username, password, qops: ['auth-conf'] as const, ciphers, aes, handshakeSecret }
      return new SaslClientHandshake(nodeCrypto, options)
    }
    if (protection === undefined || protection.length === 0 || address.port < privilegedPortsEnd)
      return undefined
    const { username, password } = tokenCredentials(token)
    const options = { username, password, qops: protection, ciphers: digestCiphers, aes, handshakeSecret }
    return new SaslClientHandshake(nodeCrypto, options)
  }
}

/** The cluster's cipher when it names one (`dfs.encrypt.data.transfer.algorithm`), else any. */
function ciphersOf(algorithm: string | undefined): readonly DigestCipher[] {
  if (algorithm === undefined || algorithm === '') return digestCiphers
  const cipher = digestCipherOf(algorithm)
  if (cipher !== undefined) return [cipher]
  throw new Error(`encrypt data: found cipher ${algorithm}; ${digestCiphers.join(', ')} are known`)
}

function handshakeSecretOf(token: TokenProto): { secret: Uint8Array; bpid: string } | undefined {
  if (token.identifier.length === 0) return undefined
  const { handshakeSecret, blockPoolId } = decodeBlockTokenIdentifier(token.identifier)
  if (handshakeSecret === undefined || handshakeSecret.length === 0) return undefined
  return { secret: handshakeSecret, bpid: blockPoolId ?? '' }
}
