import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { formatHex, ProtocolError, parseHex } from '@cairn/bytes'
import { AccessModeProto, StorageTypeProto } from '@cairn/hadoop-proto'
import { type BlockAccess, refuseBlockAccess } from './block-access.ts'
import {
  type BlockTokenForm,
  type BlockTokenIdentifier,
  decodeBlockTokenIdentifier,
  encodeBlockTokenIdentifier,
} from './block-token.ts'

interface JavaTokens {
  readonly form: BlockTokenForm
  readonly keyId: number
  readonly key: string
  readonly blockId: string
  readonly tokens: readonly { mode: string; expiryDate: string; identifier: string; password: string }[]
  readonly nonce: string
  readonly encryptionKey: string
}

/** Made by tools/SecurityVectors.java with Hadoop 3.4.3. */
const java = JSON.parse(
  readFileSync(new URL('../../test-data/security-java.json', import.meta.url), 'utf8'),
) as { tokens: readonly JavaTokens[] }

const { DISK, RAM_DISK, SSD } = StorageTypeProto
const pool = 'BP-1-127.0.0.1-7'

const sign = (key: string, data: string): string =>
  createHmac('sha1', parseHex(key)).update(parseHex(data)).digest('hex')

function expected(of: JavaTokens, token: JavaTokens['tokens'][number]): BlockTokenIdentifier {
  const all = token.mode === 'all'
  const mode = AccessModeProto[token.mode as keyof typeof AccessModeProto]
  return {
    expiryDate: BigInt(token.expiryDate),
    keyId: of.keyId,
    userId: all ? undefined : 'hdfs',
    blockPoolId: pool,
    blockId: BigInt(of.blockId),
    modes: all ? [1, 2, 3, 4] : [mode],
    storageTypes: all ? [] : [DISK, RAM_DISK],
    storageIds: all ? [] : ['DS-1', 'DS-2'],
    handshakeSecret: undefined,
  }
}

test("[token.form.1] [token.form.2] [token.form.3] Java's tokens, both ways, and their passwords", () => {
  for (const of of java.tokens) {
    for (const token of of.tokens) {
      const identifier = decodeBlockTokenIdentifier(parseHex(token.identifier))
      assert.deepEqual(identifier, expected(of, token))
      assert.equal(formatHex(encodeBlockTokenIdentifier(identifier, of.form)), token.identifier)
      assert.equal(sign(of.key, token.identifier), token.password)
    }
    assert.equal(sign(of.key, of.nonce), of.encryptionKey)
  }
})

test('a handshake secret is the last field, and fields of newer releases may be missing', () => {
  const id = {
    ...expected(java.tokens[0]!, java.tokens[0]!.tokens[0]!),
    handshakeSecret: Uint8Array.of(1, 2),
  }
  for (const form of ['legacy', 'protobuf'] as const) {
    assert.deepEqual(decodeBlockTokenIdentifier(encodeBlockTokenIdentifier(id, form)), id)
  }
  const plain = { ...id, storageTypes: [], storageIds: [], handshakeSecret: undefined }
  const bytes = encodeBlockTokenIdentifier(plain, 'legacy')
  // Hadoop 2 ends behind the modes.
  assert.deepEqual(decodeBlockTokenIdentifier(bytes.subarray(0, -2)), plain)
})

test('identifiers that are cut or random are refused or understood, nothing else', () => {
  for (const of of java.tokens) {
    const whole = parseHex(of.tokens[0]!.identifier)
    for (let length = 0; length < whole.length; length++) {
      try {
        decodeBlockTokenIdentifier(whole.subarray(0, length))
      } catch (error) {
        assert.ok(error instanceof ProtocolError, String(error))
      }
    }
  }
  let state = 5
  for (let round = 0; round < 5_000; round++) {
    const bytes = Uint8Array.from({ length: round % 80 }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      return state >>> 24
    })
    try {
      decodeBlockTokenIdentifier(bytes)
    } catch (error) {
      assert.ok(error instanceof ProtocolError, String(error))
    }
  }
  const unknown = encodeBlockTokenIdentifier(
    { ...expected(java.tokens[0]!, java.tokens[0]!.tokens[0]!), modes: [9] },
    'legacy',
  )
  assert.throws(() => decodeBlockTokenIdentifier(unknown), ProtocolError)
})

test('[token.check.2] pool, block, time and mode must fit', () => {
  const of = java.tokens[0]!
  const id = expected(of, of.tokens[0]!)
  const access: BlockAccess = { blockPoolId: pool, blockId: id.blockId, mode: AccessModeProto.READ }
  const at = Number(id.expiryDate)
  assert.equal(refuseBlockAccess(id, access, at), undefined)
  assert.match(refuseBlockAccess(id, access, at + 1)!, /expired/)
  assert.match(refuseBlockAccess(id, { ...access, blockPoolId: 'BP-2' }, at)!, /not for/)
  assert.match(refuseBlockAccess(id, { ...access, blockId: 1n }, at)!, /not for/)
  assert.match(
    refuseBlockAccess(id, { ...access, mode: AccessModeProto.WRITE }, at)!,
    /grants READ, not WRITE/,
  )
})

test('[token.check.3] storages must be granted as often as they are asked for', () => {
  const of = java.tokens[0]!
  const id = { ...expected(of, of.tokens[1]!), storageTypes: [DISK, DISK, SSD], storageIds: ['a', 'b'] }
  const access = { blockPoolId: pool, blockId: id.blockId, mode: AccessModeProto.WRITE }
  const asks = (storageTypes: number[], storageIds: string[]): string | undefined =>
    refuseBlockAccess(id, { ...access, storageTypes, storageIds }, 0)
  assert.equal(asks([], []), undefined)
  assert.equal(asks([SSD, DISK, DISK], ['b', 'a']), undefined)
  assert.match(asks([SSD, SSD], [])!, /grants storages DISK,DISK,SSD, not SSD,SSD/)
  assert.match(asks([DISK], ['a', 'c'])!, /grants storages a,b, not a,c/)
  const any = { ...id, storageTypes: [], storageIds: [] }
  assert.equal(refuseBlockAccess(any, { ...access, storageTypes: [SSD], storageIds: ['x'] }, 0), undefined)
})
