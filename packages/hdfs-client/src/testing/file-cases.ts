import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { pipeline } from 'node:stream/promises'
import type { SuiteCase } from './suite-case.ts'

const mebi = 1024 * 1024

/** Bytes that differ from chunk to chunk and from block to block. */
export function testBytes(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length)
  let state = seed >>> 0
  for (let index = 0; index < length; index += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    bytes[index] = state >>> 24
  }
  return bytes
}

function digest(...parts: readonly Uint8Array[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest('hex')
}

/** Reading and writing of contents. */
export const fileCases: readonly SuiteCase[] = [
  {
    name: 'writeFile and readFile round-trip sizes around chunk, packet and block borders',
    async run({ client, dir }) {
      const sizes = [
        0,
        1,
        511,
        512,
        513,
        65535,
        65536,
        65537,
        mebi - 1,
        mebi,
        mebi + 1,
        3 * mebi,
        5 * mebi + 77,
      ]
      for (const size of sizes) {
        const bytes = testBytes(size, size + 1)
        await client.writeFile(`${dir}/f`, bytes, { blockSize: mebi })
        const read = await client.readFile(`${dir}/f`)
        assert.equal(read.length, size)
        assert.equal(digest(read), digest(bytes), `${size} bytes`)
        assert.equal((await client.stat(`${dir}/f`)).size, size)
      }
    },
  },
  {
    name: 'writeFile takes text, iterables and flag wx; readFile gives text',
    async run({ client, dir, serverHas }) {
      await client.writeFile(`${dir}/t`, 'grüße', 'utf8')
      assert.equal(await client.readFile(`${dir}/t`, 'utf8'), 'grüße')
      await client.writeFile(`${dir}/i`, ['a', Buffer.from('b'), 'c'])
      async function* later(): AsyncIterable<string> {
        yield 'x'
        yield 'y'
      }
      await client.appendFile(`${dir}/i`, later())
      assert.equal(await client.readFile(`${dir}/i`, 'latin1'), 'abcxy')
      await assert.rejects(client.writeFile(`${dir}/i`, '', { flag: 'wx' }), {
        code: 'EEXIST',
        message: `EEXIST: file already exists, open '${dir}/i'`,
      })
      await assert.rejects(client.writeFile(`${dir}/no/i`, ''), { code: 'ENOENT', syscall: 'open' })
      await client.writeFile(`${dir}/new/i`, '1', { createParents: true })
      await assert.rejects(client.writeFile(dir, ''), { code: 'EISDIR' })
      // Before 2.0.3 NameNodes say of a directory that no such file exists.
      await assert.rejects(client.readFile(dir), { code: serverHas('2.0.3') ? 'EISDIR' : 'ENOENT' })
      await assert.rejects(client.readFile(`${dir}/none`), { code: 'ENOENT' })
    },
  },
  {
    name: 'a handle reads from its cursor and from positions, in the argument forms of Node',
    async run({ client, dir }) {
      const bytes = testBytes(3 * mebi + 5)
      await client.writeFile(`${dir}/f`, bytes, { blockSize: mebi })
      const handle = await client.open(`${dir}/f`)
      const buffer = Buffer.alloc(100)
      assert.deepEqual(await handle.read(buffer, 10, 20), { bytesRead: 20, buffer })
      assert.deepEqual(buffer.subarray(10, 30), Buffer.from(bytes.subarray(0, 20)))
      await handle.read({ buffer, length: 5 })
      assert.deepEqual(buffer.subarray(0, 5), Buffer.from(bytes.subarray(20, 25)))
      const at = mebi - 7
      await handle.read(buffer, { position: at })
      assert.deepEqual(buffer, Buffer.from(bytes.subarray(at, at + 100)))
      assert.equal((await handle.read(buffer, 0, 100, 3 * mebi)).bytesRead, 5)
      assert.equal((await handle.read(buffer, 0, 100, 4 * mebi)).bytesRead, 0)
      assert.equal((await handle.read(buffer, 0, 2, null)).bytesRead, 2)
      assert.deepEqual(buffer.subarray(0, 2), Buffer.from(bytes.subarray(25, 27)))
      assert.equal(digest(await handle.readFile()), digest(bytes.subarray(27)))
      assert.equal((await handle.read()).bytesRead, 0)
      assert.equal((await handle.stat()).size, bytes.length)
      await assert.rejects(handle.write('x'), { code: 'EBADF' })
      await handle.close()
      await handle.close()
      await assert.rejects(handle.read(), { code: 'EBADF' })
    },
  },
  {
    name: 'positional reads run side by side, in any order',
    async run({ client, dir }) {
      const bytes = testBytes(4 * mebi)
      await client.writeFile(`${dir}/f`, bytes, { blockSize: mebi })
      const handle = await client.open(`${dir}/f`)
      const offsets = Array.from({ length: 64 }, (_, index) => (index * 1_234_577) % (4 * mebi - 5000))
      const reads = offsets.map(async (offset) => {
        const buffer = new Uint8Array(5000)
        const { bytesRead } = await handle.read(buffer, 0, 5000, offset)
        assert.equal(bytesRead, 5000)
        assert.equal(digest(buffer), digest(bytes.subarray(offset, offset + 5000)), `at ${offset}`)
      })
      await Promise.all(reads)
      for (let offset = 0; offset < 2 * mebi; offset += 60_000) {
        const buffer = new Uint8Array(50_000)
        await handle.read(buffer, 0, 50_000, offset)
        assert.equal(
          digest(buffer),
          digest(bytes.subarray(offset, offset + 50_000)),
          `at ${offset}, in order`,
        )
      }
      await handle.close()
    },
  },
  {
    name: 'streams, web streams and iteration deliver the same bytes',
    async run({ client, dir }) {
      const bytes = testBytes(2 * mebi + 3)
      const target = await client.open(`${dir}/f`, 'w', { blockSize: mebi })
      await pipeline([bytes.subarray(0, mebi), bytes.subarray(mebi)], target.createWriteStream())
      const source = await client.open(`${dir}/f`)
      assert.equal(digest(...(await source.createReadStream().toArray())), digest(bytes))
      const part = (await client.open(`${dir}/f`)).createReadStream({ start: mebi - 3, end: mebi + 3 })
      assert.equal(digest(...(await part.toArray())), digest(bytes.subarray(mebi - 3, mebi + 4)))
      const chunks: Uint8Array[] = []
      for await (const chunk of (await client.open(`${dir}/f`)).readableWebStream()) chunks.push(chunk)
      assert.equal(digest(...chunks), digest(bytes))
      chunks.length = 0
      for await (const chunk of await client.open(`${dir}/f`)) chunks.push(chunk)
      assert.equal(digest(...chunks), digest(bytes))
    },
  },
  {
    name: 'appendFile fills up partial chunks and blocks, again and again',
    async run({ client, dir }) {
      const parts: Uint8Array[] = []
      for (const [index, size] of [100, 412, 1, 511, 70_000, mebi, 3, 2 * mebi - 5, 0, 17].entries()) {
        const bytes = testBytes(size, index)
        parts.push(bytes)
        await client.appendFile(`${dir}/f`, bytes, { blockSize: mebi })
      }
      assert.equal(digest(await client.readFile(`${dir}/f`)), digest(...parts))
    },
  },
  {
    name: 'newBlock appends in a block of its own, and plain appends fill that one up',
    before: {
      release: '2.7.0',
      async run({ client, dir }) {
        await client.writeFile(`${dir}/f`, 'whole')
        await assert.rejects(client.appendFile(`${dir}/f`, 'more', { newBlock: true }), {
          code: 'ENOTSUP',
          syscall: 'open',
          message: /newBlock.* since 2\.7\.0/,
        })
        assert.equal(await client.readFile(`${dir}/f`, 'utf8'), 'whole')
        await client.appendFile(`${dir}/f`, '!')
        assert.equal(await client.readFile(`${dir}/f`, 'utf8'), 'whole!')
      },
    },
    async run({ client, dir }) {
      const path = `${dir}/f`
      const parts: Uint8Array[] = []
      const append = async (size: number, newBlock: boolean) => {
        parts.push(testBytes(size, size))
        await client.appendFile(path, parts.at(-1)!, { newBlock, blockSize: mebi })
      }
      const lengths = async () => (await client.blockLocations(path)).map(({ length }) => length)
      await append(1000, true)
      await append(700, true)
      assert.deepEqual(await lengths(), [1000, 700])
      await append(24, false)
      await append(0, true)
      assert.deepEqual(await lengths(), [1000, 724])
      // Over a border of blocks, and after one that is full.
      await append(2 * mebi, false)
      await append(mebi - 724, false)
      await append(5, true)
      await append(mebi, true)
      await append(3, true)
      assert.deepEqual(await lengths(), [1000, mebi, mebi, mebi, 5, mebi, 3])
      assert.equal(digest(await client.readFile(path)), digest(...parts))
      const all = Buffer.concat(parts)
      const handle = await client.open(path)
      const { bytesRead, buffer } = await handle.read(new Uint8Array(2000), 0, 2000, 900)
      assert.equal(digest(buffer.subarray(0, bytesRead)), digest(all.subarray(900, 900 + bytesRead)))
      await handle.close()
      const appended = await client.open(path, 'a', { newBlock: true })
      await appended.write(testBytes(10))
      await appended.hflush()
      assert.equal((await client.readFile(path)).length, all.length + 10)
      await appended.close()
      assert.deepEqual((await lengths()).slice(-2), [3, 10])
    },
  },
  {
    name: 'lazyPersist makes files of one copy with the policy LAZY_PERSIST',
    before: {
      release: '2.6.0',
      async run({ client, dir }) {
        // A wish: NameNodes that do not know it write a plain file.
        await client.writeFile(`${dir}/f`, 'on disk', { lazyPersist: true })
        assert.equal((await client.call('getFileInfo', { src: `${dir}/f` })).fs?.storagePolicy, undefined)
        assert.equal(await client.readFile(`${dir}/f`, 'utf8'), 'on disk')
      },
    },
    async run({ client, dir }) {
      const lazyPersist = 15
      await client.writeFile(`${dir}/f`, 'soon on disk', { lazyPersist: true })
      const { fs } = await client.call('getFileInfo', { src: `${dir}/f` })
      assert.deepEqual([fs?.storagePolicy, fs?.block_replication], [lazyPersist, 1])
      assert.equal(await client.readFile(`${dir}/f`, 'utf8'), 'soon on disk')
      await assert.rejects(client.appendFile(`${dir}/f`, '!'), { code: 'ENOTSUP' })
      await assert.rejects(client.truncate(`${dir}/f`, 1), { code: 'ENOTSUP' })
    },
  },
  {
    name: 'hflush shows bytes to new readers, hsync too, before the file is closed',
    async run({ client, dir, has }) {
      const handle = await client.open(`${dir}/f`, 'w', { blockSize: mebi })
      await handle.write('abc')
      await handle.hflush()
      assert.equal(await client.readFile(`${dir}/f`, 'utf8'), 'abc')
      await handle.write('def', null, 'utf8')
      if (has('2.0.2')) await handle.sync()
      else {
        const refused = { code: 'ENOTSUP', syscall: 'fsync', message: /hsync since 2\.0\.2-alpha$/ }
        await assert.rejects(handle.sync(), refused)
        await handle.hflush()
      }
      assert.equal(await client.readFile(`${dir}/f`, 'utf8'), 'abcdef')
      assert.equal((await handle.stat()).size, 6)
      const more = testBytes(mebi)
      await handle.write(more)
      await handle.hflush()
      const length = async () => (await client.readFile(`${dir}/f`)).length
      // NameNodes of Hadoop 1 hear of a full block from its DataNode only, a little after its writer has gone on.
      const giveUpAt = Date.now() + 10_000
      while (!has('2.0.0') && (await length()) !== mebi + 6 && Date.now() < giveUpAt) {
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
      assert.equal(await length(), mebi + 6)
      await assert.rejects(handle.write(more, 0, 5, 3), { code: 'ESPIPE' })
      await handle.close()
      assert.equal(digest(await client.readFile(`${dir}/f`)), digest(Buffer.from('abcdef'), more))
    },
  },
  {
    name: 'a file replaced while it is read gives its own bytes or ESTALE, never the other’s',
    async run({ client, dir }) {
      const old = testBytes(3 * mebi, 1)
      await client.writeFile(`${dir}/f`, old, { blockSize: mebi })
      const handle = await client.open(`${dir}/f`)
      const read = Buffer.alloc(old.length)
      let count = (await handle.read(read, 0, 1000)).bytesRead
      await client.writeFile(`${dir}/f`, testBytes(3 * mebi, 2), { blockSize: mebi })
      const rest = async () => {
        while (count < read.length) count += (await handle.read(read, count, read.length - count)).bytesRead
      }
      await rest().catch((error: unknown) => assert.equal((error as { code?: unknown }).code, 'ESTALE'))
      assert.equal(digest(read.subarray(0, count)), digest(old.subarray(0, count)))
      await handle.close()
    },
  },
  {
    name: 'writes that are not awaited keep their order',
    async run({ client, dir }) {
      const handle = await client.open(`${dir}/f`, 'w', { blockSize: mebi })
      const parts = Array.from({ length: 200 }, (_, index) => testBytes(20_000, index))
      const writes = parts.map((part) => handle.write(part))
      await Promise.all(writes)
      await handle.close()
      assert.equal(digest(await client.readFile(`${dir}/f`)), digest(...parts))
    },
  },
  {
    name: 'files of every checksum type and chunk size read back',
    async run({ client, dir, has }) {
      const bytes = testBytes(300_001)
      const checksumTypes = ['NULL', 'CRC32', 'CRC32C'] as const
      if (!has('2.0.0')) {
        const message = /DataNodes of Hadoop 1 check NULL and CRC32, not CRC32C/
        await assert.rejects(client.writeFile(`${dir}/f`, bytes, { checksumType: 'CRC32C' }), {
          code: 'ENOTSUP',
          message,
        })
      }
      for (const checksumType of has('2.0.0') ? checksumTypes : checksumTypes.slice(0, 2)) {
        for (const bytesPerChecksum of [512, 4096, 65536]) {
          await client.writeFile(`${dir}/f`, bytes, { checksumType, bytesPerChecksum, blockSize: mebi })
          assert.equal(
            digest(await client.readFile(`${dir}/f`)),
            digest(bytes),
            `${checksumType} ${bytesPerChecksum}`,
          )
        }
      }
    },
  },
]
