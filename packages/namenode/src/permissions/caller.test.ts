import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setOwner, setPermission } from '../operations/attributes.ts'
import { getFileInfo } from '../operations/listing.ts'
import { coreWithDatanodes, writeFile } from '../testing/core-with-datanodes.ts'

describe('callers', () => {
  it('are held to permissions', () => {
    const cluster = coreWithDatanodes(1)
    writeFile(cluster, '/home/f', [])
    const ada = cluster.core.callers.of('ada', 0)
    assert.throws(() => setPermission(cluster.core, ada, '/home/f', 0o600), {
      javaClass: 'org.apache.hadoop.security.AccessControlException',
    })
  })

  it('may do everything where permissions are off, without becoming superusers', () => {
    const cluster = coreWithDatanodes(1, { permissions: false })
    writeFile(cluster, '/home/f', [])
    const ada = cluster.core.callers.of('ada', 0)
    setPermission(cluster.core, ada, '/home', 0o700)
    setOwner(cluster.core, ada, '/home/f', 'bob', 'staff')
    assert.equal(getFileInfo(cluster.core, ada, '/home/f')?.owner, 'bob')
    assert.deepEqual([ada.superuser, ada.unchecked], [false, true])
  })
})
