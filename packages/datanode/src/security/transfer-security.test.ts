import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { ReceiveBuffer } from '@cairn/bytes'
import {
  AccessModeProto,
  type BlockOpResponseProto,
  type ExportedBlockKeysProto,
  type ExtendedBlockProto,
  OpWriteBlockProto_BlockConstructionStage as Stage,
  Status,
  StorageTypeProto,
  type TokenProto,
} from '@cairn/hadoop-proto'
import {
  BlockReadError,
  blockChecksum,
  DatanodeConnections,
  DatanodeSecurity,
  datanodeAddress,
  openBlockReader,
  openBlockWriter,
  transferBlock,
} from '@cairn/hdfs-block-io'
import {
  dataTransfer17,
  encodeOperation,
  type Qop,
  SaslRefusedError,
  takeBlockOpResponse,
} from '@cairn/hdfs-protocol'
import { patternBytes } from '@cairn/testkit'
import { connectTcp } from '@cairn/transport'
import { silentLogger } from '../logger.ts'
import { TransferNode, testBlock, testPool } from '../testing/transfer-node.ts'
import { sendReplica } from '../transfer/send-replica.ts'
import { BlockKeys } from './block-keys.ts'
import { emptyToken } from './empty-token.ts'
import type { DataTransferSecurityOptions } from './security-options.ts'
import { TransferSecurity } from './transfer-security.ts'

const { READ, WRITE, COPY, REPLACE } = AccessModeProto
const { DISK } = StorageTypeProto
const pool = testPool.blockPoolId
const clientName = 'test-client'
const checksum = { type: 'CRC32C', bytesPerChecksum: 512 } as const
let nowMs = 1_000_000

function exported(current: number, ...others: number[]): ExportedBlockKeysProto {
  const key = (keyId: number) => ({
    keyId,
    expiryDate: BigInt(nowMs + 1_000),
    keyBytes: Uint8Array.of(keyId, 2, 3, 4, 5, 6, 7, 8),
  })
  return {
    isBlockTokenEnabled: true,
    keyUpdateInterval: 600_000n,
    tokenLifeTime: 500n,
    currentKey: key(current),
    allKeys: [current, ...others].map(key),
  }
}

/** What the NameNode has: it signs with the same keys. */
const namenode = new BlockKeys(pool, () => nowMs)
namenode.add(exported(1, 2))

const nodes: TransferNode[] = []
const opened: DatanodeConnections[] = []
after(async () => {
  await Promise.all(opened.map((connections) => connections.close()))
  await Promise.all(nodes.map((node) => node.stop()))
})

interface Peer {
  readonly node: TransferNode
  readonly security: TransferSecurity
}

async function start(options: DataTransferSecurityOptions = {}, enabled = true): Promise<Peer> {
  const logger = silentLogger
  const security = new TransferSecurity({ options, user: 'hdfs', logger, now: () => nowMs })
  if (enabled) security.registered(pool, exported(1, 2))
  const node = await TransferNode.start({ context: { security } })
  nodes.push(node)
  return { node, security }
}

function connect(security?: DatanodeSecurity): DatanodeConnections {
  const connections = new DatanodeConnections({ security, idlePerDatanode: 0 })
  opened.push(connections)
  return connections
}

function tokenFor(
  block: ExtendedBlockProto,
  modes: readonly number[],
  storages: { storageTypes?: number[]; storageIds?: string[] } = {},
): TokenProto {
  const grant = { modes, storageTypes: storages.storageTypes ?? [], storageIds: storages.storageIds ?? [] }
  return namenode.makeToken(block, 'somebody', grant, 'legacy')
}

async function write(
  connections: DatanodeConnections,
  block: ExtendedBlockProto,
  pipeline: readonly TransferNode[],
  token: TokenProto,
  length = 200_000,
): Promise<void> {
  const writer = await openBlockWriter({
    connections,
    block,
    token,
    pipeline: pipeline.map((node) => node.info),
    stage: Stage.PIPELINE_SETUP_CREATE,
    clientName,
    checksum,
  })
  await writer.write(patternBytes(length))
  await writer.close()
}

async function read(
  connections: DatanodeConnections,
  block: ExtendedBlockProto,
  node: TransferNode,
  token: TokenProto,
  length = 200_000,
): Promise<Uint8Array> {
  const reader = await openBlockReader({
    connections,
    block,
    token,
    datanode: datanodeAddress(node.info),
    offset: 0,
    length,
    clientName,
  })
  const bytes = new Uint8Array(length)
  for (let done = 0; done < length; ) done += await reader.read(bytes.subarray(done))
  await reader.close()
  return bytes
}

