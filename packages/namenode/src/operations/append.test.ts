import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { noRpcIds } from '@cairn/hdfs-storage'
import {
  type CoreWithDatanodes,
  clientName,
  coreWithDatanodes,
  nextBlock,
  writeFile,
} from '../testing/core-with-datanodes.ts'
import { setReplication } from './attributes.ts'
import { append, create, createFlag } from './create.ts'
import { truncate } from './truncate.ts'
import { complete } from './write-blocks.ts'

const clientMachine = '127.0.0.1'

function appendTo({ core, root }: CoreWithDatanodes, src: string, flags: number): ReturnType<typeof append> {
  return append(core, root, { src, clientName, clientMachine, flags, rpcIds: noRpcIds })
}

describe('append with NEW_BLOCK', () => {
  it('names the last block without DataNodes, and leaves it as it is', () => {
    const cluster = coreWithDatanodes(1)
    const { core, root, storages } = cluster
    writeFile(cluster, '/f', [100])
    const { block } = appendTo(cluster, '/f', createFlag.append | createFlag.newBlock)
    assert.deepEqual([block?.b.numBytes, block?.locs], [100n, []])
    const previous = { id: Number(block!.b.blockId), generationStamp: Number(block!.b.generationStamp) }
    const next = nextBlock(cluster, '/f', { ...previous, numBytes: 100 })
    assert.notEqual(next.id, previous.id)
    assert.deepEqual(nextBlock(cluster, '/f', { ...previous, numBytes: 100 }), next)
    core.blocks.addReplica(storages[0]!, core.namespace.blocks.get(next.id)!)
    complete(core, root, { src: '/f', clientName, fileId: 0, last: { ...next, numBytes: 7 } })
    const { block: filled, status } = appendTo(cluster, '/f', createFlag.append)
    assert.deepEqual([filled?.b.blockId, filled?.locs.length], [BigInt(next.id), 1])
    assert.equal(status.length, 107n)
  })

  it('closes without a block where nothing was written', () => {
    const cluster = coreWithDatanodes(1)
    const { core, root } = cluster
    writeFile(cluster, '/f', [100])
    const { block } = appendTo(cluster, '/f', createFlag.append | createFlag.newBlock)
    const last = {
      id: Number(block!.b.blockId),
      generationStamp: Number(block!.b.generationStamp),
      numBytes: 100,
    }
    assert.equal(complete(core, root, { src: '/f', clientName, fileId: 0, last }), true)
    assert.equal(appendTo(cluster, '/f', createFlag.append).status.length, 100n)
  })
})

describe('append', () => {
  it('leaves out replicas that were told to go', () => {
    const cluster = coreWithDatanodes(2)
    const { core, root, storages } = cluster
    writeFile(cluster, '/f', [100], { replication: 2 })
    setReplication(core, root, '/f', 1)
    const [gone] = storages.filter(({ datanode }) => datanode.toDelete.size > 0)
    const { block } = appendTo(cluster, '/f', createFlag.append)
    assert.deepEqual(
      block?.locs.map(({ id }) => id.datanodeUuid),
      storages.filter((storage) => storage !== gone).map(({ datanode }) => datanode.uuid),
    )
    assert.equal(block?.locs.length, 1)
  })
})

describe('LAZY_PERSIST', () => {
  it('is kept as the storage policy of that name, and such a file is neither lengthened nor cut', () => {
    const cluster = coreWithDatanodes(1)
    const { core, root } = cluster
    const status = create(core, root, {
      src: '/f',
      mode: 0o644,
      unmaskedMode: 0o666,
      clientName,
      clientMachine,
      flags: createFlag.create | createFlag.lazyPersist,
      createParent: true,
      replication: 1,
      blockSize: 1024 * 1024,
      rpcIds: noRpcIds,
    })
    assert.equal(status.storagePolicy, 15)
    const refused = (what: string) => ({
      javaClass: 'java.lang.UnsupportedOperationException',
      message: `Cannot ${what} lazy persist file /f`,
    })
    assert.throws(() => appendTo(cluster, '/f', createFlag.append), refused('append to'))
    const request = { src: '/f', newLength: 0, clientName, clientMachine }
    assert.throws(() => truncate(core, root, request), refused('truncate'))
  })
})
