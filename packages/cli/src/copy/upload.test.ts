import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startCluster } from '@cairn/cluster'
import type { Target } from '../paths/target.ts'
import { uploadStream } from './upload.ts'

const target: Target = { authority: '', path: '/f', shown: '/f' }

// [client1.rename.1]
test('a file is replaced where the NameNode speaks Hadoop 1’s words too, and nothing is left beside it', async () => {
  const cluster = await startCluster({ memory: true, datanodes: 1, rpc: [4, 9] })
  try {
    for (const rpcVersion of [9, 4]) {
      const client = await cluster.connect({ rpcVersion })
      const options = {
        overwrite: true,
        preserve: false,
        direct: false,
        signal: new AbortController().signal,
      }
      for (const text of ['one', `two of ${rpcVersion}`]) {
        await uploadStream(
          client,
          (async function* () {
            yield Buffer.from(text)
          })(),
          target,
          options,
        )
        assert.equal(await client.readFile('/f', 'utf8'), text)
      }
      assert.deepEqual(await client.readdir('/'), ['f'])
      await client.close()
    }
  } finally {
    await cluster.close()
  }
})
