import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { RemoteException } from '@cairn/hadoop-ipc'
import {
  BlockCommandProto_Action,
  DatanodeCommandProto_Type as CommandType,
  type DatanodeCommandProto,
} from '@cairn/hadoop-proto'
import { decodeStorageBlockReport, javaExceptions } from '@cairn/hdfs-protocol'
import { type DataNode, startDataNode } from '../datanode.ts'
import type { DataNodeOptions, Logger } from '../index.ts'
import { ScriptedNameNode } from '../testing/scripted-namenode.ts'

const closers: (() => Promise<unknown>)[] = []
after(async () => {
  for (const close of closers.reverse()) await close()
})

async function join(
  namenodes: ScriptedNameNode | readonly ScriptedNameNode[],
  heartbeatIntervalMs = 20,
  more: Partial<DataNodeOptions> = {},
): Promise<DataNode> {
  const node = await startDataNode({
    namenode: [namenodes].flat().map(({ port }) => ({ host: '127.0.0.1', port })),
    memoryBytes: 1 << 24,
    heartbeatIntervalMs,
    random: () => 0,
    user: 'tester',
    ...more,
  })
  closers.push(() => node.close())
  return node
}

async function listening(): Promise<ScriptedNameNode> {
  const namenode = new ScriptedNameNode()
  await namenode.listen()
  closers.push(() => namenode.close())
  return namenode
}

