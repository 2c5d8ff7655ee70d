import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { lookup } from '../namespace/path.ts'
import {
  type CoreWithDatanodes,
  clientName,
  coreWithDatanodes,
  createFile,
  nextBlock,
} from '../testing/core-with-datanodes.ts'
import type { ClientBlock } from './client-block.ts'
import { abandonBlock, complete } from './write-blocks.ts'

function close({ core, root }: CoreWithDatanodes, last: ClientBlock): boolean {
  return complete(core, root, { src: '/f', clientName, fileId: 0, last })
}

/** `/f` with one finished block, open for its writer. */
function openFile(): { readonly cluster: CoreWithDatanodes; readonly first: ClientBlock } {
  const cluster = coreWithDatanodes(1)
  createFile(cluster, '/f')
  const first = { ...nextBlock(cluster, '/f', undefined), numBytes: 100 }
  cluster.core.blocks.addReplica(cluster.storages[0]!, cluster.core.namespace.blocks.get(first.id)!)
  return { cluster, first }
}

describe('complete', () => {
  it('refuses a last block that is not the last one, or of another generation', () => {
    const { cluster, first } = openFile()
    const { id, generationStamp } = first
    assert.throws(() => close(cluster, { ...first, id: id + 1 }), {
      javaClass: 'java.io.IOException',
      message: `Trying to commit inconsistent block: id = ${id + 1}, expected id = ${id}`,
    })
    assert.throws(() => close(cluster, { ...first, generationStamp: generationStamp + 1 }), {
      javaClass: 'java.io.IOException',
      message: `Commit block with mismatching GS. NN has blk_${id}_${generationStamp}, client submits blk_${id}_${generationStamp + 1}`,
    })
    assert.equal(close(cluster, first), true)
  })

  it('refuses while the block is being recovered', () => {
    const { cluster, first } = openFile()
    cluster.core.namespace.blocks.get(first.id)!.state = 'UNDER_RECOVERY'
    assert.throws(() => close(cluster, first), {
      message: `Commit or complete block blk_${first.id}_${first.generationStamp}, whereas it is under recovery.`,
    })
  })

  it('closes a file whose last block was given back, whatever the writer takes for the last one', () => {
    const { cluster, first } = openFile()
    const { core, root } = cluster
    const second = nextBlock(cluster, '/f', first)
    for (let i = 0; i < 2; i++) {
      abandonBlock(core, root, { src: '/f', holder: clientName, fileId: 0, block: second })
    }
    assert.equal(close(cluster, { ...second, numBytes: 7 }), true)
    const file = lookup(core.namespace, '/f')
    assert.equal(file?.kind === 'file' && file.length, 100)
  })
})
