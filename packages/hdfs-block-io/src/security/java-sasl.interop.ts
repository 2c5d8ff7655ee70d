// Both ends of SASL with block tokens (`dfs.data.transfer.protection`) against Java's own classes: in a cluster Java
// wants Kerberos for that, here test-data/SaslPeer.java brings the classes without a cluster.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { ByteReader, concatBytes, parseHex, ReceiveBuffer } from '@cairn/bytes'
import type { TokenProto } from '@cairn/hadoop-proto'
import {
  blockTokenKind,
  type Handshake,
  type Qop,
  SaslServerHandshake,
  tokenCredentials,
} from '@cairn/hdfs-protocol'
import { fetchHadoop, jarsOf, jvmOptions, missingForHadoop, patternBytes } from '@cairn/testkit'
import { type Connection, connectTcp, listenTcp } from '@cairn/transport'
import { DatanodeSecurity } from './datanode-security.ts'
import { nodeCrypto } from './node-crypto.ts'
import { secureConnection } from './secure-connection.ts'

const missing = missingForHadoop()
const skip = missing ?? false
const timeoutMs = 30_000
const sizes = [1, 7, 8, 1000, 65_536, 300_001, 0]

let peer: ChildProcess
let lines: AsyncIterator<string>
let token: TokenProto

before(async () => {
  if (skip) return
  const jars = jarsOf(fetchHadoop(process.env.HADOOP_VERSION ?? '3.4.3'))
  const source = fileURLToPath(new URL('../../test-data/SaslPeer.java', import.meta.url))
  const args = [...jvmOptions('128m'), '-cp', jars, source]
  peer = spawn('java', args, { stdio: ['pipe', 'pipe', 'ignore'] })
  lines = createInterface({ input: peer.stdout! })[Symbol.asyncIterator]()
  const [identifier, password] = (await nextLine()).split(' ')
  token = {
    identifier: parseHex(identifier!),
    password: parseHex(password!),
    kind: blockTokenKind,
    service: '',
  }
})

after(() => {
  peer?.kill()
})

async function nextLine(): Promise<string> {
  const { value, done } = await lines.next()
  if (done) throw new Error('the Java peer has ended')
  return value
}

/** Sends messages of many sizes and takes them back. */
async function echoed(connection: Connection): Promise<void> {
  const sent = sizes.map((size) => {
    const frame = new Uint8Array(4 + size)
    new DataView(frame.buffer).setUint32(0, size)
    frame.set(patternBytes(size), 4)
    return frame
  })
  const total = sent.reduce((sum, frame) => sum + frame.length, 0)
  const input = new ReceiveBuffer({ maxBytes: 1 << 20 })
  await new Promise<void>((resolve, reject) => {
    connection.start({
      input,
      onReceive() {
        if (input.length >= total) resolve()
      },
      onClose: (error) => reject(error ?? new Error('the peer closed the connection')),
    })
    for (const frame of sent) connection.write(frame)
  })
  assert.deepEqual(new ByteReader(input.view()).copy(total), concatBytes(sent))
  connection.destroy()
}

const protections: Readonly<Record<Qop, string>> = {
  auth: 'authentication',
  'auth-int': 'integrity',
  'auth-conf': 'privacy',
}
const kinds: [Qop, boolean][] = [
  ['auth', false],
  ['auth-int', false],
  ['auth-conf', false],
  ['auth-conf', true],
]

for (const [qop, aes] of kinds) {
  const suites = aes ? 'AES/CTR/NoPadding' : 'none'
  const name = `${protections[qop]}${aes ? ' with AES' : ''}`

  test(`[sasl.user.1] our client at Java's server: ${name}`, { skip }, async () => {
    peer.stdin!.write(`server ${protections[qop]} ${suites}\n`)
    const port = Number(await nextLine())
    const security = new DatanodeSecurity({ encryptionKey: () => undefined, protection: [qop], aes })
    const handshake = await security.handshake({ host: '127.0.0.1', port }, 'BP-1-127.0.0.1-7', token)
    const connection = await connectTcp({ host: '127.0.0.1', port, timeoutMs })
    await echoed(await secureConnection(connection, handshake!, { timeoutMs }))
  })

  test(`[sasl.user.1] Java's client at our server: ${name}`, { skip }, async () => {
    const { username, password } = tokenCredentials(token)
    const handshake: Handshake = new SaslServerHandshake(nodeCrypto, {
      qops: [qop],
      aesKeyBits: aes ? 128 : 0,
      passwordOf: (found) => (found === username ? password : ''),
    })
    let accept: (connection: Connection) => void = () => {}
    const accepted = new Promise<Connection>((resolve) => {
      accept = resolve
    })
    const listener = await listenTcp({ host: '127.0.0.1', port: 0, onConnection: accept })
    peer.stdin!.write(`client ${protections[qop]} ${suites} ${listener.port}\n`)
    await echoed(await secureConnection(await accepted, handshake, { timeoutMs }))
    await listener.close()
  })
}

test('of several protections both ends take the one that the client likes best', { skip }, async () => {
  peer.stdin!.write('server authentication,integrity,privacy none\n')
  const port = Number(await nextLine())
  const protection: Qop[] = ['auth-int', 'auth']
  const security = new DatanodeSecurity({ encryptionKey: () => undefined, protection, aes: false })
  const handshake = await security.handshake({ host: '127.0.0.1', port }, 'BP-1-127.0.0.1-7', token)
  const connection = await connectTcp({ host: '127.0.0.1', port, timeoutMs })
  await echoed(await secureConnection(connection, handshake!, { timeoutMs }))
})

test('[sasl.handshake.5] a token that Java does not take is refused as a token', { skip }, async () => {
  peer.stdin!.write('server privacy none\n')
  const port = Number(await nextLine())
  const security = new DatanodeSecurity({
    encryptionKey: () => undefined,
    protection: ['auth-conf'],
    aes: false,
  })
  // Another key id: the first byte of the vint behind the expiry's seven and the vint's own length. Not the last one:
  // Java holds the next key too, whose id is one more.
  const identifier = token.identifier.slice()
  identifier[8]! ^= 1
  const strange = { ...token, identifier }
  const handshake = await security.handshake({ host: '127.0.0.1', port }, 'BP-1-127.0.0.1-7', strange)
  const connection = await connectTcp({ host: '127.0.0.1', port, timeoutMs })
  await assert.rejects(secureConnection(connection, handshake!, { timeoutMs }), { kind: 'token' })
})
