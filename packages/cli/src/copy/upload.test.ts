import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startCluster } from '@cairn/cluster'
import type { HdfsClient } from '@cairn/hdfs-client'
import type { Target } from '../paths/target.ts'
import { uploadStream } from './upload.ts'

const target: Target = { authority: '', path: '/f', shown: '/f' }

/** Puts `text` where a file may be already. */
async function replace(client: HdfsClient, text: string): Promise<void> {
  const { signal } = new AbortController()
  const options = { overwrite: true, preserve: false, direct: false, signal }
  await uploadStream(
    client,
    (async function* () {
      yield Buffer.from(text)
    })(),
    target,
    options,
  )
}

// [client1.rename.1]
test('a file is replaced where the NameNode speaks Hadoop 1’s words too, and nothing is left beside it', async () => {
  const cluster = await startCluster({ memory: true, datanodes: 1, rpc: [4, 9] })
  try {
    for (const rpcVersion of [9, 4]) {
      const client = await cluster.connect({ rpcVersion })
      for (const text of ['one', `two of ${rpcVersion}`]) {
        await replace(client, text)
        assert.equal(await client.readFile('/f', 'utf8'), text)
      }
      assert.deepEqual(await client.readdir('/'), ['f'])
      await client.close()
    }
  } finally {
    await cluster.close()
  }
})

test('what an interrupted replacement left beside a file of Hadoop 1 is kept, and is in nobody’s way', async () => {
  const cluster = await startCluster({ memory: true, datanodes: 1, rpc: [4, 9] })
  try {
    const client = await cluster.connect({ rpcVersion: 4 })
    await client.writeFile('/f._OLD_', 'of before')
    await client.writeFile('/f', 'one')
    await replace(client, 'two')
    assert.equal(await client.readFile('/f', 'utf8'), 'two')
    assert.equal(await client.readFile('/f._OLD_', 'utf8'), 'of before')
    assert.deepEqual((await client.readdir('/')).sort(), ['f', 'f._OLD_'])
    await client.close()
  } finally {
    await cluster.close()
  }
})
