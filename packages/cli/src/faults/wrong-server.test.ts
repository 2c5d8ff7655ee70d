import assert from 'node:assert/strict'
import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { connect } from '@cairn/hdfs-client'
import { freePort, patternBytes } from '@cairn/testkit'
import { CliBench } from '../test-support/cli-bench.ts'
import { type FakeBehaviour, FakeServer, oldVersionMismatch, rpcError } from './fake-server.ts'

let bench: CliBench
before(async () => {
  bench = await CliBench.start()
})
after(() => bench.close())

/** Whatever is wrong, nobody waits longer for the answer. */
const limitMs = 8_000

/** Says how client and command fail at an address: both name it, what was found there, and what to do. */
async function failsAt(address: string, code: string, found: RegExp, advice: RegExp): Promise<void> {
  const startedAt = performance.now()
  await assert.rejects(connect(`hdfs://${address}/`, { confDir: false, callTimeoutMs: 1500 }), (error) => {
    assert.ok(error instanceof Error)
    const { name, message } = error
    assert.deepEqual({ name, code: 'code' in error && error.code }, { name: 'NamenodeError', code }, message)
    assert.ok(message.includes(address), message)
    assert.match(message, found)
    assert.match(message, advice)
    assert.ok(!message.includes('\n'), message)
    return true
  })
  for (const words of [
    ['ls', `hdfs://${address}/`],
    ['put', '-', `hdfs://${address}/file`],
    ['cat', `hdfs://${address}/file`],
    ['df', `hdfs://${address}/`],
  ]) {
    const result = await bench.run([...words, '--conf', 'ipc.client.rpc-timeout.ms=1500'], { stdin: 'x' })
    assert.deepEqual([result.code, result.stdout], [1, ''], words.join(' '))
    assert.ok(result.stderr.startsWith(`cairn ${words[0]}: `), result.stderr)
    assert.ok(result.stderr.includes(address), result.stderr)
    assert.match(result.stderr, found)
    assert.match(result.stderr, advice)
    assert.equal(result.stderr.trimEnd().split('\n').length, 1, result.stderr)
  }
  assert.ok(performance.now() - startedAt < limitMs)
}

interface FakeCase {
  readonly name: string
  readonly behaviour: FakeBehaviour
  readonly code: string
  readonly found: RegExp
  readonly advice: RegExp
}

const standbyClass = 'org.apache.hadoop.ipc.StandbyException'
const standbyText =
  'Operation category READ is not supported in state standby. Visit https://s.apache.org/sbnn-error'

const fakes: readonly FakeCase[] = [
  {
    name: 'a server that never answers',
    behaviour: {},
    code: 'ERR_HDFS_TIMEOUT',
    found: /no answer within 1500 ms/,
    advice: /is it overloaded, or is this another service\?/,
  },
  {
    name: 'a server that speaks garbage',
    behaviour: { answer: patternBytes(300, 5) },
    code: 'ERR_HDFS_NOT_A_NAMENODE',
    found: /found/,
    advice: /use the port of fs\.defaultFS/,
  },
  {
    name: 'an SSH server',
    behaviour: { banner: Buffer.from('SSH-2.0-OpenSSH_9.6\r\n') },
    code: 'ERR_HDFS_NOT_A_NAMENODE',
    found: /found/,
    advice: /use the port of fs\.defaultFS/,
  },
  {
    name: 'a TLS server, which answers with an alert',
    behaviour: { answer: Buffer.from('15030300020232', 'hex'), ends: true },
    code: 'ERR_HDFS_NOT_A_NAMENODE',
    found: /found/,
    advice: /use the port of fs\.defaultFS/,
  },
  {
    name: 'half an answer and then silence',
    behaviour: { answer: rpcError('java.io.IOException', 'x').subarray(0, 11) },
    code: 'ERR_HDFS_TIMEOUT',
    found: /no answer within 1500 ms/,
    advice: /is it overloaded/,
  },
  {
    name: 'what closes without a word, as Hadoop 1 does to newer clients, and says none to older ones either',
    behaviour: { ends: true },
    code: 'ERR_HDFS_UNREACHABLE',
    found: /closed the connection without any answer/,
    advice: /is this its RPC port\?/,
  },
  {
    name: 'a NameNode of Hadoop 0.23, RPC version 5',
    behaviour: {
      answer: oldVersionMismatch('Server IPC version 5 cannot communicate with client version 9'),
      ends: true,
    },
    code: 'ERR_HDFS_VERSION',
    found: /hdfs:\/\/127\.0\.0\.1:\d+ speaks Hadoop RPC 5 \(Hadoop 0\.23\)/,
    advice: /this client speaks 9, 8, 7, 4$/m,
  },
  {
    name: 'a NameNode in standby',
    // A client may ask for the server's defaults beside the call itself.
    behaviour: {
      answer: Buffer.concat([0, 1].map((callId) => rpcError(standbyClass, standbyText, callId))),
    },
    code: 'ERR_HDFS_STANDBY',
    found: /it is in standby/,
    advice: /connect to hdfs:\/\/nameservice with the cluster's hdfs-site\.xml \(HADOOP_CONF_DIR\)/,
  },
]

