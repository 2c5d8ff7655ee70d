import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { decodeBlockLongs } from '@cairn/hdfs-protocol'
import { startDataNode } from '../datanode.ts'
import { ScriptedNameNode } from '../testing/scripted-namenode.ts'

const closers: (() => Promise<unknown>)[] = []
after(async () => {
  for (const close of closers.reverse()) await close()
})

async function joined(softwareVersion: string) {
  const namenode = new ScriptedNameNode()
  namenode.softwareVersion = softwareVersion
  namenode.capabilities = 0n
  // They lend none.
  namenode.leaseId = 0n
  await namenode.listen()
  closers.push(() => namenode.close())
  const node = await startDataNode({
    namenode: { host: '127.0.0.1', port: namenode.port },
    memoryBytes: 1 << 24,
    heartbeatIntervalMs: 20,
    random: () => 0,
  })
  closers.push(() => node.close())
  await node.ready()
  return { namenode, node }
}

test('to a NameNode before 2.3 the node is one storage under its own id [dnp.old.2]', async () => {
  const { namenode, node } = await joined('2.2.0')
  const [heartbeat] = namenode.heartbeats
  assert.deepEqual(
    heartbeat!.reports.map(({ storageUuid, capacity }) => [storageUuid, capacity]),
    [[node.uuid, 1n << 24n]],
  )
  const [report] = namenode.reports
  assert.deepEqual(
    report!.reports.map(({ storage }) => storage.storageUuid),
    [node.uuid],
  )
  assert.deepEqual(decodeBlockLongs(report!.reports[0]!.blocks), [])
})

test('the layout version that it claims is the NameNode’s until 2.3, then its own [dnp.old.1]', async () => {
  for (const [release, layout] of [
    ['2.3.0', -67],
    ['2.4.0', -57],
  ] as const) {
    const { namenode } = await joined(release)
    assert.equal(namenode.registrations[0]!.registration.storageInfo.layoutVersion | 0, layout, release)
  }
})

test('a full report goes without a lease before 2.8, and no heartbeat asks for one [dnp.old.3]', async () => {
  const { namenode } = await joined('2.7.7')
  assert.equal(namenode.reports.length, 1)
  assert.ok(namenode.heartbeats.every((heartbeat) => heartbeat.requestFullBlockReportLease !== true))
  assert.notEqual(namenode.reports[0]!.reports[0]!.storage.storageUuid, '')
})
