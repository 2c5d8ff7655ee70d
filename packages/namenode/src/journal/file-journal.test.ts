import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FileJournal } from './file-journal.ts'
import type { StorageError } from './storage-error.ts'
import {
  commit,
  directory,
  mkdir,
  namesOf,
  openJournal,
  openNamespace,
} from './testing/journaled-namespace.ts'
import { SimulatedDisk } from './testing/simulated-disk.ts'

async function fresh(disk = new SimulatedDisk()) {
  const recovered = await openNamespace(disk)
  return { disk, namespace: recovered.namespace, journal: await openJournal(disk, recovered) }
}

function segments(disk: SimulatedDisk): string[] {
  return disk
    .paths()
    .filter((path) => path.includes('/edits_'))
    .map((path) => path.slice(directory.length + 1).replace(/0{5,}/g, ''))
}

function textOf(disk: SimulatedDisk, name: string): string {
  return new TextDecoder().decode(disk.get(`${directory}/${name}`))
}

test('append numbers transactions from one, and sync makes them durable', async () => {
  const { disk, namespace, journal } = await fresh()
  assert.equal(journal.lastTxId, 1n)
  assert.equal(commit(journal, namespace, mkdir(1)), 2n)
  assert.equal(journal.syncedTxId, 1n)
  await journal.sync()
  assert.equal(journal.syncedTxId, 2n)
  const { namespace: again } = await openNamespace(disk.afterPowerCut(() => 0))
  assert.deepEqual(namesOf(again), [1])
})

test('all that arrives while a group is written becomes one next group', async () => {
  const { disk, namespace, journal } = await fresh()
  const before = disk.operations
  const waits = [journal.sync(commit(journal, namespace, mkdir(1)))]
  await Promise.resolve()
  for (let number = 2; number <= 100; number++)
    waits.push(journal.sync(commit(journal, namespace, mkdir(number))))
  await Promise.all(waits)
  // Claimed room, operations and sync for each of two groups.
  assert.ok(disk.operations - before <= 6, `${disk.operations - before} operations`)
})

test('changes of one turn share one group', async () => {
  const { disk, namespace, journal } = await fresh(new SimulatedDisk({ syncsWrites: true }))
  const before = disk.operations
  await Promise.all(
    Array.from({ length: 3 }, (_, index) => journal.sync(commit(journal, namespace, mkdir(index + 1)))),
  )
  assert.ok(disk.operations - before <= 2)
})

test('sync of what is durable already does not touch the disk', async () => {
  const { disk, journal } = await fresh()
  const before = disk.operations
  await journal.sync()
  await journal.sync(1n)
  assert.equal(disk.operations, before)
})

test('[edits.file.3] [edits.sync.2] roll ends the segment with its transactions in the name, and seen_txid says where the next begins', async () => {
  const { disk, namespace, journal } = await fresh()
  commit(journal, namespace, mkdir(1))
  assert.equal(await journal.roll(), 4n)
  assert.deepEqual(segments(disk), ['edits_1-3', 'edits_inprogress_4'])
  assert.equal(textOf(disk, 'seen_txid'), '4\n')
  const cut = disk.afterPowerCut(() => 0)
  assert.deepEqual(segments(cut), ['edits_1-3', 'edits_inprogress_4'])
  assert.equal(textOf(cut, 'seen_txid'), '4\n')
  const [a, b] = await Promise.all([journal.roll(), journal.roll()])
  assert.deepEqual([a, b], [6n, 8n])
  await journal.close()
  assert.deepEqual(segments(disk), ['edits_1-3', 'edits_4-5', 'edits_6-7', 'edits_8-9'])
})

test('changes appended during a roll go to the new segment, in order', async () => {
  const { disk, namespace, journal } = await fresh()
  const rolled = journal.roll()
  commit(journal, namespace, mkdir(1))
  await Promise.all([rolled, journal.sync()])
  await journal.close()
  assert.deepEqual(segments(disk), ['edits_1-2', 'edits_3-5'])
  assert.deepEqual(namesOf((await openNamespace(disk)).namespace), [1])
})

test('[edits.checkpoint.3] checkpoint writes an image, keeps two, and removes the segments before them', async () => {
  const { disk, namespace, journal } = await fresh()
  for (let number = 1; number <= 4; number++) {
    commit(journal, namespace, mkdir(number))
    await journal.checkpoint()
  }
  const images = disk.paths().filter((path) => /fsimage_\d+$/.test(path))
  assert.deepEqual(
    images.map((path) => Number(path.slice(-19))),
    [9, 12],
  )
  assert.deepEqual(segments(disk), ['edits_10-12', 'edits_inprogress_13'])
  const { imageTxid, lastTxid, namespace: again } = await openNamespace(disk.afterKill())
  assert.deepEqual([imageTxid, lastTxid, namesOf(again)], [12, 13, [1, 2, 3, 4]])
})

