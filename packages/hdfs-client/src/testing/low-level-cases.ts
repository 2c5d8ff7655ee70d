// What the low-level client must do on any NameNode, of whatever generation.
import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { ClientNamenodeProtocol } from '@cairn/hadoop-proto'
import { connect } from '../connect.ts'
import {
  AccessControlException,
  BlockData,
  data,
  FileNotFoundException,
  IOException,
  LeaseExpiredException,
  open,
  ProtocolException,
  type Rpc,
  rpc,
} from '../low-level/index.ts'
import { testBytes } from './file-cases.ts'
import { callAll61 } from './protocol-61-case.ts'

/** Where a case of the low-level client works. */
export interface LowLevelContext {
  /** `hdfs://host:port` */
  readonly url: string
  /** A client of the superuser. */
  readonly cluster: Rpc
  /** An empty directory of the case's own. */
  readonly dir: string
  /** Whether the NameNode checks permissions. */
  readonly permissions: boolean
  /** The version of RPC to speak; undefined: what is found out. */
  readonly rpcVersion: number | undefined
  /** A version of RPC that the NameNode does not speak. */
  readonly unspoken: number
}

/** What the cases are run against. */
export interface LowLevelTarget {
  readonly url: string
  /** The superuser. */
  readonly user: string
  readonly permissions: boolean
  readonly rpcVersion?: number | undefined
  /** A version of RPC that the NameNode does not speak. Default: 7 where it speaks 9, else 9. */
  readonly unspoken?: number | undefined
}

export interface LowLevelCase {
  readonly name: string
  run(context: LowLevelContext): Promise<void>
}

const me = 'low-level-client'
const mebi = 1024 * 1024

/** Runs every case in a directory of its own. */
export async function runLowLevelCase(
  { run }: LowLevelCase,
  { url, user, permissions, rpcVersion, unspoken }: LowLevelTarget,
): Promise<void> {
  const cluster = await rpc(url, { user, rpcVersion })
  lowLevelDirs += 1
  const dir = `/low-level-${process.pid}-${lowLevelDirs}`
  try {
    await cluster.mkdirs({ src: dir, masked: { perm: 0o755 }, createParent: true })
    const other = unspoken ?? (cluster.rpcVersion === 9 ? 7 : 9)
    await run({ url, cluster, dir, permissions, rpcVersion, unspoken: other })
    await cluster.delete({ src: dir, recursive: true })
  } finally {
    await cluster.close()
  }
}
let lowLevelDirs = 0

/** Writes a file block by block, as the seed's program does. */
async function writeFile(
  cluster: Rpc,
  path: string,
  blocks: readonly Uint8Array[],
  blockSize = mebi,
): Promise<void> {
  await cluster.create(path, 0o644, me, { blockSize, replication: 1 })
  for (const bytes of blocks) await data(await cluster.addBlock(path, me), me).write(bytes)
  assert.equal(await cluster.complete(path, me), true)
}

