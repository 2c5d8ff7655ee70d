// The block keys that a NameNode shares with its DataNodes, Java's `BlockTokenSecretManager` in slave mode. With them
// tokens and encryption keys are checked and made without asking the NameNode.
import { randomBytes, timingSafeEqual } from 'node:crypto'
import type {
  DataEncryptionKeyProto,
  ExportedBlockKeysProto,
  ExtendedBlockProto,
  TokenProto,
} from '@cairn/hadoop-proto'
import { hmacSha1 } from '@cairn/hdfs-block-io'
import {
  type BlockAccess,
  type BlockTokenForm,
  type BlockTokenIdentifier,
  blockTokenKind,
  decodeBlockTokenIdentifier,
  encodeBlockTokenIdentifier,
  refuseBlockAccess,
  SaslRefusedError,
} from '@cairn/hdfs-protocol'

interface BlockKey {
  readonly keyId: number
  /** Milliseconds since 1970. */
  readonly expiryDate: bigint
  readonly bytes: Uint8Array
}

const nonceBytes = 8

/** What a token made here allows. */
export interface TokenGrant {
  readonly modes: readonly number[]
  readonly storageTypes: readonly number[]
  readonly storageIds: readonly string[]
}

/** The keys of one block pool. */
export class BlockKeys {
  readonly #blockPoolId: string
  readonly #now: () => number
  readonly #keys = new Map<number, BlockKey>()
  #current: BlockKey | undefined
  #tokenLifetimeMs = 0

  constructor(blockPoolId: string, now: () => number) {
    this.#blockPoolId = blockPoolId
    this.#now = now
  }

  /** Takes keys of a registration or an update; drops those that have expired [token.key.1]. */
  add(exported: ExportedBlockKeysProto): void {
    const now = BigInt(this.#now())
    for (const [keyId, key] of this.#keys) if (key.expiryDate < now) this.#keys.delete(keyId)
    this.#tokenLifetimeMs = Number(exported.tokenLifeTime)
    this.#current = blockKey(exported.currentKey)
    for (const key of exported.allKeys) {
      const known = blockKey(key)
      if (known !== undefined) this.#keys.set(known.keyId, known)
    }
  }

  /** Why a token does not allow an access, or undefined when it does [token.check.2] [token.check.4]. */
  refusal(
    token: Pick<TokenProto, 'identifier' | 'password'> | undefined,
    access: BlockAccess,
  ): string | undefined {
    if (token === undefined || token.identifier.length === 0) return 'there is no block token'
    let id: BlockTokenIdentifier
    try {
      id = decodeBlockTokenIdentifier(token.identifier)
    } catch (error) {
      return (error as Error).message
    }
    const refused = refuseBlockAccess(id, access, this.#now())
    if (refused !== undefined) return refused
    const key = this.#keys.get(id.keyId)
    if (key === undefined) return `the token was signed with block key ${id.keyId}, which is not known here`
    return samePassword(hmacSha1(key.bytes, token.identifier), token.password)
      ? undefined
      : 'the token has another password'
  }

  /** The password of a token; throws `SaslRefusedError` for one that has expired or whose key is gone [sasl.user.1]. */
  passwordOf(identifier: Uint8Array): Uint8Array {
    const { expiryDate, keyId } = decodeBlockTokenIdentifier(identifier)
    if (BigInt(this.#now()) > expiryDate) {
      throw new SaslRefusedError('token', `log in with a block token: it expired at ${expiryDate}`)
    }
    const key = this.#keys.get(keyId)
    if (key !== undefined) return hmacSha1(key.bytes, identifier)
    throw new SaslRefusedError('token', `log in with a block token: block key ${keyId} is not known here`)
  }

  /** A token of this node's own, for what it sends to others [token.own.1]. */
  makeToken(
    block: Pick<ExtendedBlockProto, 'blockId'>,
    userId: string,
    grant: TokenGrant,
    form: BlockTokenForm,
  ) {
    const current = this.#requireCurrent()
    const identifier = encodeBlockTokenIdentifier(
      {
        expiryDate: BigInt(this.#now() + this.#tokenLifetimeMs),
        keyId: current.keyId,
        userId,
        blockPoolId: this.#blockPoolId,
        blockId: BigInt.asIntN(64, block.blockId),
        ...grant,
      },
      form,
    )
    return { identifier, password: hmacSha1(current.bytes, identifier), kind: blockTokenKind, service: '' }
  }

  /** A key for one connection, which whoever has the block keys can make again from the nonce [sasl.user.2]. */
  makeEncryptionKey(algorithm: string | undefined): DataEncryptionKeyProto {
    const current = this.#requireCurrent()
    const nonce = randomBytes(nonceBytes)
    return {
      keyId: current.keyId >>> 0,
      blockPoolId: this.#blockPoolId,
      nonce,
      encryptionKey: hmacSha1(current.bytes, nonce),
      expiryDate: BigInt(this.#now() + this.#tokenLifetimeMs),
      encryptionAlgorithm: algorithm,
    }
  }

  /** Throws `SaslRefusedError` when the block key is not known: the client then asks for a newer key. */
  encryptionKeyOf(keyId: number, nonce: Uint8Array): Uint8Array {
    const key = this.#keys.get(keyId)
    if (key !== undefined) return hmacSha1(key.bytes, nonce)
    throw new SaslRefusedError(
      'key',
      `Can't re-compute encryption key for nonce, since the required block key (keyID=${keyId}) doesn't exist. Current key: ${this.#current?.keyId}`,
    )
  }

  #requireCurrent(): BlockKey {
    if (this.#current !== undefined) return this.#current
    throw new Error(`sign for block pool ${this.#blockPoolId}: the NameNode has sent no block key yet`)
  }
}

function blockKey(key: ExportedBlockKeysProto['currentKey']): BlockKey | undefined {
  if (key.keyBytes === undefined || key.keyBytes.length === 0) return undefined
  return { keyId: key.keyId | 0, expiryDate: key.expiryDate, bytes: key.keyBytes }
}

function samePassword(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}
