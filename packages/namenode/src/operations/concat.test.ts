import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { noRpcIds } from '@cairn/hdfs-storage'
import { lookup } from '../namespace/path.ts'
import { type CoreWithDatanodes, coreWithDatanodes, writeFile } from '../testing/core-with-datanodes.ts'
import { concat } from './concat.ts'
import { setQuota } from './summary.ts'

function join({ core, root }: CoreWithDatanodes, trg: string, ...srcs: string[]): void {
  concat(core, root, { trg, srcs, rpcIds: noRpcIds })
}

describe('concat', () => {
  it('moves the blocks of the sources to the end of the target', () => {
    const cluster = coreWithDatanodes(1)
    writeFile(cluster, '/d/a', [100, 50])
    writeFile(cluster, '/d/b', [70])
    join(cluster, '/d/a', '/d/b')
    const file = lookup(cluster.core.namespace, '/d/a')
    assert.deepEqual(file?.kind === 'file' && file.blocks.map(({ numBytes }) => numBytes), [100, 50, 70])
    assert.equal(lookup(cluster.core.namespace, '/d/b'), undefined)
  })

  it('refuses reserved paths', () => {
    const cluster = coreWithDatanodes(1)
    for (const path of ['/.reserved/raw/a', '/.reserved/.inodes/16386']) {
      const message = `Concat operation doesn't support .reserved relative path : ${path}`
      assert.throws(() => join(cluster, path, '/b'), { javaClass: 'java.io.IOException', message })
      assert.throws(() => join(cluster, '/a', path), { javaClass: 'java.io.IOException', message })
    }
  })

  it('counts what the sources take with the replication of the target', () => {
    const cluster = coreWithDatanodes(2)
    const { core, root } = cluster
    writeFile(cluster, '/d/a', [100], { replication: 2 })
    writeFile(cluster, '/d/b', [100], { replication: 1 })
    setQuota(core, root, { src: '/d', names: 100n, space: 399n, storageType: undefined })
    assert.throws(() => join(cluster, '/d/a', '/d/b'), {
      javaClass: 'org.apache.hadoop.hdfs.protocol.DSQuotaExceededException',
      message: /quota = 399 B = 399 B but diskspace consumed = 400 B/,
    })
    setQuota(core, root, { src: '/d', names: 100n, space: 400n, storageType: undefined })
    join(cluster, '/d/a', '/d/b')
  })

  it('refuses a source that is the target, twice named, empty or elsewhere', () => {
    const cluster = coreWithDatanodes(1)
    for (const path of ['/d/a', '/d/b', '/e/c']) writeFile(cluster, path, [10])
    writeFile(cluster, '/d/empty', [])
    const refused = (message: RegExp, ...srcs: string[]): void =>
      assert.throws(() => join(cluster, '/d/a', ...srcs), {
        javaClass: 'org.apache.hadoop.HadoopIllegalArgumentException',
        message,
      })
    refused(/^concat: the src file \/d\/a is the same with the target file \/d\/a$/, '/d/a')
    refused(/^concat: at least two of the source files are the same$/, '/d/b', '/d/b')
    refused(/^concat: source file \/d\/empty is invalid or empty or underConstruction$/, '/d/empty')
    refused(/^Source file \/e\/c is not in the same directory with the target \/d\/a$/, '/e/c')
    assert.throws(() => join(cluster, '/d/a'), { message: 'No sources given' })
  })
})