/** Sends bytes and takes the answer; undefined when the connection closes without one. */
async function ask(node: TransferNode, bytes: Uint8Array): Promise<BlockOpResponseProto | undefined> {
  const connection = await connectTcp({ host: '127.0.0.1', port: node.port })
  const input = new ReceiveBuffer({ maxBytes: 1 << 20 })
  let answer: BlockOpResponseProto | undefined
  connection.start({
    input,
    onReceive() {
      answer ??= takeBlockOpResponse(input)
      if (answer) connection.end()
    },
    onClose() {},
  })
  connection.write(bytes)
  await connection.done
  return answer
}

function refusedToken(error: unknown): boolean {
  return (
    error instanceof BlockReadError && error.kind === 'token' && error.status === Status.ERROR_ACCESS_TOKEN
  )
}

// A client of Hadoop 1 passes on what its NameNode gave it, and cannot tell what is in it.
test('[xfer17.op.9] tokens are checked for version 17 too', async () => {
  const { node } = await start()
  const other = await start()
  const connections = connect()
  const block = testBlock(1n)
  const asHadoop1 = {
    connections,
    block: { ...block, poolId: '' },
    clientName,
    dataTransfer: dataTransfer17,
  }
  const open = (token: TokenProto) =>
    openBlockWriter({
      ...asHadoop1,
      token,
      pipeline: [node.info, other.node.info],
      stage: Stage.PIPELINE_SETUP_CREATE,
      checksum: { type: 'CRC32', bytesPerChecksum: 512 },
    })
  await assert.rejects(open(emptyToken()), { kind: 'token' })
  const writer = await open(tokenFor(block, [WRITE]))
  await writer.write(patternBytes(1000))
  await writer.close()
  assert.deepEqual(other.node.bytes(1n), patternBytes(1000))
  const range = { datanode: datanodeAddress(node.info), offset: 0, length: 1000 }
  await assert.rejects(openBlockReader({ ...asHadoop1, ...range, token: emptyToken() }), refusedToken)
  const reader = await openBlockReader({ ...asHadoop1, ...range, token: tokenFor(block, [READ]) })
  assert.equal(await reader.read(new Uint8Array(1000)), 1000)
  await reader.close()
})

test('[token.check.1] [token.check.4] each operation is done with the token it needs, and no other', async () => {
  const { node } = await start()
  const other = await start()
  const connections = connect()
  const block = testBlock(1n)
  const datanode = datanodeAddress(node.info)
  await assert.rejects(write(connections, block, [node], tokenFor(block, [READ])), { kind: 'token' })
  await write(connections, block, [node, other.node], tokenFor(block, [WRITE]))
  await assert.rejects(read(connections, block, node, tokenFor(block, [WRITE, COPY])), refusedToken)
  await assert.rejects(read(connections, block, node, emptyToken()), refusedToken)
  await assert.rejects(read(connections, block, node, tokenFor(testBlock(2n), [READ])), refusedToken)
  const forged = { ...tokenFor(block, [READ]), password: new Uint8Array(20) }
  await assert.rejects(read(connections, block, node, forged), refusedToken)
  assert.deepEqual(await read(connections, block, node, tokenFor(block, [READ])), patternBytes(200_000))
  const sum = { connections, datanode, block: { ...block, numBytes: 200_000n } }
  await assert.rejects(blockChecksum({ ...sum, token: tokenFor(block, [COPY]) }), refusedToken)
  await blockChecksum({ ...sum, token: tokenFor(block, [READ]) })
  const copy = (token: TokenProto) => encodeOperation('COPY_BLOCK', { header: { block, token } })
  assert.equal((await ask(node, copy(tokenFor(block, [READ]))))?.status, Status.ERROR_ACCESS_TOKEN)
  assert.equal((await ask(node, copy(tokenFor(block, [COPY]))))?.status, Status.SUCCESS)
})