test('an image is written by itself after so many transactions', async () => {
  const disk = new SimulatedDisk()
  const recovered = await openNamespace(disk)
  let written: number | undefined
  const due = new Promise<void>((resolve) => {
    void FileJournal.open({
      fileSystem: disk,
      directory,
      lastTxid: 0,
      imageTxid: 0,
      checkpointTransactions: 5,
      writeCheckpoint: async (txid) => {
        written = txid
        resolve()
      },
    }).then(async (journal) => {
      for (let number = 1; number <= 4; number++) {
        commit(journal, recovered.namespace, mkdir(number))
        await journal.sync()
      }
    })
  })
  await due
  assert.equal(written, 6)
})

test('an operation that the format cannot hold is refused and leaves no trace', async () => {
  const { disk, namespace, journal } = await fresh()
  const bad = { ...mkdir(1), path: 'x'.repeat(70_000) } as ReturnType<typeof mkdir>
  assert.throws(() => journal.append(bad), { code: 'ERR_HSTORAGE_TEXT' })
  assert.equal(commit(journal, namespace, mkdir(2)), 2n)
  await journal.close()
  assert.deepEqual(namesOf((await openNamespace(disk)).namespace), [2])
})

test('[edits.sync.3] after a failed write the journal is dead: waiters, later changes and rolls all get the failure', async () => {
  const disk = new SimulatedDisk()
  const recovered = await openNamespace(disk)
  const failures: StorageError[] = []
  const journal = await FileJournal.open({
    fileSystem: disk,
    directory,
    lastTxid: 0,
    imageTxid: 0,
    writeCheckpoint: async () => {},
    onFailure: (error) => failures.push(error),
  })
  disk.fault = { at: disk.operations + 1, kind: 'error' }
  const failed = { name: 'StorageError', code: 'ERR_NAMENODE_JOURNAL_FAILED' }
  const first = journal.sync(commit(journal, recovered.namespace, mkdir(1)))
  const second = journal.sync(commit(journal, recovered.namespace, mkdir(2)))
  await assert.rejects(first, failed)
  await assert.rejects(second, failed)
  assert.throws(() => journal.append(mkdir(3)), failed)
  await assert.rejects(journal.sync(), failed)
  await assert.rejects(journal.roll(), failed)
  await assert.rejects(journal.checkpoint(), failed)
  assert.equal(journal.syncedTxId, 1n)
  assert.equal(failures.length, 1)
  await journal.close()
})

test('close ends the segment once, and changes after it are refused', async () => {
  const { disk, namespace, journal } = await fresh()
  commit(journal, namespace, mkdir(1))
  await Promise.all([journal.close(), journal.close()])
  assert.deepEqual(segments(disk), ['edits_1-3'])
  assert.throws(() => journal.append(mkdir(2)), { code: 'ERR_NAMENODE_JOURNAL_CLOSED' })
  await assert.rejects(journal.roll(), { code: 'ERR_NAMENODE_JOURNAL_CLOSED' })
})

test('an image that cannot be written is tried again only after as many transactions, and the journal goes on', async () => {
  const disk = new SimulatedDisk()
  const recovered = await openNamespace(disk)
  let attempts = 0
  const failures: unknown[] = []
  const journal = await FileJournal.open({
    fileSystem: disk,
    directory,
    lastTxid: 0,
    imageTxid: 0,
    checkpointTransactions: 20,
    writeCheckpoint: async () => {
      attempts++
      throw new Error('ENOSPC')
    },
    onCheckpointFailure: (error) => failures.push(error),
  })
  for (let number = 1; number <= 50; number++) {
    commit(journal, recovered.namespace, mkdir(number))
    await journal.sync()
  }
  await journal.close()
  assert.equal(attempts, 2)
  assert.equal(failures.length, 2)
  assert.equal(namesOf((await openNamespace(disk)).namespace).length, 50)
})

test('close gives up an image that is being written', async () => {
  const disk = new SimulatedDisk()
  await openNamespace(disk)
  const journal = await FileJournal.open({
    fileSystem: disk,
    directory,
    lastTxid: 0,
    imageTxid: 0,
    writeCheckpoint: (_, signal) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason))
      }),
  })
  const image = journal.checkpoint()
  await journal.sync()
  await Promise.all([assert.rejects(image, { name: 'AbortError' }), journal.close()])
})
