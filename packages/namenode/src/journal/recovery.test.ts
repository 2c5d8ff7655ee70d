import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Logger, silentLogger } from '../logger.ts'
import {
  commit,
  directory,
  mkdir,
  namesOf,
  openJournal,
  openNamespace,
} from './testing/journaled-namespace.ts'
import { SimulatedDisk } from './testing/simulated-disk.ts'

/** Images of 0 and 4, segments 1–4, 5–7 and 8– in progress, directories 1 to 3. */
async function example(): Promise<SimulatedDisk> {
  const disk = new SimulatedDisk()
  const recovered = await openNamespace(disk)
  const journal = await openJournal(disk, recovered)
  commit(journal, recovered.namespace, mkdir(1))
  commit(journal, recovered.namespace, mkdir(2))
  await journal.checkpoint()
  commit(journal, recovered.namespace, mkdir(3))
  await journal.roll()
  commit(journal, recovered.namespace, mkdir(4))
  await journal.sync()
  return disk.afterKill()
}

function path(name: string): string {
  return `${directory}/${name.replace(/(?<!md)\d+/g, (digits) => digits.padStart(19, '0'))}`
}

async function without(disk: SimulatedDisk, ...names: string[]): Promise<SimulatedDisk> {
  for (const name of names) await disk.remove(path(name))
  return disk
}

function warnings(): { logger: Logger; texts: string[] } {
  const texts: string[] = []
  return { logger: { ...silentLogger, warn: (_, text) => texts.push(text) }, texts }
}

test('[edits.recover.7] recovery loads the newest image and what came after it, and finishes the segment in progress', async () => {
  const disk = await example()
  const { imageTxid, lastTxid, tornBytes, namespace } = await openNamespace(disk)
  assert.deepEqual([imageTxid, lastTxid, tornBytes], [4, 9, 0])
  assert.deepEqual(namesOf(namespace), [1, 2, 3, 4])
  assert.ok(disk.paths().includes(path('edits_8-9')), 'the segment in progress got its final name')
})

test('[edits.recover.1] recovery passes over a damaged image for an older one, and says so', async () => {
  for (const damage of ['flip', 'no md5', 'foreign md5'] as const) {
    const disk = await example()
    const image = path('fsimage_4')
    if (damage === 'flip')
      disk.put(
        image,
        disk.get(image)!.map((byte, at) => (at === 50 ? byte ^ 1 : byte)),
      )
    else if (damage === 'no md5') await disk.remove(`${image}.md5`)
    else disk.put(`${image}.md5`, disk.get(`${path('fsimage_0')}.md5`)!)
    const { logger, texts } = warnings()
    const { imageTxid, namespace } = await openNamespace(disk, { logger })
    assert.equal(imageTxid, 0)
    assert.deepEqual(namesOf(namespace), [1, 2, 3, 4])
    assert.match(texts[0] ?? '', /damaged/)
  }
})

test('recovery refuses a directory without a whole image', async () => {
  const disk = await without(await example(), 'fsimage_4.md5', 'fsimage_0.md5')
  await assert.rejects(openNamespace(disk), {
    code: 'ERR_NAMENODE_IMAGE',
    message: /fsimage_0+4: no fsimage.*restore/,
  })
})

test('[edits.recover.2] recovery refuses a gap before, between and at the end of the segments', async () => {
  const gap = { code: 'ERR_NAMENODE_EDITS_GAP' }
  await assert.rejects(openNamespace(await without(await example(), 'edits_5-7')), {
    ...gap,
    message: /found edits_inprogress_0*8, but transaction 5 must come next/,
  })
  const end = await without(await example(), 'edits_inprogress_8')
  await assert.rejects(openNamespace(end), {
    ...gap,
    message: /the end of the log, although seen_txid says 8/,
  })
  const seen = await example()
  seen.put(`${directory}/seen_txid`, new TextEncoder().encode('rubbish'))
  await assert.rejects(openNamespace(seen), gap)
  const old = await without(await example(), 'edits_1-4', 'fsimage_4')
  await assert.rejects(openNamespace(old), { ...gap, message: /transaction 1 must come next/ })
})

test('[edits.recover.4] recovery refuses a damaged transaction with others behind it, naming file, offset and what to do', async () => {
  const disk = await example()
  const segment = path('edits_5-7')
  disk.put(
    segment,
    disk.get(segment)!.map((byte, at) => (at === 40 ? byte ^ 4 : byte)),
  )
  await assert.rejects(openNamespace(disk), {
    code: 'ERR_NAMENODE_EDITS_CORRUPT',
    message:
      /edits_0*5-0*7: found damage at offset 25, after transaction 5 .*restore the file.*truncateDamagedTail/,
  })
})

test('[edits.recover.5] recovery refuses a finished segment that ends early or holds other transactions than its name says', async () => {
  const disk = await example()
  const bytes = disk.get(path('edits_5-7'))!
  disk.put(path('edits_5-7'), bytes.subarray(0, bytes.length - 17))
  await assert.rejects(openNamespace(disk), { code: 'ERR_NAMENODE_EDITS_CORRUPT' })
  const other = await example()
  other.put(path('edits_5-7'), other.get(path('edits_1-4'))!)
  await assert.rejects(openNamespace(other), { code: 'ERR_NAMENODE_EDITS_CORRUPT', message: /5 must follow/ })
})

test('[edits.recover.3] recovery cuts a torn end off, once', async () => {
  const disk = await example()
  const segment = path('edits_inprogress_8')
  const whole = disk.get(segment)!
  disk.put(
    segment,
    whole.map((byte, at) => (at > 60 ? 0xff : byte)),
  )
  const { logger, texts } = warnings()
  const { lastTxid, tornBytes, namespace } = await openNamespace(disk, { logger })
  assert.deepEqual([lastTxid, namesOf(namespace)], [8, [1, 2, 3]])
  assert.ok(tornBytes > 0)
  assert.match(texts[0] ?? '', /unfinished write/)
  const again = await openNamespace(disk, { logger })
  assert.deepEqual([again.lastTxid, again.tornBytes, texts.length], [8, 0, 1])
})

test('recovery refuses transactions that the namespace does not allow', async () => {
  const disk = new SimulatedDisk()
  const recovered = await openNamespace(disk)
  const journal = await openJournal(disk, recovered)
  journal.append({ ...mkdir(1), path: '/missing/parent' } as ReturnType<typeof mkdir>)
  await journal.close()
  await assert.rejects(openNamespace(disk), {
    code: 'ERR_NAMENODE_EDITS_APPLY',
    message: /transaction 2 \(OP_MKDIR/,
  })
})

test('[edits.file.2] recovery refuses segments without a VERSION and formats a directory that was being formatted', async () => {
  const disk = await without(await example(), 'VERSION')
  await assert.rejects(openNamespace(disk), { code: 'ERR_NAMENODE_STORAGE_FORMAT' })
  const half = new SimulatedDisk()
  half.put(path('fsimage_0'), Uint8Array.of(1))
  assert.deepEqual(namesOf((await openNamespace(half)).namespace), [])
})
