import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { noRpcIds } from '@cairn/hdfs-storage'
import { applyEdit } from '../namespace/apply-edit.ts'
import type { INode } from '../namespace/inode.ts'
import { type NameNodeStorage, openNameNodeStorage } from './open-storage.ts'

function folder(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'cairn-storage-'))
  t.after(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

const owner = { superuser: 'root', supergroup: 'supergroup' }
const permissions = { username: 'alice', groupname: 'staff', mode: 0o750 }

/** Everything that an image keeps, once. */
function fill({ journal, namespace }: NameNodeStorage): void {
  const commit = (op: Parameters<typeof journal.append>[0]) => {
    journal.append(op)
    applyEdit(namespace, op)
  }
  const xAttrs = [{ namespace: 0, name: 'note', value: Uint8Array.of(1, 2, 3) }]
  const aclEntries = [
    { type: 0, scope: 0, permissions: 7, name: 'bob' },
    { type: 1, scope: 0, permissions: 5, name: undefined },
  ]
  const base = { timestamp: 5, permissions, aclEntries: [], xAttrs: [] }
  commit({ op: 'OP_MKDIR', ...base, inodeId: 16386, path: '/dir', xAttrs, aclEntries })
  commit({ op: 'OP_MKDIR', ...base, inodeId: 16387, path: '/dir/ünter' })
  commit({ op: 'OP_SET_QUOTA', src: '/dir', nsQuota: 100n, dsQuota: 10n ** 12n })
  commit({ op: 'OP_SET_STORAGE_POLICY', path: '/dir/ünter', policyId: 12 })
  for (const [index, name] of ['closed', 'open'].entries()) {
    const path = `/dir/${name}`
    const block = { blockId: BigInt(1073741825 + index), numBytes: 0, generationStamp: 1001 + index }
    const file = { path, replication: 2, mtime: 7, atime: 8, blockSize: 1 << 20, permissions }
    commit({
      op: 'OP_ADD',
      ...file,
      inodeId: 16388 + index,
      blocks: [],
      aclEntries: [],
      xAttrs: [],
      clientName: 'client',
      clientMachine: '127.0.0.1',
      overwrite: false,
      storagePolicyId: 0,
      erasureCodingPolicyId: 0,
      ...noRpcIds,
    })
    commit({ op: 'OP_ALLOCATE_BLOCK_ID', blockId: block.blockId })
    commit({ op: 'OP_SET_GENSTAMP_V2', genStampV2: block.generationStamp })
    commit({ op: 'OP_ADD_BLOCK', path, blocks: [block], ...noRpcIds })
    if (name === 'closed')
      commit({ op: 'OP_CLOSE', ...file, inodeId: 0, blocks: [{ ...block, numBytes: 999 }] })
  }
}

/** A namespace as plain values. */
function describe({ namespace }: NameNodeStorage) {
  const node = (inode: INode): unknown => ({
    ...inode,
    parent: inode.parent?.id,
    children: inode.kind === 'directory' ? (inode.children?.sorted() ?? []).map(node) : undefined,
    blocks:
      inode.kind === 'file' ? inode.blocks.map((block) => ({ ...block, file: block.file?.id })) : undefined,
    features:
      inode.features === undefined
        ? undefined
        : { ...inode.features, acl: inode.features.acl?.map((entry) => ({ ...entry })) },
  })
  const { lastInodeId, lastBlockId, generationStamp, quotaCount, identity } = namespace
  const leases = [...namespace.leases.values()].map(({ holder, files }) => [
    holder,
    [...files].map(({ id }) => id),
  ])
  return {
    tree: node(namespace.root),
    leases,
    lastInodeId,
    lastBlockId,
    generationStamp,
    quotaCount,
    identity,
  }
}

test('[image.section.3] [image.section.5] a namespace comes back the same from its journal, and from its image, policies and open files included', async (t) => {
  const dir = folder(t)
  let storage = await openNameNodeStorage({ dir, ...owner, now: () => 1000 })
  fill(storage)
  await storage.close()

  storage = await openNameNodeStorage({ dir, ...owner })
  const fromJournal = describe(storage)
  await storage.journal.checkpoint?.()
  await storage.close()
  assert.equal(fromJournal.lastInodeId, 16389)

  storage = await openNameNodeStorage({ dir, ...owner })
  assert.deepEqual(describe(storage), fromJournal)
  await storage.close()
})

test('a new directory gets an identity once', async (t) => {
  const dir = folder(t)
  const first = await openNameNodeStorage({ dir, ...owner, now: () => 1795274940129 })
  const { identity } = first.namespace
  assert.match(identity.blockPoolId, /^BP-\d+-127\.0\.0\.1-1795274940129$/)
  assert.match(identity.clusterId, /^CID-[0-9a-f-]{36}$/)
  await first.close()
  const second = await openNameNodeStorage({ dir, ...owner })
  assert.deepEqual(second.namespace.identity, identity)
  assert.equal(second.namespace.root.owner, 'root')
  await second.close()
})

test('[edits.file.4] a directory in use is refused, with the process that uses it', async (t) => {
  const dir = folder(t)
  const storage = await openNameNodeStorage({ dir, ...owner })
  await assert.rejects(openNameNodeStorage({ dir, ...owner }), { code: 'ERR_NAMENODE_STORAGE_LOCKED' })
  await storage.close()
  await storage.close()

  const lock = join(dir, 'in_use.lock')
  const other = spawn('sleep', ['60'])
  t.after(() => other.kill())
  writeFileSync(lock, `${other.pid}@${hostname()}\n`)
  await assert.rejects(openNameNodeStorage({ dir, ...owner }), {
    code: 'ERR_NAMENODE_STORAGE_LOCKED',
    message: new RegExp(`process ${other.pid} on`),
  })
  other.kill('SIGKILL')
  await once(other, 'exit')
  const again = await openNameNodeStorage({ dir, ...owner })
  assert.match(readFileSync(lock, 'utf8'), new RegExp(`^${process.pid}@`))
  await again.close()
})

test('[edits.file.4] a lock whose process id was given to another process is stale', {
  skip: process.platform !== 'linux',
}, async (t) => {
  const dir = folder(t)
  writeFileSync(join(dir, 'in_use.lock'), `1@${hostname()}\nsome-other-boot 12345\n`)
  const storage = await openNameNodeStorage({ dir, ...owner })
  await storage.close()
})
