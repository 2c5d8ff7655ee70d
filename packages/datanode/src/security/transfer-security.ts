import type { ExportedBlockKeysProto, ExtendedBlockProto, TokenProto } from '@cairn/hadoop-proto'
import { DatanodeSecurity, nodeCrypto } from '@cairn/hdfs-block-io'
import {
  accessOf,
  decodeBlockTokenIdentifier,
  fromBase64,
  type Handshake,
  type Operation,
  parseEncryptionUser,
  type Qop,
  SaslRefusedError,
  SaslServerHandshake,
  tokenOf,
} from '@cairn/hdfs-protocol'
import type { Logger } from '../logger.ts'
import { BlockKeys, type TokenGrant } from './block-keys.ts'
import { emptyToken } from './empty-token.ts'
import type { DataTransferSecurityOptions } from './security-options.ts'

/** Ports below this are given out by an administrator; whoever answers there is trusted. */
const privilegedPortsEnd = 1024

export interface TransferSecurityParts {
  readonly options: DataTransferSecurityOptions
  /**
   * Does nothing for a block pool before its NameNode has said whether it wants tokens. Default false: without a
   * NameNode, in tests, none are wanted.
   */
  readonly afterRegistration?: boolean
  /** In whose name tokens are made. */
  readonly user: string
  readonly logger: Logger
  now(): number
}

/** Who may do what on the data transfer port, and how this node logs in to others. */
export class TransferSecurity {
  /** How connections to other DataNodes log in; undefined = not at all. */
  readonly outgoing: DatanodeSecurity | undefined
  readonly #parts: TransferSecurityParts
  /** Pools whose NameNode has taken this node; undefined for those whose NameNode wants no tokens. */
  readonly #pools = new Map<string, BlockKeys | undefined>()

  constructor(parts: TransferSecurityParts) {
    this.#parts = parts
    const { encrypt, protection, aesKeyBits, algorithm } = parts.options
    if (encrypt || protection !== undefined) {
      this.outgoing = new DatanodeSecurity({
        encryptionKey: (pool) => (encrypt ? this.#keysOf(pool).makeEncryptionKey(algorithm) : undefined),
        protection,
        aes: (aesKeyBits ?? 0) !== 0,
      })
    }
  }

  /** What a registration says: whether tokens are wanted, and the keys [token.key.1]. */
  registered(blockPoolId: string, keys: ExportedBlockKeysProto): void {
    const { logger, now, options } = this.#parts
    const known = this.#pools.get(blockPoolId)
    const enabled = keys.isBlockTokenEnabled
    if (!this.#pools.has(blockPoolId) || (known !== undefined) !== enabled) {
      logger.info({ blockPoolId, blockTokens: enabled }, 'the NameNode said whether block tokens are checked')
    }
    const pool = enabled ? (known ?? new BlockKeys(blockPoolId, now)) : undefined
    pool?.add(keys)
    this.#pools.set(blockPoolId, pool)
    if (enabled || (!options.encrypt && options.protection === undefined)) return
    const reason = 'its NameNode gives out no block keys (dfs.block.access.token.enable)'
    logger.error({ blockPoolId }, `nobody can log in to block pool ${blockPoolId}: ${reason}`)
  }

  /** Newer keys; means nothing to a pool without tokens [token.key.2]. */
  updateKeys(blockPoolId: string, keys: ExportedBlockKeysProto): void {
    this.#pools.get(blockPoolId)?.add(keys)
  }

  /** Why an operation may not be done, or undefined when it may [token.check.1] [token.check.6]. */
  refusal(operation: Operation): string | undefined {
    const access = accessOf(operation)
    if (access === undefined) return undefined
    const keys = this.#pools.get(access.blockPoolId)
    if (keys !== undefined) return keys.refusal(tokenOf(operation), access)
    if (!this.#parts.afterRegistration || this.#pools.has(access.blockPoolId)) return undefined
    return `the NameNode of block pool ${access.blockPoolId} has not said yet whether block tokens are checked`
  }

  /** A token for what this node sends on its own account; an empty one where tokens are off [token.own.1]. */
  makeToken(block: ExtendedBlockProto, grant: TokenGrant): TokenProto {
    const form = this.#parts.options.protobufTokens ? 'protobuf' : 'legacy'
    return this.#pools.get(block.poolId)?.makeToken(block, this.#parts.user, grant, form) ?? emptyToken()
  }

  /** The handshake that a new connection must begin with, or undefined: operations come at once [sasl.when.1]. */
  incoming(localPort: number): Handshake | undefined {
    const { encrypt, protection, aesKeyBits = 0 } = this.#parts.options
    if (encrypt) {
      const qops: readonly Qop[] = ['auth-conf']
      const passwordOf = (username: string): string => this.#encryptionPassword(username)
      return new SaslServerHandshake(nodeCrypto, { qops, passwordOf, aesKeyBits })
    }
    if (protection === undefined || localPort < privilegedPortsEnd) return undefined
    const passwordOf = (username: string): string => this.#tokenPassword(username)
    return new SaslServerHandshake(nodeCrypto, { qops: protection, passwordOf, aesKeyBits })
  }

  #encryptionPassword(username: string): string {
    const { keyId, blockPoolId, nonce } = parseEncryptionUser(username)
    return Buffer.from(this.#keysOf(blockPoolId).encryptionKeyOf(keyId, nonce)).toString('base64')
  }

  #tokenPassword(username: string): string {
    const identifier = fromBase64(username)
    const { blockPoolId } = decodeBlockTokenIdentifier(identifier)
    return Buffer.from(this.#keysOf(blockPoolId ?? '').passwordOf(identifier)).toString('base64')
  }

  #keysOf(blockPoolId: string): BlockKeys {
    const keys = this.#pools.get(blockPoolId)
    if (keys !== undefined) return keys
    throw new SaslRefusedError('other', `log in: there are no block keys for block pool ${blockPoolId}`)
  }
}
