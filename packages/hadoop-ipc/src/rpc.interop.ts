// Our client against real NameNodes, and Java's client against our server.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ClientNamenodeProtocol } from '@cairn/hadoop-proto'
import { missingForHadoop, startHadoop } from '@cairn/testkit'
import { connectTcp } from '@cairn/transport'
import { defineService, RpcClient, RpcServer } from './index.ts'

const protocol = 'org.apache.hadoop.hdfs.protocol.ClientProtocol'
const { getFileInfo, getListing, getServerDefaults, getBlockLocations } = ClientNamenodeProtocol
const missing = missingForHadoop()

const file = {
  fileType: 2,
  path: new Uint8Array(0),
  length: 4242n,
  permission: { perm: 0o640 },
  owner: 'cairn',
  group: 'stone',
  modification_time: 1_795_264_014_937n,
  access_time: 1_795_264_014_608n,
  block_replication: 3,
  blocksize: 131_072n,
}

for (const version of ['3.4.3', '3.5.0']) {
  test(`Apache Hadoop ${version}`, { skip: missing ?? false }, async (context) => {
    const hadoop = await startHadoop({ version, datanodes: 0 })
    const client = new RpcClient({ user: 'root', callTimeoutMs: 20_000 })
    const address = { host: hadoop.host, port: hadoop.port }

    await context.test('RpcClient calls the NameNode', async () => {
      const { fs } = await client.call(address, protocol, getFileInfo, { src: '/' })
      assert.deepEqual([fs?.fileType, fs?.owner], [1, 'root'])
      const startAfter = new Uint8Array(0)
      const { dirList } = await client.call(address, protocol, getListing, {
        src: '/',
        startAfter,
        needLocation: false,
      })
      assert.equal(dirList?.remainingEntries, 0)
      const { serverDefaults } = await client.call(address, protocol, getServerDefaults, {})
      assert.equal(serverDefaults.bytesPerChecksum, 512)
      const call = client.call(address, protocol, getBlockLocations, { src: '/no', offset: 0n, length: 1n })
      await assert.rejects(call, {
        name: 'RemoteException',
        javaClass: 'java.io.FileNotFoundException',
        message: 'File does not exist: /no',
      })
    })

    await context.test('1,000 calls at once are answered', async () => {
      const calls = Array.from({ length: 1000 }, () =>
        client.call(address, protocol, getFileInfo, { src: '/' }),
      )
      assert.ok((await Promise.all(calls)).every(({ fs }) => fs?.fileType === 1))
    })

    await context.test('an unknown method, protocol and the HTTP port are told apart', async () => {
      const unknown = { ...getFileInfo, name: 'noSuchMethod' }
      await assert.rejects(client.call(address, protocol, unknown, { src: '/' }), {
        javaClass: 'org.apache.hadoop.ipc.RpcNoSuchMethodException',
        message: /^ClientProtocol of .* \(Hadoop RPC 9, Hadoop 2\.1 and later\) has no noSuchMethod$/,
        detail: 2,
      })
      await assert.rejects(client.call(address, 'no.such.Protocol', getFileInfo, { src: '/' }), {
        javaClass: 'org.apache.hadoop.ipc.RpcNoSuchProtocolException',
        message: 'Unknown protocol: no.such.Protocol',
        detail: 3,
      })
      const http = { host: hadoop.host, port: hadoop.httpPort }
      await assert.rejects(client.call(http, protocol, getFileInfo, { src: '/' }), {
        code: 'ERR_HRPC_NOT_RPC',
      })
    })

    await context.test('Java’s shell calls RpcServer', async () => {
      const seen: string[] = []
      const handlers = {
        getFileInfo: ({ src }: { src: string }, call: { user: string; retryCount: number }) => {
          seen.push(`${call.user} ${src} ${call.retryCount}`)
          return src === '/missing' ? {} : { fs: file }
        },
      }
      const service = defineService({ protocol, methods: ClientNamenodeProtocol, handlers })
      const server = new RpcServer({ services: [service] })
      const { port } = await server.listen({ port: 0 })
      const url = `hdfs://127.0.0.1:${port}`
      const found = await hadoop.fs('-fs', url, '-stat', '%n %b %a %u %g %r %o', '/a/file')
      assert.equal(found.stdout.trim(), 'file 4242 640 cairn stone 3 131072')
      const absent = await hadoop.fs('-fs', url, '-stat', '/missing')
      assert.match(absent.stderr, /stat: `\/missing': No such file or directory/)
      const unsupported = await hadoop.fs('-fs', url, '-df')
      assert.match(unsupported.stderr, /df: Unknown method getFsStats called on .*ClientProtocol protocol\./)
      assert.deepEqual(seen.slice(0, 2), ['root /a/file 0', 'root /missing 0'])
      await server.close()
    })

    await client.close()
    await hadoop.stop()
    await assert.rejects(connectTcp({ ...address, timeoutMs: 5000 }), { code: 'ECONNREFUSED' })
  })
}
