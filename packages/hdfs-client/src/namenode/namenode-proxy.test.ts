import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { type CallContext, defineService, RemoteException, RpcClient, RpcServer } from '@cairn/hadoop-ipc'
import { clientProtocol, type HdfsGeneration, hdfsGenerations, javaExceptions } from '@cairn/hdfs-protocol'
import { type Connection, connectTcp } from '@cairn/transport'
import { NamenodeError } from './namenode-error.ts'
import { NamenodeProxy } from './namenode-proxy.ts'

/** What a NameNode of a test does with a call; it answers true unless this throws. */
type Behaviour = (call: CallContext) => void

const closing: (() => Promise<void>)[] = []
after(async () => {
  for (const close of closing) await close()
})

async function namenode(
  behaviour: Behaviour,
  generations?: readonly HdfsGeneration[],
): Promise<{ host: string; port: number; server: RpcServer }> {
  const service = defineService({
    protocol: clientProtocol.name,
    methods: clientProtocol.methods,
    handlers: {
      delete: (_request, call) => {
        behaviour(call)
        return { result: true }
      },
    },
  })
  const server = new RpcServer({ services: [service], generations })
  closing.push(() => server.close())
  return { ...(await server.listen({ port: 0 })), server }
}

function proxyOf(
  addresses: readonly { host: string; port: number }[],
  retry: { retryMs?: number; safeModeWaitMs?: number } = {},
): NamenodeProxy {
  const rpc = new RpcClient({ user: 'test', callTimeoutMs: 5_000 })
  closing.push(() => rpc.close())
  const target = { authority: 'test', addresses: addresses.map(({ host, port }) => ({ host, port })) }
  return new NamenodeProxy(rpc, target, { retryMs: 5_000, safeModeWaitMs: 0, ...retry })
}

const request = { src: '/a', recursive: false }

// [hgen.repeat.1]
test('call is made again after a broken connection only where the NameNode remembers its answers', async () => {
  const outcome = async (rpcVersion: number): Promise<[number, unknown]> => {
    let calls = 0
    let connection: Connection | undefined
    const { host, port } = await namenode(() => {
      calls += 1
      if (calls === 2) connection?.destroy()
    }, hdfsGenerations)
    const rpc = new RpcClient({
      user: 'test',
      generations: hdfsGenerations,
      rpcVersion,
      async connect(address, signal) {
        connection = await connectTcp({ ...address, signal })
        return connection
      },
    })
    closing.push(() => rpc.close())
    const target = { authority: 'test', addresses: [{ host, port }] }
    const proxy = new NamenodeProxy(rpc, target, { retryMs: 5_000, safeModeWaitMs: 0 })
    await proxy.call('delete', request)
    const told = await proxy.call('delete', request).catch((error: { code: unknown }) => error.code)
    return [calls, told]
  }
  assert.deepEqual(await outcome(9), [3, { result: true }])
  assert.deepEqual(await outcome(7), [2, 'ERR_HDFS_UNREACHABLE'])
  assert.deepEqual(await outcome(4), [2, 'ERR_HDFS_UNREACHABLE'])
})

// [hgen.repeat.1]
test('whether a call may be made again is asked of the NameNode that had it, not of the next one', async () => {
  let connection: Connection | undefined
  let deletions = 0
  const service = defineService({
    protocol: clientProtocol.name,
    methods: clientProtocol.methods,
    handlers: {
      getFileInfo: () => (deletions === 0 ? {} : new Promise<never>(() => {})),
      delete: () => {
        deletions += 1
        if (deletions === 2) connection?.destroy()
        return { result: true }
      },
    },
  })
  const old = hdfsGenerations.filter(({ version }) => version === 7)
  const server = new RpcServer({ services: [service], generations: old })
  closing.push(() => server.close({ timeoutMs: 0 }))
  const first = await server.listen({ port: 0 })
  let repeated = 0
  const second = await namenode(() => {
    repeated += 1
  })
  const rpc = new RpcClient({
    user: 'test',
    generations: hdfsGenerations,
    async connect(address, signal) {
      const made = await connectTcp({ ...address, signal })
      if (address.port === first.port) connection = made
      return made
    },
  })
  closing.push(() => rpc.close())
  const addresses = [first, { host: second.host, port: second.port }]
  const proxy = new NamenodeProxy(
    rpc,
    { authority: 'test', addresses },
    { retryMs: 5_000, safeModeWaitMs: 0 },
  )
  await proxy.call('delete', request)
  // The harmless one breaks first, and the proxy goes over to the other NameNode.
  const harmless = proxy.call('getFileInfo', { src: '/a' })
  const told = proxy.call('delete', request).catch((error: { code: unknown }) => error.code)
  await assert.rejects(harmless)
  assert.equal(await told, 'ERR_HDFS_UNREACHABLE')
  assert.equal(repeated, 0)
})

const standby = () => {
  throw new RemoteException(
    javaExceptions.StandbyException,
    'Operation category WRITE is not supported in state standby',
  )
}

test('call fails over from a standby NameNode, with the same call id and a higher retry count', async () => {
  const seen: CallContext[] = []
  const first = await namenode((call) => {
    seen.push(call)
    standby()
  })
  const second = await namenode((call) => void seen.push(call))
  const proxy = proxyOf([first, second])
  assert.deepEqual(await proxy.call('delete', request), { result: true })
  assert.deepEqual(
    seen.map(({ callId, retryCount }) => [callId, retryCount]),
    [
      [seen[0]!.callId, 0],
      [seen[0]!.callId, 1],
    ],
  )
  assert.deepEqual(seen[0]!.clientId, seen[1]!.clientId)
  assert.equal(proxy.activeAddress, `${second.host}:${second.port}`)
  await proxy.call('delete', request)
  assert.equal(seen.length, 3, 'the next call goes to the active one')
})

