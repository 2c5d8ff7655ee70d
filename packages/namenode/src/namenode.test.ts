/** The NameNode as a whole, over TCP and with a directory. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { type RequestOf, type ResponseOf, RpcClient } from '@cairn/hadoop-ipc'
import { ClientNamenodeProtocol } from '@cairn/hadoop-proto'
import { clientProtocol } from '@cairn/hdfs-protocol'
import { type NameNode, startNameNode } from './namenode.ts'

type Methods = typeof ClientNamenodeProtocol

function caller(node: NameNode, client: RpcClient) {
  return <M extends keyof Methods>(
    method: M,
    request: RequestOf<Methods[M]>,
    callId?: number,
  ): Promise<ResponseOf<Methods[M]>> =>
    client.call(
      node.address,
      clientProtocol.name,
      ClientNamenodeProtocol[method] as never,
      request as never,
      callId === undefined ? {} : { callId, retryCount: 1 },
    )
}

const mkdir = (src: string) => ({ src, masked: { perm: 0o755 }, createParent: true })

test('startNameNode answers calls in memory and closes twice', async () => {
  const node = await startNameNode({ superuser: 'root' })
  const client = new RpcClient({ user: 'root' })
  const call = caller(node, client)
  assert.equal((await call('mkdirs', mkdir('/a/b'))).result, true)
  assert.equal((await call('getFileInfo', { src: '/a/b' })).fs?.fileType, 1)
  assert.equal((await call('getFileInfo', { src: '/none' })).fs, undefined)
  await assert.rejects(call('delete', { src: '/a', recursive: false }), {
    javaClass: 'org.apache.hadoop.fs.PathIsNotEmptyDirectoryException',
  })
  const status = node.status()
  assert.equal(status.directories, 3)
  assert.equal(status.files, 0)
  assert.equal(status.safeMode, undefined)
  assert.equal(status.calls.get('getFileInfo'), 2)
  assert.equal(status.lastTxId, 2n)
  await client.close()
  await Promise.all([node.close(), node.close()])
  await node[Symbol.asyncDispose]()
})

test('ready() waits for a DataNode and can be given up', async () => {
  const node = await startNameNode()
  const reason = new Error('enough')
  await assert.rejects(node.ready({ signal: AbortSignal.abort(reason) }), reason)
  const waiting = node.ready()
  await node.close()
  await assert.rejects(waiting, /closed/)
})

test('what was answered is there after a restart, and a repeated call still happens once', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'cairn-namenode-'))
  const client = new RpcClient({ user: 'root' })
  try {
    const first = await startNameNode({ dir, superuser: 'root' })
    const call = caller(first, client)
    await call('mkdirs', mkdir('/a/b'))
    await call('mkdirs', mkdir('/x'))
    const callId = client.nextCallId()
    await call('rename2', { src: '/x', dst: '/y', overwriteDest: false }, callId)
    const before = (await call('getFileInfo', { src: '/a/b' })).fs
    await first.close()

    const second = await startNameNode({ dir, superuser: 'root' })
    const callAgain = caller(second, client)
    assert.deepEqual((await callAgain('getFileInfo', { src: '/a/b' })).fs, before)
    await callAgain('rename2', { src: '/x', dst: '/y', overwriteDest: false }, callId)
    assert.equal((await callAgain('getFileInfo', { src: '/y' })).fs?.fileType, 1)
    assert.equal(second.status().clusterId, first.status().clusterId)
    await second.close()
  } finally {
    await client.close()
    await rm(dir, { recursive: true })
  }
})
