import assert from 'node:assert/strict'
import { test } from 'node:test'
import { datanodeOptions, namenodeOptions } from './hadoop-conf.ts'

const namenode = { kind: 'namenode', dir: undefined, host: '127.0.0.1', port: 0, datanodes: 3 } as const
const datanode = {
  kind: 'datanode',
  index: 1,
  dir: undefined,
  memoryBytes: 1,
  host: '127.0.0.1',
  port: 0,
  namenode: { host: '127.0.0.1', port: 1 },
} as const

test('a NameNode obeys settings under their Hadoop names, in their units', () => {
  const conf = {
    'dfs.permissions.enabled': 'false',
    'dfs.permissions.allow.owner.set.quota': true,
    'dfs.blocksize': '1m',
    'dfs.heartbeat.interval': '1',
    'dfs.namenode.fs-limits.max-xattrs-per-inode': 3,
    'dfs.batched.ls.limit': 7,
  }
  const options = namenodeOptions({ ...namenode, conf })
  assert.equal(options.permissions, false)
  assert.equal(options.ownerMaySetQuota, true)
  assert.equal(options.blockSizeDefault, 1 << 20)
  assert.equal(options.heartbeatIntervalMs, 1000)
  assert.equal(options.xattrsPerInodeMax, 3)
  assert.equal(options.batchedListingMax, 7)
  assert.equal(options.replicationDefault, 3)
})

test('a DataNode obeys settings under their Hadoop names, but for where it is', async () => {
  const options = await datanodeOptions({
    ...datanode,
    conf: {
      'dfs.client.socket-timeout': 0,
      'dfs.heartbeat.interval': '1',
      'dfs.datanode.du.reserved': '1k',
      'dfs.datanode.address': '0.0.0.0:9866',
      'dfs.datanode.data.dir': '/elsewhere',
    },
  })
  assert.equal(options.idleMs, 24 * 3_600_000)
  assert.equal(options.heartbeatIntervalMs, 1000)
  assert.equal(options.reserved?.bytes, 1024)
  for (const option of ['host', 'port', 'dirs']) assert.ok(!(option in options))
})