describe('a DataNode and its NameNode', () => {
  test('registers, beats and reports under the lease it was lent', async () => {
    const namenode = await listening()
    const node = await join(namenode)
    await node.ready()
    assert.deepEqual(namenode.calls.slice(0, 4), ['version', 'register', 'heartbeat', 'report'])
    const [report] = namenode.reports
    assert.equal(report!.context?.leaseId, 42n)
    assert.notEqual(report!.context?.id, 0n)
    assert.deepEqual(decodeStorageBlockReport(report!.reports[0]!), [])
    const [heartbeat] = namenode.heartbeats
    assert.equal(heartbeat!.requestFullBlockReportLease, true)
    assert.equal(heartbeat!.registration.storageInfo.layoutVersion, -57 >>> 0)
    assert.equal(heartbeat!.reports[0]!.capacity, 1n << 24n)
    await namenode.until('heartbeat', 4)
    assert.equal(namenode.heartbeats.at(-1)!.requestFullBlockReportLease, false)
    assert.equal(node.status().namenodes[0]!.state, 'serving')
  })

  test('registers and reports again when told, and after the NameNode was away', async () => {
    const namenode = await listening()
    const node = await join(namenode)
    await node.ready()
    namenode.orders.push(command(CommandType.RegisterCommand))
    await namenode.until('report', 2)
    assert.equal(namenode.calls.filter((call) => call === 'register').length, 2)
    const { port } = namenode
    await namenode.close()
    const successor = new ScriptedNameNode()
    closers.push(() => successor.close())
    successor.orders.push(command(CommandType.RegisterCommand))
    await successor.listen(port)
    await successor.until('report', 1)
    assert.ok(successor.calls.includes('register'))
  })

  test('sees from the connection that the NameNode went away, and comes back before a heartbeat is due', async () => {
    const namenode = await listening()
    const node = await join(namenode, 3_600_000)
    await node.ready()
    namenode.orders.push(command(CommandType.RegisterCommand))
    await namenode.close()
    await namenode.listen(namenode.port)
    await namenode.until('report', 2)
    assert.deepEqual(namenode.calls.slice(4), ['heartbeat', 'version', 'register', 'heartbeat', 'report'])
  })

  test('endures orders that it cannot follow', async () => {
    const namenode = await listening()
    const node = await join(namenode)
    await node.ready()
    const gone = { blockId: 5n, genStamp: 1001n, numBytes: 1n }
    namenode.orders.push(
      {
        ...command(CommandType.BlockCommand),
        blkCmd: {
          action: BlockCommandProto_Action.INVALIDATE,
          blockPoolId: 'BP-1-127.0.0.1-1',
          blocks: [gone],
          targets: [],
          targetStorageUuids: [],
          targetStorageTypes: [],
        },
      },
      command(CommandType.BlockECReconstructionCommand),
      command(77),
    )
    await namenode.until('heartbeat', 6)
    assert.equal(node.status().namenodes[0]!.state, 'serving')
    assert.deepEqual(namenode.incremental, [])
  })

  test('stops when the NameNode will never have it [dnp.register.4]', async () => {
    const namenode = await listening()
    namenode.registrationFault = new RemoteException(
      javaExceptions.DisallowedDatanodeException,
      'not in the include list',
    )
    const node = await join(namenode)
    await assert.rejects(node.ready(), { javaClass: javaExceptions.DisallowedDatanodeException })
    assert.equal(node.status().namenodes[0]!.state, 'refused')
    await node.stopped
  })

  test('refuses a NameNode of another cluster', async () => {
    const namenode = await listening()
    const node = await join(namenode)
    await node.ready()
    namenode.clusterID = 'CID-other'
    namenode.orders.push(command(CommandType.RegisterCommand))
    await namenode.until('version', 2)
    while (node.status().namenodes[0]!.state !== 'refused')
      await new Promise((resolve) => setImmediate(resolve))
    assert.equal(namenode.calls.filter((call) => call === 'register').length, 1)
    await node.stopped
  })

  test('stops with both ids in the log when the NameNode comes back without its namespace [dnp.handshake.3]', async () => {
    const namenode = await listening()
    const { logger, lines } = remembering()
    const node = await join(namenode, 20, { logger })
    await node.ready()
    namenode.clusterID = 'CID-formatted-anew'
    namenode.blockPoolID = 'BP-2-127.0.0.1-2'
    namenode.heartbeatFault = new RemoteException(
      javaExceptions.UnregisteredNodeException,
      'Unregistered server',
    )
    await node.stopped
    assert.equal(node.status().namenodes[0]!.state, 'refused')
    assert.match(
      lines.join('\n'),
      /BP-1-127\.0\.0\.1-1 but now .*BP-2-127\.0\.0\.1-2; .*CID-test but now .*CID-formatted-anew/,
    )
    assert.equal(namenode.count('register'), 1)
  })

  test('refuses a NameNode that is too old, both releases named [dnp.handshake.2]', async () => {
    const namenode = await listening()
    namenode.softwareVersion = '0.23.11'
    const node = await join(namenode)
    await assert.rejects(node.ready(), {
      code: 'ERR_DN_NAMENODE_VERSION',
      message: /0\.23\.11.*1\.0\.0/,
    })
    assert.equal(namenode.count('register'), 0)
    await node.stopped
  })

  test('counts transfers as the NameNode’s own DataNodes count them [dnp.heartbeat.3]', async () => {
    for (const [release, count] of [
      ['2.10.2', 1],
      ['3.4.3', 0],
    ] as const) {
      const namenode = await listening()
      namenode.softwareVersion = release
      const node = await join(namenode)
      await node.ready()
      assert.equal(namenode.heartbeats[0]!.xceiverCount, count)
    }
  })

  test('asks for another lease when the one it had has run out [dnp.report.1]', async () => {
    const namenode = await listening()
    namenode.reportFault = new RemoteException(
      'org.apache.hadoop.hdfs.server.protocol.InvalidBlockReportLeaseException',
      'lease 0x2a has expired',
    )
    const node = await join(namenode)
    await namenode.until('report', 1)
    namenode.reportFault = undefined
    namenode.leaseId = 43n
    await node.ready()
    assert.deepEqual(
      namenode.reports.map(({ context }) => context?.leaseId),
      [42n, 43n],
    )
  })

  test('sends no full report without a lease', async () => {
    const namenode = await listening()
    namenode.leaseId = 0n
    const node = await join(namenode)
    await namenode.until('heartbeat', 5)
    assert.equal(namenode.count('report'), 0)
    assert.ok(namenode.heartbeats.every(({ requestFullBlockReportLease }) => requestFullBlockReportLease))
    namenode.leaseId = 44n
    await node.ready()
  })

  test('sends lifelines while heartbeats wait [dnp.lifeline.1]', async () => {
    const namenode = await listening()
    let open: () => void = () => {}
    const { port } = namenode
    const node = await join(namenode, 20, {
      namenode: { host: '127.0.0.1', port, lifeline: { host: '127.0.0.1', port } },
      lifelineIntervalMs: 40,
    })
    await node.ready()
    namenode.gate = new Promise((resolve) => {
      open = resolve
    })
    await namenode.until('lifeline', 2)
    const { registration, reports, requestFullBlockReportLease, slowPeers } = namenode.lifelines[0]!
    assert.deepEqual(registration, namenode.heartbeats.at(-1)!.registration)
    assert.equal(reports.length, 1)
    assert.equal(requestFullBlockReportLease, undefined)
    assert.deepEqual(slowPeers, [])
    namenode.gate = undefined
    open()
  })
})

/** Keeps what is logged as text. */
function remembering(): { logger: Logger; lines: string[] } {
  const lines: string[] = []
  const note = (fields: object, message: string): void => {
    lines.push(
      `${message} ${JSON.stringify(fields, (_, value) => (typeof value === 'bigint' ? String(value) : value))}`,
    )
  }
  return { logger: { debug: note, info: note, warn: note, error: note }, lines }
}

function command(cmdType: number): DatanodeCommandProto {
  return { cmdType }
}
