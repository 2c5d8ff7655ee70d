import assert from 'node:assert/strict'
import { connect, createServer } from 'node:net'
import { test } from 'node:test'
import {
  ClientNamenodeProtocol,
  GetFileInfoRequestProto,
  GetFileInfoResponseProto,
} from '@cairn/hadoop-proto'
import {
  type ClientForm,
  dialectMap,
  generation7,
  generation9,
  type ProtocolDialect,
  type RpcGeneration,
} from '@cairn/hadoop-rpc'
import { RemoteException, RpcConnectionError, UnsupportedByReleaseError } from './index.ts'
import { counting, protocol, serve, silentServer } from './testing/servers-of-generations.ts'

const { getFileInfo, mkdirs, getServerDefaults, truncate } = ClientNamenodeProtocol

/** Says `getFileInfo` as `stat`, answers defaults itself, makes two calls of `mkdirs`, and has no truncate. */
const dialect: ProtocolDialect = {
  protocol,
  version: 61n,
  greeting: {
    form: { name: 'hello', request: GetFileInfoRequestProto, response: GetFileInfoResponseProto },
    request: { src: '/hello' },
  },
  clientForm(method): ClientForm | undefined {
    const stat = { ...getFileInfo, name: 'stat' }
    switch (method) {
      case 'getFileInfo':
        return { kind: 'call', form: stat }
      case 'getServerDefaults':
        return { kind: 'local', answer: () => 'known' }
      case 'mkdirs':
        return {
          kind: 'composed',
          run: async (request, call) => {
            const { src } = request as { src: string }
            await call(stat, { src: `${src}/1` })
            await call(stat, { src: `${src}/2` })
            return { result: true }
          },
        }
      case 'truncate':
        return { kind: 'absent', since: '2.7.0' }
      default:
        return undefined
    }
  },
  serverForm(call) {
    if (call.method === 'stat') return { kind: 'call', method: 'getFileInfo', form: getFileInfo }
    return call.method === 'hello' ? { kind: 'local', form: getFileInfo, answer: () => ({}) } : undefined
  },
}
const spoken: RpcGeneration = { ...generation7, dialects: dialectMap([dialect]) }

test('calls are said in the server’s words, and heard in today’s [hgen.dialect.1] [hgen.dialect.2]', async () => {
  const { server, calls, address } = await serve([spoken])
  const { client, made, ask } = counting({ generations: [generation9, spoken] })
  assert.deepEqual(await ask(address, '/a'), { fs: undefined })
  const request = { src: '/d', masked: { perm: 0 }, createParent: true }
  assert.deepEqual(await client.call(address, protocol, mkdirs, request), { result: true })
  assert.deepEqual(
    calls.map(({ src, call }) => [src, call.method]),
    [
      ['/a', 'getFileInfo'],
      ['/d/1', 'getFileInfo'],
      ['/d/2', 'getFileInfo'],
    ],
  )
  assert.equal(made.length, 2)
  await client.close()
  await server.close()
})

test('what needs no wire is answered once the server has spoken [hgen.find.5]', async () => {
  const { server, address } = await serve([spoken])
  const { client, made } = counting({ generations: [generation9, spoken] })
  const twice = [1, 2].map(() => client.call(address, protocol, getServerDefaults, {}))
  assert.deepEqual(await Promise.all(twice), ['known', 'known'])
  assert.equal(made.length, 2)
  assert.equal(await client.call(address, protocol, getServerDefaults, {}), 'known' as never)
  const dumb = await silentServer(0, undefined)
  await assert.rejects(client.call(dumb.address, protocol, getServerDefaults, {}), RpcConnectionError)
  await client.close()
  await server.close()
  dumb.close()
})

test('who gives up a call takes none with it that waits for the same word of the server [hgen.find.5]', async () => {
  const { server, address } = await serve([spoken])
  const abort = new AbortController()
  // The greeting has been sent, and is not answered before the first calls are given up.
  const slow = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', (bytes) => {
      abort.abort(new Error('enough'))
      const onward = connect(address.port, address.host)
      onward.on('error', () => {})
      onward.write(bytes)
      socket.pipe(onward).pipe(socket)
    })
  })
  await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve))
  const { port } = slow.address() as { port: number }
  const { client } = counting({ generations: [spoken] })
  const ask = (options = {}) =>
    client.call({ host: '127.0.0.1', port }, protocol, getServerDefaults, {}, options)
  const given = [1, 2].map(() => ask({ signal: abort.signal }))
  const kept = ask()
  for (const call of given) await assert.rejects(call, { message: 'enough' })
  assert.equal(await kept, 'known' as never)
  await client.close()
  await server.close()
  slow.close()
})

test('a call that the release lacks says since when there is one [hgen.absent.1]', async () => {
  const { server, calls, address } = await serve([spoken])
  const { client } = counting({ generations: [spoken] })
  const request = { src: '/f', newLength: 1n, clientName: 'c' }
  await assert.rejects(client.call(address, protocol, truncate, request), {
    name: 'UnsupportedByReleaseError',
    code: 'ERR_RPC_UNSUPPORTED',
    javaClass: 'org.apache.hadoop.ipc.RpcNoSuchMethodException',
    rpcVersion: 7,
    method: 'truncate',
    since: '2.7.0',
    message: `ClientProtocol 61 of 127.0.0.1:${address.port} (Hadoop RPC 7, Hadoop 2.0.0 to 2.0.2-alpha) has no truncate; Hadoop has it since 2.7.0`,
  })
  assert.equal(calls.length, 0)
  await client.close()
  await server.close()
})

test('a server’s own "no such method" is the same error [hgen.absent.2]', async () => {
  for (const generation of [generation9, generation7]) {
    const { server, address } = await serve([generation])
    const since = (_: string, method: string) => (method === 'truncate' ? '2.7.0' : undefined)
    const { client } = counting({ generations: [{ ...generation, since }] })
    const request = { src: '/f', newLength: 1n, clientName: 'c' }
    await assert.rejects(client.call(address, protocol, truncate, request), (error) => {
      assert.ok(error instanceof UnsupportedByReleaseError && error.cause instanceof RemoteException)
      assert.deepEqual([error.since, error.rpcVersion], ['2.7.0', generation.version])
      assert.match(error.cause.message, /^Unknown method truncate called on /)
      return true
    })
    await client.close()
    await server.close()
  }
})
