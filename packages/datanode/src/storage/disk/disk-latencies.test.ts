import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ReplicaFile } from '../volume.ts'
import { DiskLatencies } from './disk-latencies.ts'
import { TimedReplicaFile } from './timed-replica-file.ts'

test('a disk that is slow in comparison is named with what is slow about it, once [dnp.slow.3]', () => {
  let now = 0
  const latencies = new DiskLatencies({ samplingPercentage: 100 }, { random: () => 0, now: () => now }, 1_000)
  for (let disk = 0; disk < 6; disk++) {
    const slow = disk === 2
    latencies.add('read', `/data/${disk}`, slow ? 400 : 4)
    latencies.add('read', `/data/${disk}`, slow ? 600 : 4)
    latencies.add('write', `/data/${disk}`, slow ? 90 : 4)
    latencies.add('metadata', `/data/${disk}`, slow ? 19 : 1)
  }
  const slow = [{ basePath: '/data/2', meanReadIoLatency: 500, meanWriteIoLatency: 90 }]
  assert.deepEqual(latencies.slowDisks(), slow)
  assert.deepEqual(latencies.slowDisks(), slow)
  now = 1_000
  assert.deepEqual(latencies.slowDisks(), [])
})

test('as many replicas are sampled as the percentage says', () => {
  let random = 0
  const latencies = new DiskLatencies(
    { samplingPercentage: 10 },
    { random: () => random, now: () => 0 },
    1_000,
  )
  assert.equal(latencies.sample(), true)
  random = 0.0999
  assert.equal(latencies.sample(), true)
  random = 0.1
  assert.equal(latencies.sample(), false)
})

test('a timed file does what the file does and notes how long it took', async () => {
  const done: string[] = []
  const file: ReplicaFile = {
    length: (part) => done.push(`length ${part}`),
    readSync: () => done.push('readSync'),
    read: async () => done.push('read'),
    readPiecesSync: () => done.push('readPiecesSync'),
    write: () => void done.push('write'),
    truncate: () => void done.push('truncate'),
    sync: async () => void done.push('sync'),
    close: () => void done.push('close'),
  }
  const latencies = new DiskLatencies({ samplingPercentage: 100 }, { random: () => 0, now: () => 0 }, 1_000)
  const noted: string[] = []
  latencies.add = (operation, volume) => noted.push(`${operation} ${volume}`)
  const timed = new TimedReplicaFile(file, latencies, '/d')
  const bytes = new Uint8Array(1)
  assert.equal(timed.length('meta'), 1)
  assert.equal(timed.readSync('data', bytes, 0), 2)
  assert.equal(await timed.read('data', [bytes], 0), 3)
  assert.equal(timed.readPiecesSync('data', [bytes], 0), 4)
  timed.write('data', [bytes], 0)
  timed.truncate('data', 0)
  await timed.sync()
  timed.close()
  assert.deepEqual(done, [
    'length meta',
    'readSync',
    'read',
    'readPiecesSync',
    'write',
    'truncate',
    'sync',
    'close',
  ])
  assert.deepEqual(noted, [
    'metadata /d',
    'read /d',
    'read /d',
    'read /d',
    'write /d',
    'metadata /d',
    'write /d',
  ])
})