test('[token.check.5] answers to bad tokens are those of Java', async () => {
  const { node } = await start()
  const block = testBlock(3n)
  const header = (name: string) => ({ baseHeader: { block, token: emptyToken() }, clientName: name })
  const request = (name: string) => ({
    header: header(name),
    targets: [],
    stage: Stage.PIPELINE_SETUP_CREATE,
    pipelineSize: 1,
    minBytesRcvd: 0n,
    maxBytesRcvd: 0n,
    latestGenerationStamp: 0n,
    requestedChecksum: { type: 2, bytesPerChecksum: 512 },
    targetStorageTypes: [],
    targetPinnings: [],
    targetStorageIds: [],
  })
  const toClient = await ask(node, encodeOperation('WRITE_BLOCK', request(clientName)))
  assert.equal(toClient?.status, Status.ERROR_ACCESS_TOKEN)
  assert.equal(toClient?.firstBadLink, `127.0.0.1:${node.port}`)
  assert.equal(toClient?.message, undefined)
  assert.equal(await ask(node, encodeOperation('WRITE_BLOCK', request(''))), undefined)
  const read = { header: header(clientName), offset: 0n, len: 1n }
  const toReader = await ask(node, encodeOperation('READ_BLOCK', read))
  assert.deepEqual([toReader?.status, toReader?.firstBadLink, toReader?.message].slice(0, 2), [
    Status.ERROR_ACCESS_TOKEN,
    undefined,
  ])
})

test('[token.own.1] copies carry tokens of the sender, for the storages of the targets', async () => {
  const [a, b, c] = [await start(), await start({ protobufTokens: true }), await start()]
  const connections = connect()
  const block = testBlock(4n)
  await write(connections, block, [a.node], tokenFor(block, [WRITE]))
  const send = (from: Peer, to: TransferNode): Promise<void> =>
    sendReplica(from.node.context, from.node.store.find(4n)!, {
      blockPoolId: pool,
      targets: [to.info],
      targetStorageTypes: [DISK],
      targetStorageIds: ['DS-1'],
      clientName: '',
      stage: Stage.PIPELINE_SETUP_CREATE,
    })
  await send(a, b.node)
  await b.node.until('received 4 200000')
  await send(b, c.node)
  await c.node.until('received 4 200000')
  const datanode = datanodeAddress(a.node.info)
  const d = await start()
  const grant = { storageTypes: [DISK], storageIds: ['DS-2'] }
  const more = { targets: [d.node.info], targetStorageTypes: [DISK], targetStorageIds: ['DS-2'], clientName }
  const options = { connections, datanode, block: testBlock(4n, 1001n, 200_000), ...more }
  await assert.rejects(transferBlock({ ...options, token: tokenFor(block, [WRITE], grant) }), refusedToken)
  const elsewhere = { ...grant, storageIds: ['DS-3'] }
  await assert.rejects(transferBlock({ ...options, token: tokenFor(block, [COPY], elsewhere) }), refusedToken)
  await transferBlock({ ...options, token: tokenFor(block, [COPY], grant) })
  assert.deepEqual(d.node.bytes(4n), patternBytes(200_000))
})

test('REPLACE_BLOCK passes its token on to the source', async () => {
  const [source, target] = [await start(), await start()]
  const block = testBlock(5n)
  await write(connect(), block, [source.node], tokenFor(block, [WRITE]))
  const replace = (modes: number[]) =>
    encodeOperation('REPLACE_BLOCK', {
      header: { block: { ...block, numBytes: 200_000n }, token: tokenFor(block, modes) },
      delHint: source.node.info.id.datanodeUuid,
      source: source.node.info,
    })
  assert.equal((await ask(target.node, replace([COPY])))?.status, Status.ERROR_ACCESS_TOKEN)
  assert.equal((await ask(target.node, replace([REPLACE, COPY])))?.status, Status.SUCCESS)
  assert.deepEqual(target.node.bytes(5n), patternBytes(200_000))
})

test('[token.key.1] [token.key.2] keys roll: tokens of known keys are good until they or their keys expire', async () => {
  const { node, security } = await start()
  const connections = connect()
  const block = testBlock(6n)
  const token = tokenFor(block, [READ, WRITE])
  await write(connections, block, [node], token)
  security.updateKeys(pool, exported(2, 3))
  await read(connections, block, node, token)
  const expiry = nowMs + 500
  nowMs = expiry + 1
  await assert.rejects(read(connections, block, node, token), refusedToken)
  namenode.add(exported(9))
  await assert.rejects(read(connections, block, node, tokenFor(block, [READ])), refusedToken)
  nowMs += 2_000
  security.updateKeys(pool, exported(9))
  namenode.add(exported(9))
  await read(connections, block, node, tokenFor(block, [READ]))
  namenode.add(exported(3))
  await assert.rejects(read(connections, block, node, tokenFor(block, [READ])), refusedToken)
  // The NameNode was started again without tokens.
  security.registered(pool, { ...exported(1), isBlockTokenEnabled: false })
  await read(connections, block, node, emptyToken())
  security.updateKeys(pool, exported(9))
  await read(connections, block, node, emptyToken())
  namenode.add(exported(1, 2))
})