test('a server that never answers is found out by the first call of a lazy client too', async () => {
  const fake = await FakeServer.listen({})
  const client = await connect(`hdfs://${fake.address}/`, {
    confDir: false,
    lazy: true,
    connectTimeoutMs: 300,
  })
  try {
    await assert.rejects(client.stat('/'), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'ERR_HDFS_TIMEOUT')
      assert.ok(error.message.includes(fake.address), error.message)
      assert.match(error.message, /no answer to anything within 300 ms; .*fs\.defaultFS/)
      return true
    })
  } finally {
    await client.close()
    await fake[Symbol.asyncDispose]()
  }
})

describe('what is no NameNode is told by client and command', () => {
  for (const { name, behaviour, code, found, advice } of fakes) {
    test(name, async () => {
      const fake = await FakeServer.listen(behaviour)
      try {
        await failsAt(fake.address, code, found, advice)
      } finally {
        await fake[Symbol.asyncDispose]()
      }
    })
  }

  test('a closed port', async () => {
    const address = `127.0.0.1:${await freePort()}`
    await failsAt(
      address,
      'ERR_HDFS_UNREACHABLE',
      /connection refused/,
      /is the NameNode up, is the port the RPC port \(8020 or 9000\)\?/,
    )
  })

  test('a web server', async () => {
    const server = createHttpServer((_, response) => response.end('hello'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`
    await failsAt(address, 'ERR_HDFS_NOT_A_NAMENODE', /HTTP/, /use the port of fs\.defaultFS/)
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })

  test('the data transfer port of a DataNode', async () => {
    const { host, port } = bench.cluster.datanodes[0]!.address
    const found = /closed the connection without any answer|found/
    await failsAt(`${host}:${port}`, 'ERR_HDFS_UNREACHABLE', found, /is this its RPC port\?/)
  })

  test('the RPC port of a DataNode', async () => {
    const client = await bench.cluster.connect()
    await client.writeFile('/ports', 'x')
    const [block] = await client.blockLocations('/ports')
    await client.close()
    const { ipAddr, ipcPort } = block!.locatedBlock.locs[0]!.id
    await failsAt(
      `${ipAddr}:${ipcPort}`,
      'ERR_HDFS_NOT_A_NAMENODE',
      /ClientProtocol/,
      /use the port of fs\.defaultFS/,
    )
  })
})

test('a NameNode in safe mode refuses changes with the way out, answers reads, and serves on after it', async () => {
  const client = await connect(bench.cluster.url, { confDir: false })
  try {
    await client.writeFile('/before', 'here')
    // SafeModeActionProto SAFEMODE_ENTER; 1 leaves.
    await client.call('setSafeMode', { action: 2 })
    assert.equal(await client.isInSafeMode(), true)
    const address = bench.cluster.url.slice('hdfs://'.length)
    const attempts: (() => Promise<unknown>)[] = [
      () => client.mkdir('/new'),
      () => client.writeFile('/new', 'x'),
      () => client.appendFile('/before', 'x'),
      () => client.rename('/before', '/after'),
      () => client.rm('/before'),
      () => client.chmod('/before', 0o600),
      () => client.setReplication('/before', 1),
      () => client.truncate('/before', 1),
    ]
    for (const attempt of attempts) {
      await assert.rejects(attempt(), (error: NodeJS.ErrnoException) => {
        assert.equal(error.code, 'EROFS', error.message)
        assert.ok(error.message.includes(address), error.message)
        assert.match(error.message, /is in safe mode; wait .*, or run hdfs dfsadmin -safemode leave/)
        return true
      })
    }
    assert.equal(await client.readFile('/before', 'utf8'), 'here')
    for (const line of ['mkdir /new', 'put - /new', 'rm /before', 'mv /before /after', 'touch /new']) {
      const stderr = await bench.fails(line, 1, { stdin: 'x' })
      assert.match(stderr, /Read-only file system/, line)
      assert.ok(stderr.includes(address), stderr)
      assert.match(stderr, /safe mode; wait .*-safemode leave/)
    }
    assert.equal(await bench.ok('cat /before'), 'here')
    await client.call('setSafeMode', { action: 1 })
    await client.mkdir('/new')
    assert.deepEqual(
      (await client.readdir('/')).filter((name) => name !== 'ports'),
      ['before', 'new'],
    )
  } finally {
    await client.close()
  }
})
