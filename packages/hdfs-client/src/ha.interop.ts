/** Our client before two real NameNodes, of which one is active, then the other. */
import assert from 'node:assert/strict'
import { connect as connectSocket, createServer, type Socket } from 'node:net'
import { after, before, test } from 'node:test'
import { freePort, type Hadoop, type HadoopNamenode, startHadoop } from '@cairn/testkit'
import type { HdfsClient } from './client.ts'
import { connect } from './connect.ts'
import { pause } from './pause.ts'
import type { ConnectOptions } from './settings.ts'
import { testBytes } from './testing/index.ts'

const kibi = 1024
const blockSize = 64 * kibi

let hadoop: Hadoop
let client: HdfsClient
let active: HadoopNamenode
let standby: HadoopNamenode

function open(options: ConnectOptions = {}): Promise<HdfsClient> {
  return connect(hadoop.url, { confDir: hadoop.confDir, retryMs: 60_000, safeModeWaitMs: 60_000, ...options })
}

/** The two NameNodes change places; between the steps nobody is active. */
async function failover(between: () => Promise<unknown> = async () => {}): Promise<void> {
  await active.transition('Standby')
  await between()
  await standby.transition('Active')
  ;[active, standby] = [standby, active]
}

before(async () => {
  hadoop = await startHadoop({
    version: process.env.HADOOP_VERSION ?? '3.4.3',
    ha: true,
    datanodes: 2,
    conf: { 'dfs.ls.limit': '50', 'dfs.client.retry.policy.enabled': 'true' },
  })
  ;[active, standby] = [hadoop.namenodes[0]!, hadoop.namenodes[1]!]
  client = await open()
})
after(async () => {
  await client?.close()
  await hadoop?.stop()
})

test('a nameservice is found in the configuration, and the standby says what it is', async () => {
  assert.equal(client.url, 'hdfs://ns0')
  await assert.rejects(connect(`hdfs://${standby.host}:${standby.port}/`), {
    code: 'ERR_HDFS_STANDBY',
    message: new RegExp(`127\\.0\\.0\\.1:${standby.port}.*standby.*hdfs://nameservice`),
  })
  const reversed = await connect('hdfs://any', {
    namenodes: [`127.0.0.1:${standby.port}`, `127.0.0.1:${active.port}`],
  })
  await reversed.mkdir('/found')
  assert.ok(await client.exists('/found'))
  await reversed.close()
})

test('a listing goes on at the other NameNode, without a name lost or told twice', async () => {
  await client.mkdir('/many')
  const names = Array.from({ length: 230 }, (_, index) => `n${String(index).padStart(4, '0')}`)
  for (let at = 0; at < names.length; at += 23)
    await Promise.all(names.slice(at, at + 23).map((name) => client.mkdir(`/many/${name}`)))
  const dir = await client.opendir('/many')
  const seen: string[] = []
  for (let entry = await dir.read(); entry; entry = await dir.read()) {
    seen.push(entry.name)
    if (seen.length === 20) await failover()
  }
  assert.deepEqual(seen, names)
})

test('a write goes on at the other NameNode, in the middle of a block and at its end', async () => {
  const bytes = testBytes(10 * blockSize)
  const handle = await client.open('/written', 'w', { blockSize, replication: 2 })
  await handle.write(bytes, 0, 2.5 * blockSize)
  await handle.hflush()
  await failover()
  await handle.write(bytes, 2.5 * blockSize, 1.5 * blockSize)
  await failover()
  await handle.write(bytes, 4 * blockSize)
  await handle.close()
  assert.deepEqual(await client.readFile('/written'), Buffer.from(bytes))
})

