import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { quotaUnchanged } from '../namespace/apply-attributes.ts'
import { type CoreWithDatanodes, coreWithDatanodes, writeFile } from '../testing/core-with-datanodes.ts'
import { setOwner } from './attributes.ts'
import { getContentSummary, getQuotaUsage, setQuota } from './summary.ts'

function limitNames({ core }: CoreWithDatanodes, user: string, names: bigint): void {
  const caller = core.callers.of(user, 0)
  setQuota(core, caller, { src: '/home/ada', names, space: quotaUnchanged, storageType: undefined })
}

describe('setQuota', () => {
  it('takes a superuser, and says so under the name of what was asked', () => {
    const cluster = coreWithDatanodes(1)
    writeFile(cluster, '/home/ada/f', [])
    const denied = (operation: string) => ({
      javaClass: 'org.apache.hadoop.security.AccessControlException',
      message: `Access denied for user ada. Superuser privilege is required for operation ${operation}`,
    })
    assert.throws(() => limitNames(cluster, 'ada', 5n), denied('setQuota'))
    assert.throws(() => limitNames(cluster, 'ada', -1n), denied('clearQuota'))
    limitNames(cluster, 'root', 5n)
    assert.equal(getQuotaUsage(cluster.core, cluster.root, '/home/ada').quota, 5n)
  })

  it('gives the root no limit again when its limit is cleared', () => {
    const { core, root } = coreWithDatanodes(1)
    const largest = getQuotaUsage(core, root, '/').quota
    assert.equal(largest, quotaUnchanged)
    const set = (names: bigint): void =>
      setQuota(core, root, { src: '/', names, space: quotaUnchanged, storageType: undefined })
    set(3072n)
    assert.equal(getQuotaUsage(core, root, '/').quota, 3072n)
    assert.equal(getContentSummary(core, root, '/').quota, 3072n)
    set(-1n)
    assert.equal(getQuotaUsage(core, root, '/').quota, largest)
  })

  it('takes a limit that is as good as none for a very large one', () => {
    const { core, root } = coreWithDatanodes(1)
    setQuota(core, root, { src: '/', names: quotaUnchanged - 1n, space: -1n, storageType: undefined })
    assert.equal(getQuotaUsage(core, root, '/').quota, BigInt(Number.MAX_SAFE_INTEGER))
  })

  it('is for the owner of the directory above, too, where that is allowed', () => {
    const cluster = coreWithDatanodes(1, { ownerMaySetQuota: true })
    writeFile(cluster, '/home/ada/f', [])
    assert.throws(() => limitNames(cluster, 'ada', 5n), {
      message: 'Access denied for user ada. Superuser or owner of parent folder privilege is required',
    })
    setOwner(cluster.core, cluster.root, '/home', 'ada', undefined)
    limitNames(cluster, 'ada', 5n)
    assert.equal(getQuotaUsage(cluster.core, cluster.root, '/home/ada').quota, 5n)
  })
})
