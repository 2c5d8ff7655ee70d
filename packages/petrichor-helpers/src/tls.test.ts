import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { connect as connectTcp } from 'node:net'
import { test } from 'node:test'
import { connect as connectRawTls, type TLSSocket } from 'node:tls'
import { bodyText, connect, connectAllowed, type ServeOptions } from '@cairn/petrichor'
import { alpnProtocol, connectTls, serveTls } from './index.ts'

const file = (name: string) => readFileSync(new URL(`../test-data/${name}`, import.meta.url))
const ca = file('ca.crt')
const serverTls = { cert: file('server.crt'), key: file('server.key') }
const clientTls = { cert: file('client.crt'), key: file('client.key') }
const echo: ServeOptions = { handle: ({ body }) => ({ body }) }

test('[petri.tls.1] a client checks the certificate and the name by default', async () => {
  await using server = await serveTls(serverTls, echo)
  const { port } = server.address
  const { conn, header } = await connectTls('127.0.0.1', port, { ca }, { user: 'zed' })
  assert.equal(connectAllowed(header, { strict: true }), true)
  assert.equal(bodyText((await conn.request({}, 'over TLS'))?.body), 'over TLS')
  const large = new Uint8Array(3 << 20).fill(7)
  assert.deepEqual((await conn.request({}, large))?.body, large)
  assert.equal((conn.stream as TLSSocket).alpnProtocol, alpnProtocol)
  await conn.close()

  await assert.rejects(connectTls('127.0.0.1', port, {}, {}), { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' })
  await assert.rejects(connectTls('127.0.0.1', port, { ca, servername: 'other.example' }, {}), {
    code: 'ERR_TLS_CERT_ALTNAME_INVALID',
  })
  await using stranger = await serveTls({ cert: file('stranger.crt'), key: file('stranger.key') }, echo)
  await assert.rejects(connectTls('localhost', stranger.address.port, { ca }, {}))
  const unchecked = await connectTls('127.0.0.1', stranger.address.port, { rejectUnauthorized: false }, {})
  await unchecked.conn.close()
})

test('[petri.tls.3] mutual TLS lets in who has a certificate, and the server sees whose it is', async () => {
  const names: string[] = []
  await using server = await serveTls(
    { ...serverTls, ca, requestCert: true },
    {
      ...echo,
      accept: (_connect, connection) => {
        const { subject } = (connection.stream as TLSSocket).getPeerCertificate()
        const name = String(subject.CN)
        names.push(name)
        return { allowed: true, body: `WELCOME ${name}` }
      },
    },
  )
  const { port } = server.address
  const { conn, body } = await connectTls('127.0.0.1', port, { ca, ...clientTls }, {})
  assert.equal(bodyText(body), 'WELCOME ada')
  await conn.close()
  await assert.rejects(connectTls('127.0.0.1', port, { ca }, {}))
  const stranger = { cert: file('stranger.crt'), key: file('stranger.key') }
  await assert.rejects(connectTls('127.0.0.1', port, { ca, ...stranger }, {}))
  assert.deepEqual(names, ['ada'])
})

test('[petri.tls.2] another protocol in ALPN is refused, none at all is served', async () => {
  await using server = await serveTls(serverTls, echo)
  const { port } = server.address
  const go = (ALPNProtocols?: string[]) =>
    new Promise<string>((resolve) => {
      const options = {
        host: '127.0.0.1',
        port,
        ca,
        ...(ALPNProtocols === undefined ? {} : { ALPNProtocols }),
      }
      const socket = connectRawTls(options, () => {
        resolve('connected')
        socket.destroy()
      })
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''))
    })
  assert.equal(await go(), 'connected')
  assert.equal(await go([alpnProtocol, 'h2']), 'connected')
  assert.match(await go(['h2']), /ALERT_NO_APPLICATION_PROTOCOL|ECONNRESET/)
})

test('[petri.deadline.4] over TLS, too, a slow reader of a large message is no dead one', async () => {
  const size = 12 << 20
  const errors: Error[] = []
  await using server = await serveTls(serverTls, {
    limits: { writeMs: 500 },
    handle: () => ({ body: new Uint8Array(size) }),
    onConnectionError: (error) => errors.push(error),
  })
  const socket = connectRawTls({ port: server.address.port, host: '127.0.0.1', ca })
  socket.on('error', () => {})
  socket.write('0:}0:,0:}0:,')
  await new Promise<void>((resolve) => {
    let got = 0
    socket.on('close', resolve)
    socket.on('data', (chunk) => {
      got += chunk.length
      if (got > size) resolve()
      socket.pause()
      setTimeout(() => socket.resume(), 1)
    })
  })
  assert.deepEqual(errors, [])
  socket.destroy()
})

test('what is no TLS, and what never finishes its handshake, costs nobody else', async () => {
  await using server = await serveTls(serverTls, { ...echo, limits: { handshakeMs: 300 } })
  const { port } = server.address
  const { conn } = await connectTls('127.0.0.1', port, { ca }, {})
  await assert.rejects(connect('127.0.0.1', port, {}))
  const silent = connectTcp(port, '127.0.0.1')
  silent.on('error', () => {}).resume()
  await new Promise((resolve) => silent.once('close', resolve))
  assert.equal(bodyText((await conn.request({}, 'fine'))?.body), 'fine')
  await conn.close()
})