test('a read asks the other NameNode for the places of further blocks', async () => {
  const blocks = 40
  const bytes = testBytes(blocks * 4 * kibi, 3)
  await client.writeFile('/read', bytes, { blockSize: 4 * kibi, replication: 1 })
  const handle = await client.open('/read')
  const read = Buffer.alloc(bytes.length)
  let count = (await handle.read(read, 0, 6 * kibi)).bytesRead
  await failover()
  while (count < read.length) {
    const { bytesRead } = await handle.read(read, count, Math.min(8 * kibi, read.length - count))
    assert.notEqual(bytesRead, 0)
    count += bytesRead
  }
  await handle.close()
  assert.deepEqual(read, Buffer.from(bytes))
})

test('calls wait while both are in standby, and say so when that lasts', async () => {
  const hasty = await open({ retryMs: 300 })
  let waiting: Promise<unknown> = Promise.resolve()
  let madeEarly = false
  await failover(async () => {
    await assert.rejects(hasty.mkdir('/both'), { code: 'ERR_HDFS_STANDBY' })
    waiting = client.mkdir('/waited').then(() => {
      madeEarly = true
    })
    await pause(500)
    assert.equal(madeEarly, false)
  })
  await waiting
  assert.ok(await client.exists('/waited'))
  await hasty.close()
})

test('nothing that was told to be done is lost or done twice when the active NameNode is killed', async () => {
  const bytes = testBytes(6 * blockSize, 5)
  const handle = await client.open('/survives', 'w', { blockSize, replication: 2 })
  await handle.write(bytes, 0, 2 * blockSize)
  await handle.hsync()
  await client.writeFile('/from', 'moved')
  await active.kill()
  const moved = client.rename('/from', '/to')
  const written = handle.write(bytes, 2 * blockSize)
  await standby.transition('Active')
  ;[active, standby] = [standby, active]
  await Promise.all([moved, written])
  await handle.close()
  assert.deepEqual(await client.readFile('/survives'), Buffer.from(bytes))
  assert.equal(await client.readFile('/to', 'utf8'), 'moved')
  assert.equal(await client.exists('/from'), false)
  await standby.restart()
})

test('a change whose answer was lost is not done twice by the other NameNode', async () => {
  const deaf = await withoutAnswers(active)
  const hasty = await connect('hdfs://any', {
    namenodes: [`127.0.0.1:${deaf.port}`, `127.0.0.1:${standby.port}`],
    callTimeoutMs: 2_000,
    retryMs: 60_000,
  })
  await hasty.writeFile('/once', 'here')
  deaf.mute()
  // Done, and nobody hears of it: a second rename would find nothing.
  const moved = hasty.rename('/once', '/done')
  await until('the rename', () => client.exists('/done'))
  await failover()
  await moved
  assert.equal(await client.readFile('/done', 'utf8'), 'here')
  await hasty.close()
  deaf.close()
})

test('a NameNode that answered and then falls silent is left for the other', async () => {
  const hasty = await open({ callTimeoutMs: 2_000 })
  await hasty.mkdir('/silent')
  process.kill(active.process!.pid, 'SIGSTOP')
  const answer = hasty.stat('/silent')
  const made = hasty.mkdir('/silent/made')
  await standby.transition('Active')
  assert.ok((await answer).isDirectory())
  await made
  // It believes to be active still: in a real cluster it is fenced before.
  await active.kill()
  ;[active, standby] = [standby, active]
  assert.deepEqual(await hasty.readdir('/silent'), ['made'])
  await standby.restart()
  await hasty.close()
})

async function until(what: string, look: () => Promise<boolean>): Promise<void> {
  const giveUpAt = Date.now() + 60_000
  while (!(await look())) {
    assert.ok(Date.now() < giveUpAt, what)
    await pause(50)
  }
}

/** Passes calls to a NameNode, and its answers only until it is muted. */
async function withoutAnswers(namenode: HadoopNamenode) {
  let muted = false
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    const far = connectSocket(namenode.port, namenode.host)
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => {})
    }
    near.on('data', (bytes) => far.write(bytes))
    near.on('close', () => far.destroy())
    far.on('data', (bytes) => muted || near.write(bytes))
  })
  const port = await freePort()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    port,
    mute() {
      muted = true
    },
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}
