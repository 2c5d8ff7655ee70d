import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { defineService, RemoteException, RpcServer } from '@cairn/hadoop-ipc'
import {
  BlockCommandProto_Action,
  type BlockReceivedAndDeletedRequestProto,
  type BlockReportRequestProto,
  DatanodeCommandProto_Type as CommandType,
  type DatanodeCommandProto,
  type HeartbeatRequestProto,
} from '@cairn/hadoop-proto'
import { datanodeProtocol, decodeStorageBlockReport, javaExceptions } from '@cairn/hdfs-protocol'
import { type DataNode, startDataNode } from '../datanode.ts'

const closers: (() => Promise<unknown>)[] = []
after(async () => {
  for (const close of closers.reverse()) await close()
})

/** Speaks `DatanodeProtocol` from a script and keeps what it hears. */
class ScriptedNameNode {
  readonly calls: string[] = []
  readonly heartbeats: HeartbeatRequestProto[] = []
  readonly reports: BlockReportRequestProto[] = []
  readonly incremental: BlockReceivedAndDeletedRequestProto[] = []
  /** Orders for the next heartbeat. */
  orders: DatanodeCommandProto[] = []
  clusterID = 'CID-test'
  registrationFault: Error | undefined
  #heard: (() => void)[] = []
  #server: RpcServer | undefined
  port = 0

  async listen(port = 0): Promise<void> {
    const heard = (call: string): void => {
      this.calls.push(call)
      for (const resolve of this.#heard.splice(0)) resolve()
    }
    const info = () => ({
      buildVersion: 'test',
      unused: 0,
      blockPoolID: 'BP-1-127.0.0.1-1',
      storageInfo: { layoutVersion: -67 >>> 0, namespceID: 7, clusterID: this.clusterID, cTime: 1n },
      softwareVersion: '3.4.3',
      capabilities: 1n,
    })
    const service = defineService({
      protocol: datanodeProtocol.name,
      methods: datanodeProtocol.methods,
      handlers: {
        versionRequest: () => {
          heard('version')
          return { info: info() }
        },
        registerDatanode: ({ registration }) => {
          heard('register')
          if (this.registrationFault) throw this.registrationFault
          return { registration }
        },
        sendHeartbeat: (request) => {
          heard('heartbeat')
          this.heartbeats.push(request)
          const cmds = this.orders.splice(0)
          const leased = request.requestFullBlockReportLease === true
          return { cmds, haStatus: { state: 0, txid: 1n }, fullBlockReportLeaseId: leased ? 42n : 0n }
        },
        blockReport: (request) => {
          this.reports.push(request)
          heard('report')
          return {}
        },
        blockReceivedAndDeleted: (request) => {
          this.incremental.push(request)
          heard('incremental')
          return {}
        },
      },
    })
    this.#server = new RpcServer({ services: [service] })
    this.port = (await this.#server.listen({ port })).port
  }

  async close(): Promise<void> {
    await this.#server?.close()
    this.#server = undefined
  }

  async until(call: string, count: number): Promise<void> {
    while (this.calls.filter((heard) => heard === call).length < count) {
      await new Promise<void>((resolve) => this.#heard.push(resolve))
    }
  }
}

async function join(namenode: ScriptedNameNode, heartbeatIntervalMs = 20): Promise<DataNode> {
  const node = await startDataNode({
    namenode: { host: '127.0.0.1', port: namenode.port },
    memoryBytes: 1 << 24,
    heartbeatIntervalMs,
    random: () => 0,
    user: 'tester',
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

  test('gives up when the NameNode will never have it', async () => {
    const namenode = await listening()
    namenode.registrationFault = new RemoteException(
      javaExceptions.DisallowedDatanodeException,
      'not in the include list',
    )
    const node = await join(namenode)
    await assert.rejects(node.ready(), { javaClass: javaExceptions.DisallowedDatanodeException })
    assert.equal(node.status().namenodes[0]!.state, 'refused')
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
  })
})

function command(cmdType: number): DatanodeCommandProto {
  return { cmdType }
}
