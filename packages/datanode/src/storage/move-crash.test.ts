import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { kernel } from '@cairn/checksum'
import { patternBytes, randomInteger, seededRandom } from '@cairn/testkit'
import { silentLogger } from '../logger.ts'
import { until } from '../testing/until.ts'
import { DataStorage } from './data-storage.ts'
import { verifyReplica } from './verify-replica.ts'

const pool = { blockPoolId: 'BP-1-127.0.0.1-1', namespaceId: 7, clusterId: 'CID-test', cTime: 1n }
const program = fileURLToPath(new URL('../testing/moving-process.js', import.meta.url))
/** More with CAIRN_MOVE_KILLS. */
const rounds = Number(process.env.CAIRN_MOVE_KILLS ?? 2)
const blocks = 40

function open(dirs: readonly string[]): DataStorage {
  return new DataStorage({ dirs, logger: silentLogger, now: Date.now, newUuid: randomUUID })
}

function blockFilesOf(dirs: readonly string[]): string[] {
  return dirs.flatMap((dir) =>
    readdirSync(join(dir, 'current', pool.blockPoolId), { recursive: true, withFileTypes: true })
      .filter(({ name }) => /^blk_\d+$/.test(name))
      .map(({ name }) => name),
  )
}

test('kills at random moments of moves between volumes lose no replica, and leave none twice', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'cairn-move-crash-'))
  t.after(() => rmSync(root, { recursive: true, force: true }))
  const dirs = ['a', 'b', 'c'].map((name) => join(root, name))
  const random = seededRandom(20)
  const storage = open(dirs)
  const store = await storage.openPool(pool)
  for (let blockId = 1n; blockId <= blocks; blockId++) {
    const checksum = { type: 'CRC32C', bytesPerChecksum: 512 } as const
    const length = randomInteger(random, 200_000)
    const named = { blockId, generationStamp: 1001n, expectedBytes: length, storageType: undefined, checksum }
    const writer = store.createRbw(named)
    const data = patternBytes(length, Number(blockId))
    const checksums = new Uint8Array(Math.ceil(length / 512) * 4)
    kernel.compute('CRC32C', data, 512, checksums)
    writer.add({ offsetInBlock: 0, data, checksums })
    writer.flush()
    store.finalize(writer.replica)
    writer.close()
  }
  await storage.close()
  for (let round = 0; round < rounds; round++) {
    const child = spawn(process.execPath, [program, ...dirs], { stdio: ['ignore', 'pipe', 'inherit'] })
    const exited = once(child, 'exit')
    await once(child.stdout, 'data')
    await delay(randomInteger(random, 60))
    child.kill('SIGKILL')
    await exited
    const again = open(dirs)
    const found = await again.openPool(pool)
    assert.equal(found.count, blocks, `round ${round}`)
    for (const replica of found.replicas()) await verifyReplica(replica)
    await until('no replica twice', 5000, () => blockFilesOf(dirs).length === blocks)
    for (const dir of dirs) assert.ok(existsSync(join(dir, 'current/VERSION')))
    await again.close()
  }
})
