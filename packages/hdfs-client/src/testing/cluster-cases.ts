import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { kernel } from '@cairn/checksum'
import { testBytes } from './file-cases.ts'
import type { SuiteCase } from './suite-case.ts'

const mebi = 1024 * 1024

/** What HDFS has beyond files and directories. */
export const clusterCases: readonly SuiteCase[] = [
  {
    name: 'truncate cuts within and at borders of blocks, and does not lengthen',
    before: {
      release: '2.7.0',
      async run({ client, dir }) {
        await client.writeFile(`${dir}/f`, 'whole')
        await assert.rejects(client.truncate(`${dir}/f`, 2), {
          code: 'ENOTSUP',
          syscall: 'truncate',
          path: `${dir}/f`,
          message:
            /ClientProtocol.* of .* \(Hadoop RPC \d, .*\) has no truncate; Hadoop has it since 2\.7\.0/,
        })
        assert.equal(await client.readFile(`${dir}/f`, 'utf8'), 'whole')
      },
    },
    async run({ client, dir }) {
      const bytes = testBytes(2 * mebi + 1000)
      await client.writeFile(`${dir}/f`, bytes, { blockSize: mebi })
      for (const length of [2 * mebi, mebi + 700, 0]) {
        await client.truncate(`${dir}/f`, length)
        assert.deepEqual(
          await client.readFile(`${dir}/f`),
          Buffer.from(bytes.subarray(0, length)),
          `to ${length}`,
        )
      }
      await assert.rejects(client.truncate(`${dir}/f`, 10), { code: 'EINVAL' })
      await assert.rejects(client.truncate(`${dir}/none`, 0), { code: 'ENOENT' })
      await client.writeFile(`${dir}/f`, 'hello')
      const handle = await client.open(`${dir}/f`, 'r+')
      await handle.truncate(2)
      assert.equal(await handle.readFile('utf8'), 'he')
      await handle.close()
      assert.equal(await client.readFile(`${dir}/f`, 'utf8'), 'he')
    },
  },
  {
    name: 'concat moves blocks and removes its sources',
    async run({ client, dir }) {
      const parts = [1, 2, 3].map((seed) => testBytes(mebi, seed))
      for (const [index, part] of parts.entries()) {
        await client.writeFile(`${dir}/${index}`, part, { blockSize: mebi })
      }
      await client.concat(`${dir}/0`, [`${dir}/1`, `${dir}/2`])
      assert.deepEqual(await client.readFile(`${dir}/0`), Buffer.concat(parts))
      assert.deepEqual(await client.readdir(dir), ['0'])
    },
  },
  {
    name: 'copyFile copies bytes and mode, COPYFILE_EXCL refuses',
    async run({ client, dir }) {
      const bytes = testBytes(mebi + 9)
      await client.writeFile(`${dir}/a`, bytes, { blockSize: mebi })
      await client.chmod(`${dir}/a`, 0o640)
      await client.copyFile(`${dir}/a`, `${dir}/b`)
      assert.deepEqual(await client.readFile(`${dir}/b`), Buffer.from(bytes))
      assert.equal((await client.stat(`${dir}/b`)).mode & 0o777, 0o640)
      await assert.rejects(client.copyFile(`${dir}/a`, `${dir}/b`, { exclusive: true }), { code: 'EEXIST' })
    },
  },
  {
    name: 'blockLocations names every block, readBlock reads one',
    async run({ client, dir }) {
      const bytes = testBytes(2 * mebi + 10)
      await client.writeFile(`${dir}/f`, bytes, { blockSize: mebi, replication: 1 })
      const blocks = await client.blockLocations(`${dir}/f`)
      assert.deepEqual(
        blocks.map(({ offset, length }) => [offset, length]),
        [
          [0, mebi],
          [mebi, mebi],
          [2 * mebi, 10],
        ],
      )
      for (const { locatedBlock, addresses, offset } of blocks) {
        assert.equal(addresses.length, 1)
        const part = await client.readBlock(locatedBlock, { offset: 3, length: 5 })
        assert.deepEqual(part, Buffer.from(bytes.subarray(offset + 3, offset + 8)))
      }
    },
  },
  {
    name: 'create, addBlock, writeBlock and complete write a file by hand',
    async run({ client, dir }) {
      const clientName = 'by-hand'
      const src = `${dir}/f`
      const { fs } = await client.call('create', {
        src,
        masked: { perm: 0o644 },
        clientName,
        createFlag: 1,
        createParent: false,
        replication: 1,
        blockSize: BigInt(mebi),
        cryptoProtocolVersion: [],
      })
      const fileId = fs?.fileId
      const request = { src, clientName, excludeNodes: [], favoredNodes: [], flags: [], fileId }
      const { block } = await client.call('addBlock', request)
      await client.writeBlock(block, Buffer.from('by hand'), { clientName })
      const last = { ...block.b, numBytes: 7n }
      let done = false
      while (!done) done = (await client.call('complete', { src, clientName, last, fileId })).result
      assert.equal(await client.readFile(src, 'utf8'), 'by hand')
    },
  },
  {
    name: 'checksum depends on the bytes; COMPOSITE_CRC not on the blocks',
    async run({ client, dir, has }) {
      const bytes = testBytes(2 * mebi + 5)
      const checksumType = has('2.0.0') ? 'CRC32C' : 'CRC32'
      const summed = { checksumType, bytesPerChecksum: 512 } as const
      await client.writeFile(`${dir}/a`, bytes, { blockSize: mebi, ...summed })
      await client.writeFile(`${dir}/b`, bytes, { blockSize: 2 * mebi, ...summed })
      const a = await client.checksum(`${dir}/a`)
      assert.equal(a.hex.length, 56)
      // Three blocks' digests in a buffer that has been doubled once [xfer.sum.2]
      const buffer = Buffer.alloc(64)
      for (const [index, start] of [0, mebi, 2 * mebi].entries()) {
        const block = bytes.subarray(start, start + mebi)
        const sums = new Uint8Array(Math.ceil(block.length / 512) * 4)
        kernel.compute(checksumType, block, 512, sums)
        createHash('md5')
          .update(sums)
          .digest()
          .copy(buffer, 16 * index)
      }
      // DataNodes before 2.0.2 do not say which CRC it is; a read does [xfer.sum.3].
      assert.equal(a.algorithm, `MD5-of-2048MD5-of-512${checksumType}`)
      assert.equal(a.hex.slice(-32), createHash('md5').update(buffer).digest('hex'))
      assert.notEqual(a.hex, (await client.checksum(`${dir}/b`)).hex)
      const composite = { type: 'COMPOSITE_CRC' } as const
      if (has('3.1.1')) {
        assert.equal(
          (await client.checksum(`${dir}/a`, composite)).hex,
          (await client.checksum(`${dir}/b`, composite)).hex,
        )
      } else {
        const refused = { code: 'ENOTSUP', syscall: 'checksum', message: /COMPOSITE_CRC since 3\.1\.1$/ }
        await assert.rejects(client.checksum(`${dir}/a`, composite), refused)
      }
      await client.writeFile(`${dir}/c`, '')
      assert.equal((await client.checksum(`${dir}/c`)).hex.slice(-32), '70bc8f4b72a86921468bf8e8441dce51')
      await assert.rejects(client.checksum(`${dir}/none`), { code: 'ENOENT' })
    },
  },
  {
    name: 'a file given up is recovered: what was flushed stays, and it can be appended to',
    async run({ client, dir }) {
      const handle = await client.open(`${dir}/f`, 'w')
      await handle.write('kept')
      await handle.hflush()
      await handle.abort()
      const giveUpAt = Date.now() + 30_000
      while (!(await client.recoverLease(`${dir}/f`))) {
        assert.ok(Date.now() < giveUpAt, 'the lease was not recovered within 30 s')
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
      assert.equal(await client.readFile(`${dir}/f`, 'utf8'), 'kept')
      await client.appendFile(`${dir}/f`, ' on')
      assert.equal(await client.readFile(`${dir}/f`, 'utf8'), 'kept on')
    },
  },
  {
    name: 'close of the client gives up what is open: reads end, written files are recovered',
    async run({ client, dir, connectAs }) {
      await client.writeFile(`${dir}/f`, testBytes(3 * mebi), { blockSize: mebi })
      const other = await connectAs(client.user)
      const reading = await other.open(`${dir}/f`)
      await reading.read(new Uint8Array(10))
      const part = reading.createReadStream({ start: mebi, autoClose: false })
      part.on('error', () => undefined)
      part.read()
      const writing = await other.open(`${dir}/w`, 'w')
      await writing.write('abc')
      await writing.hflush()
      await other.close()
      await assert.rejects(reading.read(new Uint8Array(10)), { code: 'EBADF' })
      await assert.rejects(writing.write('d'), { code: 'EBADF' })
      await assert.rejects(other.stat(dir), { code: 'ERR_HDFS_CLIENT_CLOSED' })
    },
  },
  {
    name: 'signals end reads, writes and waits with their reason',
    async run({ client, dir }) {
      const reason = new Error('enough')
      await assert.rejects(client.stat(dir, { signal: AbortSignal.abort(reason) }), reason)
      const controller = new AbortController()
      async function* endless(): AsyncIterable<Uint8Array> {
        for (let count = 0; ; count += 1) {
          if (count === 20) controller.abort(reason)
          yield testBytes(65536, count)
        }
      }
      await assert.rejects(client.writeFile(`${dir}/f`, endless(), { signal: controller.signal }), reason)
      await client.writeFile(`${dir}/g`, testBytes(mebi), { blockSize: mebi })
      const reading = new AbortController()
      const handle = await client.open(`${dir}/g`, 'r', { signal: reading.signal })
      await handle.read(new Uint8Array(10))
      reading.abort(reason)
      await assert.rejects(handle.readFile(), reason)
      await handle.close()
    },
  },
  {
    name: 'permissions are refused as EACCES with the NameNode’s exception as cause',
    async run({ client, dir, connectAs, has }) {
      await client.mkdir(`${dir}/private`)
      await client.chmod(`${dir}/private`, 0o700)
      await client.writeFile(`${dir}/private/f`, 'x')
      const stranger = await connectAs('stranger')
      try {
        await assert.rejects(stranger.readFile(`${dir}/private/f`), (error: NodeJS.ErrnoException) => {
          assert.equal(error.message, `EACCES: permission denied, open '${dir}/private/f'`)
          assert.match(String((error.cause as Error).message), /^Permission denied: user=stranger/)
          return true
        })
        await assert.rejects(stranger.mkdir(`${dir}/private/d`), { code: 'EACCES' })
        await assert.rejects(stranger.rename(`${dir}/private`, `${dir}/p`), { code: 'EACCES' })
        const code = has('2.6.0') ? 'EACCES' : 'ENOTSUP'
        await assert.rejects(stranger.access(`${dir}/private`, 4), { code })
      } finally {
        await stranger.close()
      }
    },
  },
]
