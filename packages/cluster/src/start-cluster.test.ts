import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { startCluster } from './index.ts'

async function withDirectory(work: (dir: string) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'cairn-cluster-'))
  try {
    await work(dir)
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

test('a cluster in memory takes a write as soon as it is there, and ends without a trace', async () => {
  const cluster = await startCluster()
  const client = await cluster.connect()
  await client.writeFile('/a', 'hello')
  assert.equal(await client.readFile('/a', 'utf8'), 'hello')
  assert.match(cluster.url, /^hdfs:\/\/127\.0\.0\.1:\d+$/)
  assert.equal(cluster.webUrl, undefined)
  await client.close()
  await cluster.close()
  await cluster.close()
  await assert.rejects(cluster.status(), { code: 'ERR_CLUSTER_CLOSED' })
})

test('a cluster in a directory keeps what it acknowledged', () =>
  withDirectory(async (dir) => {
    for (let round = 0; round < 3; round++) {
      const cluster = await startCluster({ dir, datanodes: 2 })
      const client = await cluster.connect()
      await client.writeFile(`/round-${round}`, `content ${round}`)
      const names = Array.from({ length: round + 1 }, (_, i) => `round-${i}`)
      assert.deepEqual(await client.readdir('/'), names)
      for (const [i, name] of names.entries())
        assert.equal(await client.readFile(`/${name}`, 'utf8'), `content ${i}`)
      await client.close()
      await cluster.close()
    }
    assert.deepEqual((await readdir(dir)).sort(), ['datanode-1', 'datanode-2', 'namenode'])
  }))

test('a cluster of processes does the same', () =>
  withDirectory(async (dir) => {
    const cluster = await startCluster({ dir, processes: true, web: 0 })
    try {
      const client = await cluster.connect()
      await client.writeFile('/a', 'hello')
      assert.equal(await client.readFile('/a', 'utf8'), 'hello')
      await client.close()
      const { namenode, datanodes } = await cluster.status()
      const pids = [process.pid, namenode.pid, datanodes[0]!.pid]
      assert.equal(new Set(pids).size, 3)
    } finally {
      await cluster.close()
    }
  }))

test('a role’s process that dies is started again with what it had', () =>
  withDirectory(async (dir) => {
    const cluster = await startCluster({ dir, processes: true })
    const client = await cluster.connect()
    try {
      await client.writeFile('/a', 'hello')
      const { pid } = cluster.namenode
      process.kill(pid, 'SIGKILL')
      await client.writeFile('/b', 'more')
      assert.notEqual(cluster.namenode.pid, pid)
      assert.equal(await client.readFile('/a', 'utf8'), 'hello')
      assert.equal(await client.readFile('/b', 'utf8'), 'more')
    } finally {
      await client.close()
      await cluster.close()
    }
  }))

test('status tells of the NameNode and every DataNode', async () => {
  const cluster = await startCluster({ datanodes: 3 })
  try {
    const client = await cluster.connect()
    await client.mkdir('/d')
    await client.writeFile('/d/f', 'x')
    await client.close()
    const { url, namenode, datanodes } = await cluster.status()
    assert.equal(url, cluster.url)
    assert.equal(namenode.files, 1)
    assert.equal(namenode.blocks, 1)
    assert.equal(namenode.safeMode, undefined)
    assert.deepEqual(
      datanodes.map(({ state, pid }) => [state, pid]),
      [1, 2, 3].map(() => ['live', process.pid]),
    )
  } finally {
    await cluster.close()
  }
})

test('options that cannot be are refused with the reason', async () => {
  const cases = [
    { host: '0.0.0.0' },
    { datanodes: 0 },
    { datanodes: 1.5 },
    { port: 70_000 },
    { web: -1 },
    { dir: '' },
    { memory: false },
    { dir: '/tmp/x', memory: true },
  ]
  for (const options of cases) await assert.rejects(startCluster(options), { code: 'ERR_CLUSTER_OPTION' })
})

test('a port that is taken is named, and nothing stays behind', async () => {
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  const address = taken.address()
  assert.ok(address !== null && typeof address === 'object')
  const { port } = address
  for (const processes of [false, true]) {
    await assert.rejects(startCluster({ port, processes }), {
      code: 'ERR_CLUSTER_PORT_TAKEN',
      message: new RegExp(`NameNode on 127\\.0\\.0\\.1:${port}: the port is taken`),
    })
  }
  await assert.rejects(startCluster({ web: port }), { code: 'ERR_CLUSTER_PORT_TAKEN', message: /web page/ })
  await new Promise((resolve) => taken.close(resolve))
})

test('a directory that is in use is named', () =>
  withDirectory(async (dir) => {
    const cluster = await startCluster({ dir })
    try {
      await assert.rejects(startCluster({ dir }), { code: 'ERR_CLUSTER_DIRECTORY_IN_USE' })
      await assert.rejects(startCluster({ dir, processes: true }), { code: 'ERR_CLUSTER_DIRECTORY_IN_USE' })
    } finally {
      await cluster.close()
    }
  }))

test('an abort ends the start with its reason', async () => {
  const reason = new Error('changed my mind')
  await assert.rejects(startCluster({ signal: AbortSignal.abort(reason) }), reason)
  const controller = new AbortController()
  const starting = startCluster({ signal: controller.signal, datanodes: 2 })
  setImmediate(() => controller.abort(reason))
  await assert.rejects(starting, reason)
})
