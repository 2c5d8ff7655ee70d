import assert from 'node:assert/strict'
import { constants } from 'node:fs'
import type { SuiteCase, SuiteContext } from './suite-case.ts'

/** Hadoop 1 cannot replace in one step, and must not lose what it would replace. */
async function renameWithoutReplacing({ client, dir }: SuiteContext): Promise<void> {
  await client.writeFile(`${dir}/a`, 'A')
  await client.writeFile(`${dir}/b`, 'B')
  await client.mkdir(`${dir}/d`)
  await client.writeFile(`${dir}/d/x`, 'x')
  await client.mkdir(`${dir}/e`)
  await assert.rejects(client.rename(`${dir}/a`, `${dir}/b`, { overwrite: false }), { code: 'EEXIST' })
  const refused = {
    code: 'ENOTSUP',
    syscall: 'rename',
    message: /ClientProtocol 61 of Hadoop 1 .* replaces it in one step since 2\.0\.0-alpha/,
  }
  await assert.rejects(client.rename(`${dir}/a`, `${dir}/b`), refused)
  await assert.rejects(client.rename(`${dir}/d`, `${dir}/e`), refused)
  assert.equal(await client.readFile(`${dir}/b`, 'utf8'), 'B')
  await client.rename(`${dir}/a`, `${dir}/c`)
  assert.equal(await client.readFile(`${dir}/c`, 'utf8'), 'A')
  await client.rename(`${dir}/c`, `${dir}/c`)
  await client.rename(`${dir}/d`, `${dir}/e/d`)
  assert.deepEqual(await client.readdir(`${dir}/e`, { recursive: true }), ['d', 'd/x'])
  await client.mkdir(`${dir}/f`)
  await assert.rejects(client.rename(`${dir}/f`, `${dir}/e`), { code: 'ENOTEMPTY' })
  await assert.rejects(client.rename(`${dir}/f`, `${dir}/c`), { code: 'ENOTDIR' })
  await assert.rejects(client.rename(`${dir}/e`, `${dir}/e/y`), { code: 'EINVAL' })
  await assert.rejects(client.rename(`${dir}/c`, `${dir}/no/z`), { code: 'ENOENT' })
  await assert.rejects(client.rename(`${dir}/none`, `${dir}/z`), {
    code: 'ENOENT',
    message: `ENOENT: no such file or directory, rename '${dir}/none' -> '${dir}/z'`,
  })
}

