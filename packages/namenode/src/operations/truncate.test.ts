import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { lookup } from '../namespace/path.ts'
import {
  type CoreWithDatanodes,
  clientName,
  coreWithDatanodes,
  writeFile,
} from '../testing/core-with-datanodes.ts'
import { truncate } from './truncate.ts'

function cut({ core, root }: CoreWithDatanodes, src: string, newLength: number): boolean {
  return truncate(core, root, { src, newLength, clientName, clientMachine: '127.0.0.1' })
}

describe('truncate', () => {
  const cluster = coreWithDatanodes(1)
  writeFile(cluster, '/f', [100, 100, 50])

  it('is done at once at the end of a block', () => {
    assert.equal(cut(cluster, '/f', 200), true)
    const file = lookup(cluster.core.namespace, '/f')
    assert.equal(file?.kind === 'file' && file.length, 200)
  })

  it('takes block recovery within a block, also when it is asked for again', () => {
    assert.equal(cut(cluster, '/f', 150), false)
    assert.equal(cut(cluster, '/f', 150), false)
    assert.equal(cluster.storages[0]?.datanode.toRecover.length, 1)
  })

  it('refuses another length until that is done', () => {
    assert.throws(() => cut(cluster, '/f', 120), {
      javaClass: 'org.apache.hadoop.hdfs.protocol.AlreadyBeingCreatedException',
      message: `Failed to TRUNCATE_FILE /f for ${clientName} on 127.0.0.1 because /f is being truncated.`,
    })
  })

  it('does not make a file longer', () => {
    writeFile(cluster, '/short', [10])
    assert.throws(() => cut(cluster, '/short', 11), {
      javaClass: 'org.apache.hadoop.HadoopIllegalArgumentException',
      message: 'Cannot truncate to a larger file size. Current size: 10, truncate size: 11.',
    })
  })
})
