import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RpcClient } from '@cairn/hadoop-ipc'
import { ClientNamenodeProtocol } from '@cairn/hadoop-proto'
import { clientProtocol, hdfsGenerationsOf } from '@cairn/hdfs-protocol'
import { startNameNode } from './index.ts'

/** What a client that speaks one version only is refused with. */
async function refusalOf(rpcVersions: number[], spoken: number): Promise<string> {
  const namenode = await startNameNode({ rpcVersions })
  const client = new RpcClient({ user: 'alice', generations: hdfsGenerationsOf([spoken]) })
  try {
    const { getServerDefaults } = ClientNamenodeProtocol
    return await client.call(namenode.address, clientProtocol.name, getServerDefaults, {}).then(
      () => 'answered',
      (error: Error) => (error.cause as Error).message,
    )
  } finally {
    await client.close()
    await namenode.close()
  }
}

test('a refusal says how to have the versions that could be had, and nothing that is not so [hgen.refuse.2]', async () => {
  assert.equal(
    await refusalOf([9], 7),
    'Server IPC version 9 cannot communicate with client version 7 (cairn up --rpc 4,7,8,9 speaks 4, 7, 8 and 9)',
  )
  assert.match(await refusalOf([4, 7, 9], 8), /; spoken here: 9, 7, 4 \(cairn up --rpc 4,7,8,9 speaks /)
  assert.equal(await refusalOf([4, 7, 8, 9], 8), 'answered')
})
