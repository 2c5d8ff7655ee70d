// The TypeScript peer of the interop matrix; see README.md beside this file.
import { deepStrictEqual, ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { bodyText, connect, connectAllowed, serve } from '../../packages/petrichor/dist/index.js'
import { connectTls, serveTls } from '../../packages/petrichor-helpers/dist/index.js'
import { decode, TnsFloat } from '../../packages/tnetstrings/dist/index.js'

async function server(port, cert, key) {
  const serving = {
    port: Number(port),
    accept: ({ header }) =>
      header.user === undefined
        ? { allowed: false, body: 'YOU ARE NOT ON THE LIST' }
        : { allowed: true, body: 'WELCOME' },
    handle: ({ header, body }) => ({ header, body }),
    onConnectionError: (error) => console.error('server:', error.message),
  }
  const tls = cert === undefined ? undefined : { cert: readFileSync(cert), key: readFileSync(key) }
  const { address } = tls === undefined ? await serve(serving) : await serveTls(tls, serving)
  console.log(`RUNNING ${address.host} ${address.port}`)
}

async function client(host, port, cases, ca) {
  const dial = (header) =>
    ca === undefined
      ? connect(host, Number(port), header)
      : connectTls(host, Number(port), { ca: readFileSync(ca) }, header)
  const stranger = await dial({})
  ok(!connectAllowed(stranger.header))
  deepStrictEqual(bodyText(stranger.body), 'YOU ARE NOT ON THE LIST')
  await stranger.conn.close()
  const { conn, header, body } = await dial({ user: 'typescript' })
  ok(connectAllowed(header, { strict: true }))
  deepStrictEqual(bodyText(body), 'WELCOME')
  const lines = readFileSync(cases, 'utf8').trim().split('\n')
  const bodies = lines.map((line) => decode(Uint8Array.from(Buffer.from(line, 'hex')), { floats: 'wrapped' }))
  bodies.push(Uint8Array.from({ length: 1 << 20 }, (_, i) => i * 31))
  for (const [n, sent] of bodies.entries()) {
    const reply = await conn.request({ n }, sent)
    deepStrictEqual({ ...reply.header }, { n })
    deepStrictEqual(reply.body, asRead(sent))
  }
  await conn.close()
  console.log(`OK ${bodies.length}`)
}

/** A value as a connection reads it back: there, a float is a number as all others. */
function asRead(value) {
  if (value instanceof TnsFloat) return value.value
  if (Array.isArray(value)) return value.map(asRead)
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return value
  const dict = Object.create(null)
  for (const [key, inner] of Object.entries(value)) dict[key] = asRead(inner)
  return dict
}

const [role, ...rest] = process.argv.slice(2)
await (role === 'server' ? server(...rest) : client(...rest))
