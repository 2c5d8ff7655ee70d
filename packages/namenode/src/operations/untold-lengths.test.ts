import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { noRpcIds } from '@cairn/hdfs-storage'
import { type BlockInfo, replicaState } from '../blocks/block-info.ts'
import { processReportedReplica } from '../blocks/reported-replica.ts'
import { lookup } from '../namespace/path.ts'
import {
  type CoreWithDatanodes,
  clientName,
  coreWithDatanodes,
  createFile,
  nextBlock,
} from '../testing/core-with-datanodes.ts'
import { append } from './create.ts'
import { updateBlockForPipeline, updatePipeline } from './pipelines.ts'
import { complete } from './write-blocks.ts'

function openFile(datanodes = 2): CoreWithDatanodes {
  const cluster = coreWithDatanodes(datanodes)
  createFile(cluster, '/f', { replication: datanodes })
  return cluster
}

/** Asks for a block as Hadoop 1 does, without saying what was before it. */
function untoldBlock(cluster: CoreWithDatanodes): BlockInfo {
  return cluster.core.namespace.blocks.get(nextBlock(cluster, '/f', undefined, false).id)!
}

function report(
  cluster: CoreWithDatanodes,
  index: number,
  block: BlockInfo,
  numBytes: number,
  state = 0,
): void {
  const { id, generationStamp } = block
  processReportedReplica(cluster.core.blocks, cluster.storages[index]!, {
    id,
    generationStamp,
    numBytes,
    state,
  })
}

const close = ({ core, root }: CoreWithDatanodes): boolean =>
  complete(core, root, { src: '/f', clientName, fileId: 0, last: undefined })

describe('a writer that does not tell how long its blocks became', () => {
  it('gets no next block before a DataNode has told', () => {
    const cluster = openFile()
    const first = untoldBlock(cluster)
    const refusal = { javaClass: 'org.apache.hadoop.hdfs.server.namenode.NotReplicatedYetException' }
    assert.throws(() => untoldBlock(cluster), refusal)
    report(cluster, 0, first, 50, replicaState.RBW)
    assert.throws(() => untoldBlock(cluster), refusal)
    report(cluster, 0, first, 100)
    const second = untoldBlock(cluster)
    assert.notEqual(second.id, first.id)
    assert.deepEqual([first.state, first.numBytes], ['COMPLETE', 100])
    assert.equal(close(cluster), false)
    report(cluster, 1, second, 7)
    assert.equal(close(cluster), true)
    const file = lookup(cluster.core.namespace, '/f')
    assert.equal(file?.kind === 'file' && file.length, 107)
  })

  it('closes a file without blocks', () => {
    assert.equal(close(openFile()), true)
  })

  it('keeps the longest replica when they differ, and has the others made anew', () => {
    const cluster = openFile()
    const block = untoldBlock(cluster)
    report(cluster, 0, block, 90)
    report(cluster, 1, block, 100)
    assert.equal(close(cluster), true)
    assert.equal(block.numBytes, 100)
    assert.equal(cluster.core.blocks.liveCount(block), 1)
    assert.equal(cluster.core.blocks.corrupt.get(block)?.get(cluster.storages[0]!.datanode), 'SIZE_MISMATCH')
  })

  it('appends, and the length from before does not count', () => {
    const cluster = openFile()
    const { core, root, storages } = cluster
    const block = untoldBlock(cluster)
    for (const index of [0, 1]) report(cluster, index, block, 100)
    assert.equal(close(cluster), true)
    append(core, root, { src: '/f', clientName, clientMachine: '127.0.0.1', flags: 4, rpcIds: noRpcIds })
    assert.equal(close(cluster), false)
    const { id, numBytes, generationStamp } = block
    const oldBlock = { id, numBytes, generationStamp }
    // The DataNode that recovers does not know the writer's name; nobody else may leave it out.
    const anybody = { javaClass: /LeaseExpiredException$/ }
    assert.throws(() => updateBlockForPipeline(core, core.callers.of('alice', 0), '', oldBlock), anybody)
    const { b } = updateBlockForPipeline(core, root, '', oldBlock)
    const newBlock = { id, numBytes, generationStamp: Number(b.generationStamp) }
    const nodes = storages.map(({ datanode, storageId }) => ({ uuid: datanode.uuid, storageId }))
    updatePipeline(core, root, { clientName: '', oldBlock, newBlock, nodes, rpcIds: noRpcIds })
    assert.equal(close(cluster), false)
    for (const index of [0, 1]) report(cluster, index, block, 130)
    assert.equal(close(cluster), true)
    assert.equal(block.numBytes, 130)
  })
})