/** Directories, names, metadata and their errors. */
export const namespaceCases: readonly SuiteCase[] = [
  {
    name: 'mkdir makes one directory and says EEXIST, ENOENT, ENOTDIR as Node does',
    async run({ client, dir }) {
      assert.equal(await client.mkdir(`${dir}/a`), undefined)
      assert.ok((await client.stat(`${dir}/a`)).isDirectory())
      await assert.rejects(client.mkdir(`${dir}/a`), {
        code: 'EEXIST',
        syscall: 'mkdir',
        path: `${dir}/a`,
        message: `EEXIST: file already exists, mkdir '${dir}/a'`,
      })
      await assert.rejects(client.mkdir(`${dir}/x/y`), { code: 'ENOENT' })
      await client.writeFile(`${dir}/f`, '')
      await assert.rejects(client.mkdir(`${dir}/f/y`), { code: 'ENOTDIR' })
      await assert.rejects(client.mkdir(`${dir}/f`, { recursive: true }), { code: 'EEXIST' })
    },
  },
  {
    name: 'mkdir recursive resolves with the first directory made',
    async run({ client, dir }) {
      assert.equal(await client.mkdir(`${dir}/p/q/r`, { recursive: true }), `${dir}/p`)
      assert.equal(await client.mkdir(`${dir}/p/q/s`, { recursive: true }), `${dir}/p/q/s`)
      assert.equal(await client.mkdir(`${dir}/p/q`, { recursive: true }), undefined)
    },
  },
  {
    name: 'mkdir and open apply mode and umask',
    async run({ client, dir, serverHas }) {
      await client.mkdir(`${dir}/m`, { mode: 0o775 })
      assert.equal((await client.stat(`${dir}/m`)).mode, 0o040755)
      await client.writeFile(`${dir}/f`, '', { mode: 0o666 })
      assert.equal((await client.stat(`${dir}/f`)).mode, 0o100644)
      await client.chmod(`${dir}/m`, 0o1777)
      // Hadoop 1 keeps no sticky bit.
      assert.equal((await client.stat(`${dir}/m`)).mode, serverHas('2.0.0') ? 0o041777 : 0o040777)
    },
  },
  {
    name: 'stat tells size, type, times, owner, block size and replication',
    async run({ client, dir, has }) {
      const before = Date.now() - 60_000
      await client.writeFile(`${dir}/f`, 'hello', { replication: 1, blockSize: 1024 * 1024 })
      const stats = await client.stat(`${dir}/f`)
      assert.equal(stats.size, 5)
      assert.ok(stats.isFile() && !stats.isDirectory() && !stats.isSymbolicLink())
      assert.equal(stats.owner, client.user)
      assert.equal(stats.blockSize, 1024 * 1024)
      assert.equal(stats.replication, 1)
      assert.ok(stats.mtimeMs > before && stats.mtimeMs < Date.now() + 60_000)
      if (has('2.1.0')) assert.ok(stats.fileId > 16384n)
      else assert.equal(stats.fileId, 0n)
      await assert.rejects(client.stat(`${dir}/none`), {
        code: 'ENOENT',
        errno: -2,
        message: `ENOENT: no such file or directory, stat '${dir}/none'`,
      })
      assert.equal(await client.exists(`${dir}/f`), true)
      assert.equal(await client.exists(`${dir}/none`), false)
    },
  },
  {
    name: 'utimes, chown and setReplication change what stat tells',
    async run({ client, dir }) {
      await client.writeFile(`${dir}/f`, 'x')
      await client.utimes(`${dir}/f`, 1_000_000_000, new Date(1_100_000_000_000))
      await client.chown(`${dir}/f`, 'alice', 'staff')
      await client.setReplication(`${dir}/f`, 1)
      const stats = await client.stat(`${dir}/f`)
      assert.deepEqual([stats.atimeMs, stats.mtimeMs], [1_000_000_000_000, 1_100_000_000_000])
      assert.deepEqual([stats.owner, stats.group, stats.replication], ['alice', 'staff', 1])
      await client.chown(`${dir}/f`, undefined, 'crew')
      assert.deepEqual((await client.stat(`${dir}/f`)).owner, 'alice')
      await client.utimes(`${dir}/f`, undefined, 1_200_000_000)
      assert.equal((await client.stat(`${dir}/f`)).atimeMs, 1_000_000_000_000)
      await assert.rejects(client.setReplication(dir, 1), { code: 'EISDIR' })
      await assert.rejects(client.setReplication(`${dir}/none`, 1), { code: 'ENOENT' })
      await assert.rejects(client.chmod(`${dir}/none`, 0o600), { code: 'ENOENT', syscall: 'chmod' })
    },
  },
  {
    name: 'readdir lists names and Dirents, sorted, with recursion',
    async run({ client, dir }) {
      for (const name of ['b', 'a', 'c']) await client.writeFile(`${dir}/${name}`, name)
      await client.mkdir(`${dir}/d`)
      await client.writeFile(`${dir}/d/e`, 'e')
      assert.deepEqual(await client.readdir(dir), ['a', 'b', 'c', 'd'])
      const entries = await client.readdir(dir, { withFileTypes: true })
      assert.deepEqual(
        entries.map((entry) => [entry.name, entry.isDirectory(), entry.parentPath, entry.stats.size]),
        [
          ['a', false, dir, 1],
          ['b', false, dir, 1],
          ['c', false, dir, 1],
          ['d', true, dir, 0],
        ],
      )
      assert.deepEqual(await client.readdir(dir, { recursive: true }), ['a', 'b', 'c', 'd', 'd/e'])
      await client.writeFile(`${dir}/d/grüße 漢字 %20`, '')
      assert.ok((await client.readdir(`${dir}/d`)).includes('grüße 漢字 %20'))
      assert.ok(await client.exists(`${dir}/d/grüße 漢字 %20`))
      await assert.rejects(client.readdir(`${dir}/a`), { code: 'ENOTDIR', syscall: 'scandir' })
      await assert.rejects(client.readdir(`${dir}/none`), { code: 'ENOENT' })
    },
  },
  {
    name: 'opendir iterates over more entries than one page has',
    async run({ client, dir }) {
      const names = Array.from({ length: 1100 }, (_, index) => `n${String(index).padStart(4, '0')}`)
      for (let at = 0; at < names.length; at += 50) {
        await Promise.all(names.slice(at, at + 50).map((name) => client.mkdir(`${dir}/${name}`)))
      }
      const found: string[] = []
      for await (const entry of await client.opendir(dir)) found.push(entry.name)
      assert.deepEqual(found, names)
      assert.deepEqual(await client.readdir(dir), names)
      await assert.rejects(client.opendir(`${dir}/none`), { code: 'ENOENT', syscall: 'opendir' })
    },
  },
  {
    name: 'rename moves, replaces as POSIX does, and refuses with overwrite false',
    before: { release: '2.0.0', run: renameWithoutReplacing },
    async run({ client, dir }) {
      await client.writeFile(`${dir}/a`, 'A')
      await client.writeFile(`${dir}/b`, 'B')
      await client.mkdir(`${dir}/d`)
      await client.writeFile(`${dir}/d/x`, 'x')
      await client.mkdir(`${dir}/e`)
      await assert.rejects(client.rename(`${dir}/a`, `${dir}/b`, { overwrite: false }), { code: 'EEXIST' })
      await client.rename(`${dir}/a`, `${dir}/b`)
      assert.equal(await client.readFile(`${dir}/b`, 'utf8'), 'A')
      assert.equal(await client.exists(`${dir}/a`), false)
      await client.rename(`${dir}/b`, `${dir}/b`)
      await client.rename(`${dir}/d`, `${dir}/e`)
      assert.deepEqual(await client.readdir(`${dir}/e`), ['x'])
      await client.mkdir(`${dir}/f`)
      await assert.rejects(client.rename(`${dir}/f`, `${dir}/e`), { code: 'ENOTEMPTY' })
      await assert.rejects(client.rename(`${dir}/e`, `${dir}/e/y`), { code: 'EINVAL' })
      await assert.rejects(client.rename(`${dir}/none`, `${dir}/z`), {
        code: 'ENOENT',
        path: `${dir}/none`,
        dest: `${dir}/z`,
        message: `ENOENT: no such file or directory, rename '${dir}/none' -> '${dir}/z'`,
      })
      await assert.rejects(client.rename(`${dir}/b`, `${dir}/no/z`), { code: 'ENOENT' })
    },
  },
  {
    name: 'rm, unlink and rmdir remove what they are for and nothing else',
    async run({ client, dir }) {
      await client.mkdir(`${dir}/d/e`, { recursive: true })
      await client.writeFile(`${dir}/f`, '')
      await assert.rejects(client.unlink(`${dir}/d`), { code: 'EISDIR' })
      await assert.rejects(client.rmdir(`${dir}/f`), { code: 'ENOTDIR' })
      await assert.rejects(client.rmdir(`${dir}/d`), { code: 'ENOTEMPTY' })
      await assert.rejects(client.rm(`${dir}/d`), { code: 'EISDIR' })
      await client.rmdir(`${dir}/d/e`)
      await client.unlink(`${dir}/f`)
      await client.writeFile(`${dir}/d/g`, '')
      await client.rm(`${dir}/d`, { recursive: true })
      assert.deepEqual(await client.readdir(dir), [])
      await assert.rejects(client.rm(`${dir}/f`), { code: 'ENOENT', syscall: 'rm' })
      await assert.rejects(client.rm(`${dir}/f`, { recursive: true }), { code: 'ENOENT' })
      await client.rm(`${dir}/f`, { force: true })
      await client.rm(`${dir}/f`, { force: true, recursive: true })
    },
  },
  {
    name: 'access asks for what mode says',
    async run({ client, dir }) {
      await client.writeFile(`${dir}/f`, '')
      await client.access(`${dir}/f`)
      await client.access(`${dir}/f`, constants.R_OK | constants.W_OK)
      await assert.rejects(client.access(`${dir}/none`), { code: 'ENOENT', syscall: 'access' })
      await assert.rejects(client.access(`${dir}/none`, constants.R_OK), { code: 'ENOENT' })
    },
    before: {
      release: '2.6.0',
      async run({ client, dir }) {
        await client.access(dir)
        await assert.rejects(client.access(`${dir}/none`), { code: 'ENOENT', syscall: 'access' })
        await assert.rejects(client.access(dir, constants.R_OK), {
          code: 'ENOTSUP',
          syscall: 'access',
          path: dir,
          message:
            /ClientProtocol.* of .* \(Hadoop RPC \d, .*\) has no checkAccess; Hadoop has it since 2\.6\.0/,
        })
      },
    },
  },
  {
    name: 'contentSummary, fsStats, serverDefaults and safe mode answer',
    async run({ client, dir }) {
      await client.mkdir(`${dir}/s`)
      await client.writeFile(`${dir}/s/f`, 'hello', { replication: 1 })
      const summary = await client.contentSummary(`${dir}/s`)
      assert.deepEqual(summary, {
        length: 5,
        fileCount: 1,
        directoryCount: 1,
        quota: -1,
        spaceConsumed: 5,
        spaceQuota: -1,
        storageTypeQuotas: [],
        snapshotLength: 0,
        snapshotFileCount: 0,
        snapshotDirectoryCount: 0,
        snapshotSpaceConsumed: 0,
        erasureCodingPolicy: '',
      })
      const usage = await client.quotaUsage(`${dir}/s`)
      const { quota, spaceConsumed, spaceQuota, storageTypeQuotas } = summary
      assert.deepEqual(usage, {
        fileAndDirectoryCount: 2,
        quota,
        spaceConsumed,
        spaceQuota,
        storageTypeQuotas,
      })
      assert.ok((await client.fsStats()).capacity > 0)
      const defaults = await client.serverDefaults()
      assert.ok(defaults.blockSize > 0 && defaults.bytesPerChecksum > 0)
      assert.equal(await client.isInSafeMode(), false)
      await assert.rejects(client.contentSummary(`${dir}/none`), { code: 'ENOENT' })
    },
  },
  {
    name: 'call reaches any method of ClientProtocol with typed messages',
    async run({ client, dir, serverHas }) {
      const { fs } = await client.call('getFileInfo', { src: dir })
      assert.equal(fs?.length, 0n)
      assert.deepEqual(await client.call('getFileInfo', { src: `${dir}/none` }), { fs: undefined })
      await assert.rejects(client.call('getPreferredBlockSize', { filename: `${dir}/none` }), {
        name: 'RemoteException',
        javaClass: serverHas('2.0.0') ? 'java.io.FileNotFoundException' : 'java.io.IOException',
      })
    },
  },
]
