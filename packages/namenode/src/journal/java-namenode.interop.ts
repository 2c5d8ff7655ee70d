/** One storage directory used in turn by Apache Hadoop's NameNode and by ours. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { type Hadoop, missingForHadoop, startHadoop } from '@cairn/testkit'
import { applyEdit } from '../namespace/apply-edit.ts'
import { lookup } from '../namespace/path.ts'
import { type NameNodeStorage, openNameNodeStorage } from './open-storage.ts'

const missing = missingForHadoop() ?? false

function directory(path: string, inodeId: number): Parameters<NameNodeStorage['journal']['append']>[0] {
  const permissions = { username: 'alice', groupname: 'staff', mode: 0o750 }
  return { op: 'OP_MKDIR', inodeId, path, timestamp: 1795274940129, permissions, aclEntries: [], xAttrs: [] }
}

async function mkdir({ journal, namespace }: NameNodeStorage, path: string): Promise<void> {
  const op = directory(path, namespace.lastInodeId + 1)
  journal.append(op)
  applyEdit(namespace, op)
  await journal.sync()
}

async function shell(hadoop: Hadoop, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await hadoop.fs(...args)
  assert.equal(code, 0, stderr)
  return stdout
}

/** A NameNode shows its web page before it answers calls. */
async function serving(hadoop: Hadoop): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const { code, stderr } = await hadoop.admin('-safemode', 'wait')
    if (code === 0) return
    assert.ok(attempt < 20, stderr)
  }
}

for (const version of ['3.4.3', '3.5.0']) {
  test(`a directory goes from Java ${version} to us and back, each time after a kill`, {
    skip: missing,
  }, async () => {
    const hadoop = await startHadoop({ version, datanodes: 0, superuser: 'root' })
    const open = () =>
      openNameNodeStorage({
        dir: join(hadoop.dir, 'nn', 'name'),
        superuser: 'root',
        supergroup: 'supergroup',
      })
    try {
      await shell(hadoop, '-mkdir', '-p', '/java/päth')
      await shell(hadoop, '-touchz', '/java/file')
      await shell(hadoop, '-setfattr', '-n', 'user.note', '-v', 'kept', '/java/file')
      await hadoop.admin('-setQuota', '1000', '/java')
      await hadoop.killNamenode()

      const first = await open()
      assert.equal(lookup(first.namespace, '/java/päth')?.kind, 'directory')
      assert.equal(lookup(first.namespace, '/java/file')?.features?.xattrs?.[0]?.name, 'note')
      assert.equal(lookup(first.namespace, '/java')?.features?.quota?.namespaceQuota, 1000)
      await mkdir(first, '/ours')
      await first.journal.checkpoint?.()
      await mkdir(first, '/ours/after the image ☃')
      await first.close()

      await hadoop.restartNamenode()
      await serving(hadoop)
      const listing = await shell(hadoop, '-ls', '-R', '/')
      assert.match(listing, /drwxr-x--- +- alice staff .* \/ours\/after the image ☃/)
      assert.match(await shell(hadoop, '-getfattr', '-d', '/java/file'), /user.note="kept"/)
      await shell(hadoop, '-mv', '/ours', '/java/moved')
      await hadoop.admin('-safemode', 'enter')
      assert.equal((await hadoop.admin('-saveNamespace')).code, 0)
      await hadoop.admin('-safemode', 'leave')
      await shell(hadoop, '-rmdir', '/java/päth')
      await hadoop.killNamenode()

      const second = await open()
      assert.equal(lookup(second.namespace, '/java/moved/after the image ☃')?.owner, 'alice')
      assert.equal(lookup(second.namespace, '/java/päth'), undefined)
      await second.close()
    } finally {
      await hadoop.stop()
    }
  })
}