test('call waits for a NameNode that becomes active while all are in standby', async () => {
  let active = false
  const both = [await namenode(() => active || standby()), await namenode(standby)]
  const proxy = proxyOf(both)
  const answer = proxy.call('delete', request)
  setTimeout(() => {
    active = true
  }, 50)
  assert.deepEqual(await answer, { result: true })
})

test('call says that the only NameNode is in standby, at once', async () => {
  const { host, port } = await namenode(standby)
  await assert.rejects(proxyOf([{ host, port }]).call('delete', request), {
    name: 'NamenodeError',
    code: 'ERR_HDFS_STANDBY',
    address: `${host}:${port}`,
    message: new RegExp(`${port}.*standby.*hdfs://nameservice`),
  })
})

test('call asks the other NameNode when one is silent for longer than retryMs', async () => {
  let release: () => void = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  const service = defineService({
    protocol: clientProtocol.name,
    methods: clientProtocol.methods,
    handlers: { delete: () => released.then(() => ({ result: false })) },
  })
  const silent = new RpcServer({ services: [service] })
  closing.push(() => silent.close())
  const address = await silent.listen({ port: 0 })
  const rpc = new RpcClient({ user: 'test', callTimeoutMs: 300 })
  closing.push(() => rpc.close())
  const other = await namenode(() => undefined)
  const addresses = [address, { host: other.host, port: other.port }]
  const proxy = new NamenodeProxy(rpc, { authority: 'test', addresses }, { retryMs: 100, safeModeWaitMs: 0 })
  assert.deepEqual(await proxy.call('delete', request), { result: true })
  release()
})

test('call gives up when every NameNode stays in standby for retryMs', async () => {
  const both = [await namenode(standby), await namenode(standby)]
  await assert.rejects(proxyOf(both, { retryMs: 30 }).call('delete', request), { code: 'ERR_HDFS_STANDBY' })
})

test('call fails over from a closed port; when all are closed it says so after one round', async () => {
  const gone = await namenode(() => undefined)
  await gone.server.close()
  const alive = await namenode(() => undefined)
  assert.deepEqual(await proxyOf([gone, alive]).call('delete', request), { result: true })
  await alive.server.close()
  await assert.rejects(proxyOf([gone, alive]).call('delete', request), {
    code: 'ERR_HDFS_UNREACHABLE',
    message: new RegExp(`${gone.port}.*${alive.port}.*refused`),
  })
})

test('call is repeated on a NameNode that answered before and then broke the connection', async () => {
  const calls: CallContext[] = []
  const peer = await namenode((call) => void calls.push(call))
  const proxy = proxyOf([peer])
  await proxy.call('delete', request)
  await peer.server.close()
  const again = proxy.call('delete', request)
  const service = defineService({
    protocol: clientProtocol.name,
    methods: clientProtocol.methods,
    handlers: { delete: () => ({ result: false }) },
  })
  const server = new RpcServer({ services: [service] })
  closing.push(() => server.close())
  await server.listen({ port: peer.port })
  assert.deepEqual(await again, { result: false })
})

test('call repeats what a busy NameNode puts off, and gives up after retryMs', async () => {
  let failures = 2
  const busy = await namenode(() => {
    failures -= 1
    if (failures >= 0)
      throw new RemoteException(javaExceptions.RetriableException, 'NameNode still not started')
  })
  assert.deepEqual(await proxyOf([busy]).call('delete', request), { result: true })
  failures = 1000
  await assert.rejects(proxyOf([busy], { retryMs: 30 }).call('delete', request), {
    code: 'ERR_HDFS_BUSY',
    message: /NameNode still not started/,
  })
})

test('call waits for the end of safe mode only as long as it may', async () => {
  let safe = true
  const text = 'Cannot delete /a. Name node is in safe mode.'
  const peer = await namenode(() => {
    if (safe) throw new RemoteException(javaExceptions.SafeModeException, text)
  })
  await assert.rejects(proxyOf([peer]).call('delete', request), (error: unknown) => {
    assert.ok(error instanceof NamenodeError)
    assert.equal(error.code, 'ERR_HDFS_SAFE_MODE')
    assert.match(error.message, new RegExp(`${peer.port}.*safeModeWaitMs`))
    assert.ok(error.cause instanceof RemoteException)
    return true
  })
  const waiting = proxyOf([peer], { safeModeWaitMs: 5_000 }).call('delete', request)
  setTimeout(() => {
    safe = false
  }, 20)
  assert.deepEqual(await waiting, { result: true })
})

test('call hands on refusals, unknown protocols and aborts', async () => {
  const refusing = await namenode(() => {
    throw new RemoteException(javaExceptions.AccessControlException, 'Permission denied')
  })
  await assert.rejects(proxyOf([refusing]).call('delete', request), {
    javaClass: javaExceptions.AccessControlException,
  })
  const other = new RpcServer({ services: [] })
  closing.push(() => other.close())
  const address = await other.listen({ port: 0 })
  await assert.rejects(proxyOf([address]).call('delete', request), { code: 'ERR_HDFS_NOT_A_NAMENODE' })
  const reason = new Error('enough')
  const both = [await namenode(standby), await namenode(standby)]
  const aborted = proxyOf(both).call('delete', request, { signal: AbortSignal.timeout(20) })
  await assert.rejects(aborted, { name: 'TimeoutError' })
  await assert.rejects(proxyOf(both).call('delete', request, { signal: AbortSignal.abort(reason) }), reason)
})
