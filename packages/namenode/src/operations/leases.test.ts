import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { lookup } from '../namespace/path.ts'
import { clientName, coreWithDatanodes, createFile } from '../testing/core-with-datanodes.ts'
import { recoverLease, releaseExpiredLeases, takeOver } from './leases.ts'

function openFile() {
  const cluster = coreWithDatanodes(1)
  createFile(cluster, '/f')
  const file = lookup(cluster.core.namespace, '/f')
  assert.equal(file?.kind, 'file')
  const append = (holder: string): boolean =>
    takeOver(cluster.core, 'APPEND_FILE', file, '/f', holder, '127.0.0.2', false)
  return { ...cluster, file, append }
}

const attempt = 'Failed to APPEND_FILE /f for'

describe('a file that is open for writing', () => {
  it('is its writer’s until the soft limit is over', () => {
    const { file, append, advance, core } = openFile()
    core.leaseLimits = { softMs: 1000, hardMs: 60_000 }
    advance(1000)
    assert.throws(() => append('other'), {
      javaClass: 'org.apache.hadoop.hdfs.protocol.AlreadyBeingCreatedException',
      message: `${attempt} other on 127.0.0.2 because this file lease is currently owned by ${clientName} on 127.0.0.1`,
    })
    assert.throws(() => append(clientName), {
      message: `${attempt} ${clientName} on 127.0.0.2 because ${clientName} is already the current lease holder.`,
    })
    advance(1)
    assert.equal(append('other'), true)
    assert.equal(file.underConstruction, undefined)
  })

  it('is closed by the NameNode when the hard limit is over', () => {
    const { file, advance, core } = openFile()
    core.leaseLimits = { softMs: 1000, hardMs: 5000 }
    advance(5000)
    releaseExpiredLeases(core)
    assert.notEqual(file.underConstruction, undefined)
    advance(1)
    releaseExpiredLeases(core)
    assert.equal(file.underConstruction, undefined)
  })

  it('is closed at once for who asks', () => {
    const { file, core, root } = openFile()
    const request = { src: '/f', clientName: 'other', clientMachine: '127.0.0.2' }
    assert.equal(recoverLease(core, root, request), true)
    assert.equal(file.underConstruction, undefined)
    assert.equal(recoverLease(core, root, request), true)
  })
})