test('[token.check.6] before the NameNode has spoken nothing is done', async () => {
  const errors: string[] = []
  const logger = { ...silentLogger, error: (_: object, message: string) => errors.push(message) }
  const now = (): number => nowMs
  const options = { protection: ['auth' as const] }
  const security = new TransferSecurity({ options, afterRegistration: true, user: 'hdfs', logger, now })
  const header = { baseHeader: { block: testBlock(1n), token: emptyToken() }, clientName }
  const read = { name: 'READ_BLOCK', request: { header, offset: 0n, len: 1n } } as const
  assert.match(security.refusal(read)!, /has not said yet/)
  assert.equal(
    security.refusal({
      name: 'RELEASE_SHORT_CIRCUIT_FDS',
      request: { slotId: { shmId: { hi: 0n, lo: 0n }, slotIdx: 0 } },
    }),
    undefined,
  )
  security.registered(pool, { ...exported(1), isBlockTokenEnabled: false })
  assert.equal(security.refusal(read), undefined)
  assert.match(errors[0]!, /nobody can log in to block pool/)
  security.registered(pool, exported(1))
  assert.match(security.refusal(read)!, /no block token/)
  assert.equal(errors.length, 1)
})

const encrypting: [string, DataTransferSecurityOptions][] = [
  ['3des', { encrypt: true, algorithm: '3des' }],
  ['rc4', { encrypt: true, algorithm: 'rc4' }],
  ['AES', { encrypt: true, aesKeyBits: 128 }],
]

for (const [name, options] of encrypting) {
  test(`[sasl.when.1] everything works encrypted with ${name}, and nothing works without`, async () => {
    const peers = [await start(options), await start(options), await start(options)]
    const [a, b, c] = peers.map(({ node }) => node) as [TransferNode, TransferNode, TransferNode]
    const security = new DatanodeSecurity({
      encryptionKey: () => namenode.makeEncryptionKey(options.algorithm),
      aes: options.aesKeyBits !== undefined,
    })
    const connections = connect(security)
    const block = testBlock(7n)
    await write(connections, block, [a, b], tokenFor(block, [WRITE]), 1_000_000)
    assert.deepEqual(
      await read(connections, block, b, tokenFor(block, [READ]), 1_000_000),
      patternBytes(1_000_000),
    )
    await sendReplica(b.context, b.store.find(7n)!, {
      blockPoolId: pool,
      targets: [c.info],
      targetStorageTypes: [],
      targetStorageIds: [],
      clientName: '',
      stage: Stage.PIPELINE_SETUP_CREATE,
    })
    await c.until('received 7 1000000')
    assert.deepEqual(c.bytes(7n), patternBytes(1_000_000))
    await assert.rejects(read(connect(), block, a, tokenFor(block, [READ])), { kind: 'closed' })
    const strange = new BlockKeys(pool, () => nowMs)
    strange.add(exported(77))
    const unknown = new DatanodeSecurity({
      encryptionKey: () => strange.makeEncryptionKey(undefined),
      aes: false,
    })
    await assert.rejects(
      connect(unknown).open(datanodeAddress(a.info), { block, token: emptyToken() }),
      (error) => error instanceof SaslRefusedError && error.kind === 'key' && /keyID=77/.test(error.message),
    )
  })
}

for (const qop of ['auth', 'auth-int', 'auth-conf'] as const satisfies Qop[]) {
  test(`[sasl.user.1] with protection ${qop} connections log in with their block token`, async () => {
    const options = { protection: [qop] }
    const [a, b] = [await start(options), await start(options)]
    const connections = connect(
      new DatanodeSecurity({ encryptionKey: () => undefined, protection: [qop], aes: false }),
    )
    const block = testBlock(8n)
    await write(connections, block, [a.node, b.node], tokenFor(block, [WRITE]))
    assert.deepEqual(await read(connections, block, b.node, tokenFor(block, [READ])), patternBytes(200_000))
    const token = tokenFor(block, [READ])
    const forged = { ...token, password: new Uint8Array(20) }
    await assert.rejects(read(connections, block, a.node, forged), /does not fit the password/)
    nowMs += 501
    await assert.rejects(read(connections, block, a.node, token), { kind: 'token' })
  })
}
