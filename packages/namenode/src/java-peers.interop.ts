/** Apache Hadoop's shell and DataNodes against this NameNode. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { RpcClient } from '@cairn/hadoop-ipc'
import { ClientNamenodeProtocol } from '@cairn/hadoop-proto'
import { clientProtocol } from '@cairn/hdfs-protocol'
import { type Hadoop, missingForHadoop, patternBytes, startHadoop } from '@cairn/testkit'
import { type NameNode, startNameNode } from './namenode.ts'

const missing = missingForHadoop() ?? false
const entries = 10_000

for (const version of ['3.4.3', '3.5.0']) {
  describe(`Java ${version}`, { skip: missing, timeout: 300_000 }, () => {
    let folder: string
    let namenode: NameNode
    let hadoop: Hadoop

    const start = (port: number): Promise<NameNode> =>
      startNameNode({
        dir: join(folder, 'name'),
        port,
        superuser: 'root',
        replicationDefault: 2,
        minDatanodes: 2,
      })

    const shell = async (...args: string[]): Promise<string> => {
      const { code, stdout, stderr } = await hadoop.fs(...args)
      assert.equal(code, 0, `${args.join(' ')}: ${stderr}`)
      return stdout
    }

    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'cairn-java-peers-'))
      namenode = await start(0)
      const { host, port } = namenode.address
      hadoop = await startHadoop({
        version,
        datanodes: 2,
        namenode: `${host}:${port}`,
        permissions: true,
        conf: { 'dfs.replication': '2', 'dfs.blocksize': '1048576' },
      })
      await namenode.ready({ signal: AbortSignal.timeout(60_000) })
      await writeFile(join(folder, 'local'), patternBytes(2_500_000))
    })

    after(async () => {
      await hadoop?.stop()
      await namenode?.close()
      await rm(folder, { recursive: true, force: true })
    })

    const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

    it('puts, appends and gets the same bytes', async () => {
      await shell('-mkdir', '-p', '/a/b')
      await shell('-put', join(folder, 'local'), '/a/f')
      await shell('-appendToFile', join(folder, 'local'), '/a/f')
      await shell('-get', '/a/f', join(folder, 'back'))
      const local = await readFile(join(folder, 'local'))
      assert.equal(digest(await readFile(join(folder, 'back'))), digest(Buffer.concat([local, local])))
      assert.equal(
        await shell('-stat', '%n %b %o %r %u %g %a %F', '/a/f'),
        'f 5000000 1048576 2 root supergroup 644 regular file\n',
      )
      assert.match(await shell('-checksum', '/a/f'), /MD5-of-2048MD5-of-512CRC32C/)
    })

    it('truncates, renames, copies and removes', async () => {
      await shell('-truncate', '-w', '1500000', '/a/f')
      await shell('-mv', '/a/f', '/a/g')
      await shell('-cp', '/a/g', '/a/h')
      assert.match(await shell('-du', '-s', '/a'), /^3000000 +6000000 +\/a/)
      await shell('-rm', '-skipTrash', '/a/h')
      assert.match(await shell('-count', '/a'), / 2 +1 +1500000 \/a/)
    })

    it('says no in Java’s words', async () => {
      const denied = await hadoop.fsAs('bob', '-mkdir', '/bob')
      assert.equal(denied.code, 1)
      assert.match(
        denied.stderr,
        /mkdir: Permission denied: user=bob, access=WRITE, inode="\/":root:supergroup:drwxr-xr-x/,
      )
      assert.match((await hadoop.fs('-ls', '/none')).stderr, /ls: `\/none': No such file or directory/)
      assert.match((await hadoop.fs('-rmdir', '/a')).stderr, /rmdir: `\/a': Directory is not empty/)
    })

    it(`lists ${entries} entries`, async () => {
      const client = new RpcClient({ user: 'root' })
      const { mkdirs } = ClientNamenodeProtocol
      await Promise.all(
        Array.from({ length: entries }, (_, i) =>
          client.call(namenode.address, clientProtocol.name, mkdirs, {
            src: `/many/${String(i).padStart(6, '0')}`,
            masked: { perm: 0o755 },
            createParent: true,
          }),
        ),
      )
      await client.close()
      const names = (await shell('-ls', '-C', '/many')).trim().split('\n')
      assert.equal(names.length, entries)
      assert.deepEqual(names, [...names].sort())
    })

    it('finds everything again after a restart of the NameNode', async () => {
      const { port } = namenode.address
      await namenode.close()
      namenode = await start(port)
      await namenode.ready({ signal: AbortSignal.timeout(60_000) })
      const local = await readFile(join(folder, 'local'))
      await shell('-get', '-f', '/a/g', join(folder, 'back'))
      assert.equal(digest(await readFile(join(folder, 'back'))), digest(local.subarray(0, 1_500_000)))
    })

    it('reads and writes on when a DataNode is killed', async () => {
      await hadoop.killDatanode(0)
      const local = await readFile(join(folder, 'local'))
      await shell('-get', '-f', '/a/g', join(folder, 'back'))
      assert.equal(digest(await readFile(join(folder, 'back'))), digest(local.subarray(0, 1_500_000)))
      await shell('-put', join(folder, 'local'), '/a/after')
      await shell('-get', '/a/after', join(folder, 'after'))
      assert.equal(digest(await readFile(join(folder, 'after'))), digest(local))
    })
  })
}
