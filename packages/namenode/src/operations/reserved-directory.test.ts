import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { noRpcIds } from '@cairn/hdfs-storage'
import { coreWithDatanodes, createFile } from '../testing/core-with-datanodes.ts'
import { setOwner, setPermission } from './attributes.ts'
import { deletePath } from './delete.ts'
import { getFileInfo, getListing } from './listing.ts'

const path = '/.reserved'
const refused = {
  javaClass: 'org.apache.hadoop.fs.InvalidPathException',
  message: 'Invalid path name /.reserved',
}

describe('/.reserved', () => {
  const cluster = coreWithDatanodes(1)
  const { core, root } = cluster
  const list = (src: string): string[] =>
    getListing(core, root, { src, startAfter: '', needLocation: false, reader: '' })?.partialListing.map(
      (status) => `${Buffer.from(status.path)} ${status.permission.perm.toString(8)} ${status.group}`,
    ) ?? []

  it('is there for those who ask for it', () => {
    assert.equal(getFileInfo(core, root, path)?.permission.perm, 0o1770)
    assert.deepEqual(list(path), ['.inodes 770 supergroup', 'raw 770 supergroup'])
    assert.deepEqual(list('/'), [])
  })

  it('cannot be changed', () => {
    assert.throws(() => deletePath(core, root, { src: path, recursive: true, rpcIds: noRpcIds }), refused)
    assert.throws(() => setPermission(core, root, path, 0o777), refused)
    assert.throws(() => setOwner(core, root, path, 'ada', undefined), refused)
    assert.throws(() => createFile(cluster, path), refused)
  })
})
