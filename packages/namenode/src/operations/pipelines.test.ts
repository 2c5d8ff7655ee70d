import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { noRpcIds } from '@cairn/hdfs-storage'
import { replicaState } from '../blocks/block-info.ts'
import { processReportedReplica } from '../blocks/reported-replica.ts'
import {
  type CoreWithDatanodes,
  clientName,
  coreWithDatanodes,
  createFile,
  nextBlock,
  writeFile,
} from '../testing/core-with-datanodes.ts'
import { append } from './create.ts'
import { updateBlockForPipeline, updatePipeline } from './pipelines.ts'
import { complete } from './write-blocks.ts'

/** Appends to `/f`, whose first DataNode does not answer: the pipeline goes on with the other two. */
function appendWithoutFirst({ core, root, storages }: CoreWithDatanodes) {
  const rpcIds = noRpcIds
  append(core, root, { src: '/f', clientName, clientMachine: '127.0.0.1', flags: 4, rpcIds })
  const [block] = [...core.namespace.blocks.values()]
  assert.ok(block)
  const { id, numBytes, generationStamp } = block
  const oldBlock = { id, numBytes, generationStamp }
  const { b } = updateBlockForPipeline(core, root, clientName, oldBlock)
  const newBlock = { id, numBytes, generationStamp: Number(b.generationStamp) }
  const nodes = storages.slice(1).map(({ datanode, storageId }) => ({ uuid: datanode.uuid, storageId }))
  updatePipeline(core, root, { clientName, oldBlock, newBlock, nodes, rpcIds })
  return { block, oldBlock, newBlock }
}

describe('a pipeline that goes on without a DataNode', () => {
  it('leaves the replica of the old generation out', () => {
    const cluster = coreWithDatanodes(3)
    const { core, root, storages } = cluster
    writeFile(cluster, '/f', [100], { replication: 3 })
    const { block, oldBlock, newBlock } = appendWithoutFirst(cluster)
    assert.deepEqual(block.replicas, [])
    for (const storage of storages.slice(1)) {
      processReportedReplica(core.blocks, storage, {
        ...newBlock,
        numBytes: 150,
        state: replicaState.FINALIZED,
      })
    }
    const last = { ...newBlock, numBytes: 150 }
    assert.equal(complete(core, root, { src: '/f', clientName, fileId: 0, last }), true)
    assert.deepEqual(block.replicas, storages.slice(1))
    assert.equal(core.blocks.liveCount(block), 2)
    processReportedReplica(core.blocks, storages[0]!, { ...oldBlock, state: replicaState.FINALIZED })
    assert.equal(core.blocks.liveCount(block), 2)
  })

  it('finds the replicas that were written and are not yet reported', () => {
    const cluster = coreWithDatanodes(3)
    const { core, root, storages } = cluster
    createFile(cluster, '/f', { replication: 3 })
    const last = { ...nextBlock(cluster, '/f', undefined), numBytes: 100 }
    const block = core.namespace.blocks.get(last.id)!
    core.blocks.addReplica(storages[2]!, block)
    assert.equal(complete(core, root, { src: '/f', clientName, fileId: 0, last }), true)
    append(core, root, { src: '/f', clientName, clientMachine: '127.0.0.1', flags: 4, rpcIds: noRpcIds })
    const places = new Set(block.underConstruction?.replicas.map(({ storage }) => storage))
    assert.deepEqual(places, new Set(storages))
    assert.equal(block.underConstruction?.replicas.length, 3)
  })

  it('takes an unfinished replica of the old generation for a bad one', () => {
    const cluster = coreWithDatanodes(3)
    writeFile(cluster, '/f', [100], { replication: 3 })
    const { block, oldBlock } = appendWithoutFirst(cluster)
    const [first, ...others] = cluster.storages
    processReportedReplica(cluster.core.blocks, first!, { ...oldBlock, state: replicaState.RBW })
    assert.deepEqual(
      block.underConstruction?.replicas.map(({ storage }) => storage),
      others,
    )
  })
})
