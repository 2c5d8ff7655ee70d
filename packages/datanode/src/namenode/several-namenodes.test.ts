import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { RemoteException } from '@cairn/hadoop-ipc'
import {
  BlockCommandProto_Action,
  DatanodeCommandProto_Type as CommandType,
  type DatanodeCommandProto,
} from '@cairn/hadoop-proto'
import { javaExceptions } from '@cairn/hdfs-protocol'
import { type DataNode, startDataNode } from '../datanode.ts'
import type { DataNodeOptions } from '../options.ts'
import { ScriptedNameNode } from '../testing/scripted-namenode.ts'
import { until } from '../testing/until.ts'

const closers: (() => Promise<unknown>)[] = []
after(async () => {
  for (const close of closers.reverse()) await close()
})

const standby = 1

async function scripted(change: Partial<ScriptedNameNode> = {}): Promise<ScriptedNameNode> {
  const namenode = Object.assign(new ScriptedNameNode(), change)
  await namenode.listen()
  closers.push(() => namenode.close())
  return namenode
}

const addressOf = ({ port }: ScriptedNameNode) => ({ host: '127.0.0.1', port })

async function start(options: Partial<DataNodeOptions>): Promise<DataNode> {
  const node = await startDataNode({
    memoryBytes: 1 << 24,
    heartbeatIntervalMs: 10,
    random: () => 0,
    user: 'tester',
    ...options,
  })
  closers.push(() => node.close())
  return node
}

/** A copy of a block that is not here: who obeys answers with an error report to all. */
function copyOrder(blockId: bigint): DatanodeCommandProto {
  return {
    cmdType: CommandType.BlockCommand,
    blkCmd: {
      action: BlockCommandProto_Action.TRANSFER,
      blockPoolId: 'BP-1-127.0.0.1-1',
      blocks: [{ blockId, genStamp: 1001n, numBytes: 1n }],
      targets: [],
      targetStorageUuids: [],
      targetStorageTypes: [],
    },
  }
}

function activeOf(node: DataNode): string | undefined {
  return node.status().namenodes.find(({ active }) => active)?.address
}

const becomes = (node: DataNode, namenode: ScriptedNameNode): Promise<unknown> =>
  until('the active NameNode', 5_000, () => activeOf(node) === `127.0.0.1:${namenode.port}`, 1)

test('both NameNodes get heartbeats and full reports; orders of the active one are obeyed [dnp.ha.1]', async () => {
  const first = await scripted({ txid: 10n })
  const second = await scripted({ haState: standby, txid: 9n })
  const node = await start({ namenode: [first, second].map(addressOf) })
  await Promise.all([first, second].map((namenode) => namenode.until('report', 1)))
  await becomes(node, first)
  second.orders.push(copyOrder(1n))
  const { length } = second.heartbeats
  await second.until('heartbeat', length + 3)
  first.orders.push(copyOrder(2n))
  await Promise.all([first, second].map((namenode) => namenode.until('error', 1)))
  assert.match(first.errors[0]!.msg, /blk_2_1001/)
  assert.match(second.errors[0]!.msg, /blk_2_1001/)
  assert.equal(second.errors.length, 1)
})

test('the claim with the higher transaction wins; an older one is not believed [dnp.ha.2]', async () => {
  const first = await scripted({ txid: 10n })
  const second = await scripted({ haState: standby, txid: 10n })
  const node = await start({ namenode: [first, second].map(addressOf) })
  await becomes(node, first)
  second.haState = 0
  await second.until('heartbeat', second.heartbeats.length + 3)
  assert.equal(activeOf(node), `127.0.0.1:${first.port}`)
  second.txid = 11n
  await becomes(node, second)
  // The old one has not noticed that it was fenced.
  first.orders.push(copyOrder(1n))
  await first.until('heartbeat', first.heartbeats.length + 3)
  assert.equal(activeOf(node), `127.0.0.1:${second.port}`)
  second.orders.push(copyOrder(2n))
  await second.until('error', 1)
  assert.equal(second.errors.length, 1)
  assert.match(second.errors[0]!.msg, /blk_2_/)
  second.haState = standby
  await until('nobody to obey', 5_000, () => activeOf(node) === undefined, 1)
})

test('a standby may ask for a registration [dnp.ha.3]', async () => {
  const first = await scripted()
  const second = await scripted({ haState: standby, txid: 0n })
  await start({ namenode: [first, second].map(addressOf) })
  await second.until('report', 1)
  second.orders.push({ cmdType: CommandType.RegisterCommand })
  await second.until('report', 2)
  assert.equal(second.count('register'), 2)
  assert.equal(first.count('register'), 1)
})

test('an error is told to a NameNode that is away as soon as it is back [dnp.error.1]', async () => {
  const first = await scripted({ txid: 3n })
  const second = await scripted({ haState: standby })
  const node = await start({ namenode: [first, second].map(addressOf) })
  await Promise.all([first, second].map((namenode) => namenode.until('report', 1)))
  await becomes(node, first)
  const { port } = second
  await second.close()
  first.orders.push(copyOrder(5n))
  await first.until('error', 1)
  await second.listen(port)
  await second.until('error', 1)
  assert.deepEqual(second.errors[0]!.msg, first.errors[0]!.msg)
})

test('a NameNode of the pair that refuses the node is asked again while the other takes it [dnp.register.4]', async () => {
  const first = await scripted()
  const second = await scripted({ haState: standby, txid: 0n })
  const fault = new RemoteException(javaExceptions.DisallowedDatanodeException, 'not yet')
  second.registrationFault = fault
  const node = await start({ namenode: [first, second].map(addressOf) })
  await node.ready()
  await second.until('register', 1)
  await first.until('heartbeat', first.heartbeats.length + 5)
  assert.deepEqual(
    node.status().namenodes.map(({ state }) => state),
    ['serving', 'connecting'],
  )
})

test('a node that both refuse stops', async () => {
  const fault = new RemoteException(javaExceptions.DisallowedDatanodeException, 'never')
  const pair = [await scripted({ registrationFault: fault }), await scripted({ registrationFault: fault })]
  const node = await start({ namenode: pair.map(addressOf) })
  await assert.rejects(node.ready(), { javaClass: javaExceptions.DisallowedDatanodeException })
  await node.stopped
})

test('nameservices have pools of their own; one that refuses the node does not end it [dnp.federation.2]', async () => {
  const first = await scripted()
  const second = await scripted({ blockPoolID: 'BP-2-127.0.0.1-2', namespaceID: 8 })
  const fault = new RemoteException(javaExceptions.DisallowedDatanodeException, 'never')
  const third = await scripted({ blockPoolID: 'BP-3-127.0.0.1-3', registrationFault: fault })
  const node = await start({
    nameservices: { a: [addressOf(first)], b: [addressOf(second)], c: [addressOf(third)] },
  })
  await Promise.all([first, second].map((namenode) => namenode.until('report', 1)))
  await until('the refusal', 5_000, () => node.status().namenodes[2]!.state === 'refused', 1)
  await until('two pools', 5_000, () => node.status().blockPools.length === 2, 1)
  assert.deepEqual(new Set(node.status().blockPools), new Set(['BP-1-127.0.0.1-1', 'BP-2-127.0.0.1-2']))
  assert.equal(second.reports[0]!.blockPoolId, 'BP-2-127.0.0.1-2')
  assert.equal(second.registrations[0]!.registration.storageInfo.namespceID, 8)
  assert.deepEqual(
    node.status().namenodes.map(({ nameservice, state }) => [nameservice, state]),
    [
      ['a', 'serving'],
      ['b', 'serving'],
      ['c', 'refused'],
    ],
  )
})