export const lowLevelCases: readonly LowLevelCase[] = [
  {
    name: 'rpc prints address, calls, protocol and user',
    async run({ url, rpcVersion: told, unspoken }) {
      const port = Number(new URL(url).port)
      const cluster = await rpc('localhost', { user: 'hdfs', port, rpcVersion: told })
      try {
        assert.match(
          inspect(cluster),
          /^rpc\(address='(127\.0\.0\.1|::1)', num_calls=1, protocol=80, user='hdfs'\)$/,
        )
        const { rpcVersion } = cluster
        assert.equal(await cluster.getProtocolVersion(61n), rpcVersion === 4 ? 61n : 1n)
        assert.equal(cluster.numCalls, 2)
        await assert.rejects(rpc('localhost', { port, rpcVersion: unspoken }), {
          // A server of Hadoop 1 ends a newer client's connection without a word.
          code: told === undefined && rpcVersion === 4 ? 'ERR_HDFS_UNREACHABLE' : 'ERR_HDFS_VERSION',
        })
        const fixed = await rpc(`localhost:${port}`, { rpcVersion })
        assert.equal(fixed.rpcVersion, rpcVersion)
        await fixed.close()
        for (const name of Object.keys(ClientNamenodeProtocol)) {
          assert.equal(typeof (cluster as unknown as Record<string, unknown>)[name], 'function', name)
        }
      } finally {
        await cluster.close()
      }
    },
  },
  {
    name: 'a file written block by block reads back block by block',
    async run({ cluster, dir }) {
      const path = `${dir}/bar`
      const parts = [testBytes(mebi, 1), testBytes(mebi, 2), testBytes(777, 3)]
      await writeFile(cluster, path, parts)
      const info = await cluster.getFileInfo(path)
      assert.equal(info?.size, 2 * mebi + 777)
      assert.equal(info.isFile(), true)
      assert.equal(info.mode & 0o777, 0o644)
      assert.equal(info.message.owner, info.owner)
      const blocks = await cluster.getBlockLocations(path, { offset: 0, length: info.size })
      assert.equal(blocks.size, info.size)
      assert.deepEqual(
        [...blocks].map(({ offset, size }) => [offset, size]),
        [
          [0, mebi],
          [mebi, mebi],
          [2 * mebi, 777],
        ],
      )
      let index = 0
      for (const block of blocks) {
        assert.ok(block.locations.length > 0)
        assert.deepEqual(await data(block, me).read(), Buffer.from(parts[index]!))
        index += 1
      }
      const second = data(blocks.at(1)!, me)
      assert.ok(second instanceof BlockData)
      assert.deepEqual(
        await second.read({ offset: 1000, length: 70_000 }),
        Buffer.from(parts[1]!.subarray(1000, 71_000)),
      )
      assert.equal((await second.read({ offset: mebi })).length, 0)
      await assert.rejects(second.read({ offset: 1, length: mebi }), RangeError)
      const { size } = await cluster.getBlockLocations(path, { offset: mebi, length: 1 })
      assert.equal(size, info.size)
    },
  },
  {
    name: 'methods take and give messages; lists may be left out',
    async run({ cluster, dir }) {
      await writeFile(cluster, `${dir}/a`, [testBytes(10)])
      assert.deepEqual(
        (await cluster.mkdirs({ src: `${dir}/d`, masked: { perm: 0o700 }, createParent: true })).result,
        true,
      )
      const { dirList } = await cluster.getListing({
        src: dir,
        startAfter: new Uint8Array(0),
        needLocation: false,
      })
      assert.deepEqual(
        dirList?.partialListing.map(({ path }) => Buffer.from(path).toString()),
        ['a', 'd'],
      )
      assert.equal((await cluster.rename({ src: `${dir}/a`, dst: `${dir}/d/b` })).result, true)
      const { fs } = await cluster.getFileInfo({ src: `${dir}/d/b` })
      assert.equal(fs?.length, 10n)
      assert.equal((await cluster.call('setReplication', { src: `${dir}/d/b`, replication: 2 })).result, true)
      assert.equal((await cluster.getContentSummary({ path: dir })).summary.fileCount, 1n)
      const { locations } = await cluster.getBlockLocations({ src: `${dir}/d/b`, offset: 0n, length: 10n })
      assert.deepEqual(
        await data(cluster.block(locations!.blocks[0]!), me).read(),
        Buffer.from(testBytes(10)),
      )
      const stats = await cluster.getFsStats()
      assert.ok(stats.capacity > 0n)
      await cluster.renewLease(me)
      assert.equal((await cluster.delete({ src: `${dir}/d`, recursive: true })).result, true)
      assert.equal(await cluster.getFileInfo(`${dir}/d/b`), null)
    },
  },
  {
    name: 'refusals are exceptions of their own classes',
    async run({ url, cluster, dir, permissions, rpcVersion }) {
      await assert.rejects(cluster.getBlockLocations(`${dir}/none`), (error) => {
        assert.ok(error instanceof FileNotFoundException && error instanceof ProtocolException)
        assert.equal(error.javaClass, 'java.io.FileNotFoundException')
        assert.equal(error.errno, 'ENOENT')
        assert.match(error.message, /^getBlockLocations \/low-level.*none: File does not exist/)
        return true
      })
      await assert.rejects(cluster.addBlock(`${dir}/none`, me), (error) => {
        assert.ok(
          error instanceof LeaseExpiredException || error instanceof FileNotFoundException,
          String(error),
        )
        return true
      })
      await writeFile(cluster, `${dir}/a`, [])
      await assert.rejects(cluster.create(`${dir}/a`, 0o644, me), (error) => {
        assert.ok(error instanceof IOException)
        return true
      })
      await cluster.create(`${dir}/a`, 0o600, me, { overwrite: true })
      await assert.rejects(rpc('127.0.0.1', { port: 1 }), {
        code: 'ERR_HDFS_UNREACHABLE',
        message: /^call the NameNode 127\.0\.0\.1:1: /,
      })
      const signal = AbortSignal.abort(new Error('enough'))
      await assert.rejects(cluster.getFileInfo(dir, { signal }), { message: 'enough' })
      await assert.rejects(cluster.getProtocolVersion(61n, { signal }), { message: 'enough' })
      const none = { trg: `${dir}/none`, srcs: [`${dir}/a`] }
      await assert.rejects(cluster.concat(none), { message: /^concat \/low-level.*none: / })
      if (!permissions) return
      const stranger = await rpc(url, { user: 'nobody-we-know', rpcVersion })
      try {
        await assert.rejects(stranger.create(`${dir}/b`, 0o644, me), (error) => {
          assert.ok(error instanceof AccessControlException)
          assert.equal(error.errno, 'EACCES')
          assert.equal(error.name, 'AccessControlException')
          return true
        })
      } finally {
        await stranger.close()
      }
    },
  },
  {
    name: 'every entry of ClientProtocol 61 takes its own parameters where the NameNode has it',
    async run({ cluster, dir }) {
      const { protocol61 } = cluster
      if (cluster.rpcVersion !== 4) {
        await assert.rejects(
          protocol61.getFileInfo(dir),
          /ClientProtocol 61: .* speaks Hadoop RPC [789]; only 4/,
        )
        return
      }
      await callAll61(protocol61, dir)
      assert.equal(await protocol61.getFileInfo(`${dir}/none`), null)
      await assert.rejects(protocol61.setPermission(`${dir}/none`, { mode: 0o700 }), FileNotFoundException)
    },
  },
  {
    name: 'files open, seek, tell, read, write and close as in Python',
    async run({ url, dir, cluster, rpcVersion }) {
      const name = `${url}${dir}/new/file.txt`
      const options = { user: cluster.user, replication: 1, rpcVersion }
      const writing = await open(name, 'w', options)
      assert.equal(await writing.write('Hello, '), 7)
      assert.equal(await writing.write(Buffer.from('world!')), 6)
      assert.equal(writing.tell(), 13)
      assert.equal(writing.seek(0, 1), 13)
      assert.throws(() => writing.seek(3), { code: 'ESPIPE' })
      await assert.rejects(writing.read(), { code: 'EBADF' })
      await writing.close()
      await writing.close()
      await assert.rejects(writing.write('x'), { code: 'EBADF' })

      const reading = await open(new URL(name), 'r', options)
      try {
        assert.equal(reading.size, 13)
        assert.equal((await reading.read(5)).toString(), 'Hello')
        assert.equal(reading.tell(), 5)
        assert.equal((await reading.read()).toString(), ', world!')
        assert.equal((await reading.read(10)).length, 0)
        assert.equal(reading.seek(-6, 2), 7)
        assert.equal((await reading.read(100)).toString(), 'world!')
        assert.equal(reading.seek(1), 1)
        assert.equal(reading.seek(1, 1), 2)
        assert.equal((await reading.read(3)).toString(), 'llo')
        assert.equal(reading.seek(1000), 1000)
        assert.equal((await reading.read()).length, 0)
        assert.throws(() => reading.seek(-1), { code: 'EINVAL' })
        await assert.rejects(reading.write('x'), { code: 'EBADF' })
      } finally {
        await reading.close()
      }
      await assert.rejects(open(`${name}.none`, 'r', options), (error) => {
        assert.ok(error instanceof FileNotFoundException)
        assert.match(error.message, /^open hdfs:.* to read: File does not exist/)
        return true
      })
      await assert.rejects(open(name, 'r+' as 'r'), TypeError)
    },
  },
  {
    name: 'sequential reads of a file of several blocks give every byte',
    async run({ url, dir, cluster, rpcVersion }) {
      const bytes = Buffer.from(testBytes(3 * mebi + 5, 9))
      const client = await connect(url, { user: cluster.user, rpcVersion })
      try {
        await client.writeFile(`${dir}/big`, bytes, { blockSize: mebi, replication: 1 })
      } finally {
        await client.close()
      }
      const file = await open(`${url}${dir}/big`, 'rb', { user: cluster.user, rpcVersion })
      try {
        const parts: Buffer[] = []
        for (let part = await file.read(100_000); part.length > 0; part = await file.read(100_000))
          parts.push(part)
        assert.ok(Buffer.concat(parts).equals(bytes))
        file.seek(mebi - 3)
        assert.ok((await file.read(6)).equals(bytes.subarray(mebi - 3, mebi + 3)))
        file.seek(0)
        assert.ok((await file.read()).equals(bytes))
      } finally {
        await file.close()
      }
    },
  },
  {
    name: 'a file opened with mode a is written at its end',
    async run({ url, dir, cluster, rpcVersion }) {
      const name = `${url}${dir}/appended`
      const options = { user: cluster.user, replication: 1, rpcVersion }
      for (const [text, size] of [
        ['first, ', 0],
        ['second', 7],
      ] as const) {
        const file = await open(name, 'a', options)
        assert.equal(file.tell(), size)
        await file.write(text)
        await file.flush()
        await file.close()
      }
      const file = await open(name, 'r', options)
      assert.equal((await file.read()).toString(), 'first, second')
      await file.close()
    },
  },
]
