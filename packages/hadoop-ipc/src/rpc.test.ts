import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ClientNamenodeProtocol, type GetFileInfoResponseProto } from '@cairn/hadoop-proto'
import { defineService, type Handlers, type Logger, RemoteException, RpcClient, RpcServer } from './index.ts'

const protocol = 'org.apache.hadoop.hdfs.protocol.ClientProtocol'
const { getFileInfo, mkdirs } = ClientNamenodeProtocol

type Methods = typeof ClientNamenodeProtocol

const missing: GetFileInfoResponseProto = {}

/** A server with these handlers and a client of it. */
async function pair(
  handlers: Handlers<Methods>,
  server: Partial<ConstructorParameters<typeof RpcServer>[0]> = {},
  client: Partial<ConstructorParameters<typeof RpcClient>[0]> = {},
) {
  const service = defineService({ protocol, methods: ClientNamenodeProtocol, handlers })
  const rpcServer = new RpcServer({ services: [service], ...server })
  const address = await rpcServer.listen({ port: 0 })
  const rpcClient = new RpcClient({ user: 'alice', ...client })
  return {
    address,
    server: rpcServer,
    client: rpcClient,
    getFileInfo: (src: string, options = {}) =>
      rpcClient.call(address, protocol, getFileInfo, { src }, options),
    async stop() {
      await rpcClient.close()
      await rpcServer.close({ timeoutMs: 100 })
    },
  }
}

function recorder(): { logger: Logger; lines: string[] } {
  const lines: string[] = []
  const log = (fields: object, message: string): number => lines.push(`${message} ${JSON.stringify(fields)}`)
  return { lines, logger: { debug: log, info: log, warn: log, error: log } }
}

test('a call reaches its handler with user, ids and request, and returns its response', async () => {
  const p = await pair(
    {
      getFileInfo: ({ src }, call) => {
        assert.equal(src, '/a')
        assert.deepEqual(
          [call.user, call.realUser, call.protocol, call.method, call.callId, call.retryCount],
          ['alice', 'oozie', protocol, 'getFileInfo', 7, 2],
        )
        assert.deepEqual(call.clientId, p.client.clientId)
        assert.equal(call.signal.aborted, false)
        return missing
      },
    },
    {},
    { realUser: 'oozie' },
  )
  assert.deepEqual(await p.getFileInfo('/a', { callId: 7, retryCount: 2 }), { fs: undefined })
  await p.stop()
})

test('answers come in the order in which handlers finish; sync and async handlers mix', async () => {
  const waiting = new Map<string, () => void>()
  const order: string[] = []
  const p = await pair({
    getFileInfo: ({ src }) => {
      if (src === '/now') return missing
      return new Promise((resolve) => waiting.set(src, () => resolve(missing)))
    },
  })
  const calls = ['/slow', '/quick'].map((src) => p.getFileInfo(src).then(() => order.push(src)))
  await p.getFileInfo('/now').then(() => order.push('/now'))
  waiting.get('/quick')?.()
  await calls[1]
  waiting.get('/slow')?.()
  await calls[0]
  assert.deepEqual(order, ['/now', '/quick', '/slow'])
  await p.stop()
})

test('a handler that throws RemoteException fails that call with class, message and address', async () => {
  const p = await pair({
    getFileInfo: ({ src }) => {
      throw new RemoteException(
        'org.apache.hadoop.security.AccessControlException',
        `Permission denied: ${src}`,
      )
    },
    mkdirs: async () => ({ result: true }),
  })
  await assert.rejects(p.getFileInfo('/x'), {
    name: 'RemoteException',
    javaClass: 'org.apache.hadoop.security.AccessControlException',
    message: 'Permission denied: /x',
    address: `127.0.0.1:${p.address.port}`,
  })
  const masked = { perm: 0o755 }
  assert.deepEqual(
    await p.client.call(p.address, protocol, mkdirs, { src: '/d', masked, createParent: true }),
    { result: true },
  )
  await p.stop()
})

test('any other failure of a handler, and an impossible response, is logged and answered; the connection lives', async () => {
  const { logger, lines } = recorder()
  const p = await pair(
    {
      getFileInfo: async ({ src }) => {
        if (src === '/boom') throw new TypeError('boom')
        // A required field is missing, as a bug of a handler could have it.
        if (src === '/half') return JSON.parse('{"fs":{"fileType":1}}')
        return missing
      },
    },
    { logger },
  )
  await assert.rejects(p.getFileInfo('/boom'), {
    javaClass: 'org.apache.hadoop.ipc.RpcServerException',
    message: 'boom',
  })
  await assert.rejects(p.getFileInfo('/half'), { javaClass: 'org.apache.hadoop.ipc.RpcServerException' })
  await p.getFileInfo('/fine')
  assert.equal(lines.filter((line) => line.startsWith('rpc handler failed')).length, 2)
  await p.stop()
})

test('unknown method, protocol and version are told apart as Hadoop does', async () => {
  const p = await pair({ getFileInfo: () => missing })
  await assert.rejects(
    p.client.call(p.address, protocol, mkdirs, { src: '/', masked: { perm: 0 }, createParent: true }),
    {
      javaClass: 'org.apache.hadoop.ipc.RpcNoSuchMethodException',
      message: /^ClientProtocol of .* \(Hadoop RPC 9, Hadoop 2\.1 and later\) has no mkdirs$/,
      detail: 2,
    },
  )
  await assert.rejects(p.client.call(p.address, 'no.such.Protocol', getFileInfo, { src: '/' }), {
    javaClass: 'org.apache.hadoop.ipc.RpcNoSuchProtocolException',
    message: 'Unknown protocol: no.such.Protocol',
    detail: 3,
  })
  await p.stop()
})

test('a connection that is not RPC is answered and closed; the server serves on', async () => {
  const { logger, lines } = recorder()
  const p = await pair({ getFileInfo: () => missing }, { logger })
  const response = await fetch(`http://127.0.0.1:${p.address.port}/`)
  assert.equal(response.status, 404)
  assert.match(lines.join('\n'), /ERR_HRPC_NOT_RPC/)
  await p.getFileInfo('/')
  await p.stop()
})

test('connecting to nothing rejects with code, address, hint, and sent = false', async () => {
  const listener = await pair({})
  await listener.stop()
  const client = new RpcClient({ user: 'alice' })
  await assert.rejects(client.call(listener.address, protocol, getFileInfo, { src: '/' }), (error) => {
    assert.ok(error instanceof Error && 'code' in error && 'sent' in error && 'address' in error)
    assert.deepEqual(
      [error.code, error.sent, error.address],
      ['ECONNREFUSED', false, `127.0.0.1:${listener.address.port}`],
    )
    assert.match(error.message, /is the NameNode up, is the port the RPC port/)
    return true
  })
  await client.close()
  await assert.rejects(client.call(listener.address, protocol, getFileInfo, { src: '/' }), {
    code: 'ERR_RPC_CLIENT_CLOSED',
  })
})
