// Every entry of ClientProtocol 61, called once with Java's own parameters.
import assert from 'node:assert/strict'
import { ClientProtocol61 } from '@cairn/hdfs-protocol'
import {
  type ClientProtocol61Calls,
  ProtocolException,
  UnsupportedByReleaseError,
} from '../low-level/index.ts'

const me = 'protocol-61'
const blockSize = 1_048_576n
const token = {
  identifier: new Uint8Array(1),
  password: new Uint8Array(1),
  kind: 'HDFS_DELEGATION_TOKEN',
  service: '',
}

/** An answer, or a refusal by the NameNode, whose state decides. */
async function answered(call: Promise<unknown>): Promise<void> {
  await call.catch((error: unknown) => {
    assert.ok(error instanceof ProtocolException, String(error))
    assert.doesNotMatch(error.message, /NoSuchMethod/)
  })
}

/** The same for what a NameNode without a log of its own for administrators, or without Kerberos, may lack. */
async function answeredOrLacking(call: Promise<unknown>): Promise<void> {
  await answered(
    call.catch((error: unknown) => {
      if (!(error instanceof UnsupportedByReleaseError)) throw error
    }),
  )
}

async function writeFiles(calls: ClientProtocol61Calls, file: string, other: string): Promise<void> {
  const mode = { mode: 0o644 }
  assert.equal(await calls.createIn(file, mode, me, false, true, 1, blockSize), undefined)
  for (const add of [() => calls.addBlockAnywhere(file, me), () => calls.addBlock(file, me, null)]) {
    const block = await add()
    assert.equal(block?.locs.length, 1)
    assert.equal(await calls.abandonBlock(block.block, file, me), undefined)
  }
  await calls.renewLease(me)
  await calls.fsync(file, me)
  assert.equal(await calls.complete(file, me), true)
  await calls.create(other, mode, me, true, 1, blockSize)
  assert.equal(await calls.complete(other, me), true)
  assert.equal(await calls.isFileClosed(other), true)
  await answered(calls.recoverLease(other, me))
}

async function changeFiles(calls: ClientProtocol61Calls, dir: string, other: string): Promise<void> {
  const moved = `${dir}/h`
  assert.equal(await calls.mkdirs(`${dir}/d`, { mode: 0o755 }), true)
  assert.equal(await calls.setReplication(other, 2), true)
  await calls.setPermission(other, { mode: 0o600 })
  await calls.setOwner(other, 'alice', null)
  await calls.setTimes(other, 1_000n, -1n)
  await calls.setQuota(`${dir}/d`, 100n, 1_000_000_000n)
  assert.equal(await calls.rename(other, moved), true)
  const info = await calls.getFileInfo(moved)
  assert.deepEqual([info?.owner, info?.permission.mode, info?.modificationTime], ['alice', 0o600, 1_000n])
  assert.equal((await calls.getListing(dir, []))?.partialListing.length, 3)
  assert.equal((await calls.getContentSummary(dir))?.fileCount, 2n)
  assert.equal(await calls.getPreferredBlockSize(moved), blockSize)
  assert.equal((await calls.getBlockLocations(moved, 0n, 10n))?.fileLength, 0n)
  await answered(calls.concat(moved, [`${dir}/f`]))
  await answered(calls.append(moved, me))
  assert.equal(await calls.delete(`${dir}/d`, false), true)
  assert.equal(await calls.deleteTree(moved), true)
}

async function administer(calls: ClientProtocol61Calls): Promise<void> {
  assert.equal(await calls.getProtocolVersion('org.apache.hadoop.hdfs.protocol.ClientProtocol', 61n), 61n)
  assert.equal((await calls.getStats())?.length, 6)
  assert.equal((await calls.getDatanodeReport('LIVE'))?.length, 1)
  assert.equal(await calls.setSafeMode('SAFEMODE_GET'), false)
  await answered(calls.saveNamespace())
  await calls.refreshNodes()
  await answered(calls.finalizeUpgrade())
  await answered(calls.distributedUpgradeProgress('GET_STATUS'))
  await answeredOrLacking(calls.metaSave('meta.txt'))
  await calls.setBalancerBandwidth(blockSize)
  await calls.reportBadBlocks([])
  await answered(calls.getDelegationToken({ text: 'root' }))
  await answeredOrLacking(calls.renewDelegationToken(token))
  await answeredOrLacking(calls.cancelDelegationToken(token))
}

/** Calls all entries of the table in an empty directory of a NameNode with one DataNode. */
export async function callAll61(calls: ClientProtocol61Calls, dir: string): Promise<void> {
  const called = new Set<string>()
  const recorded = new Proxy(calls, {
    get(target, name) {
      called.add(String(name))
      return Reflect.get(target, name)
    },
  })
  await writeFiles(recorded, `${dir}/f`, `${dir}/g`)
  await changeFiles(recorded, dir, `${dir}/g`)
  await administer(recorded)
  assert.deepEqual([...called].sort(), Object.keys(ClientProtocol61).sort())
}
