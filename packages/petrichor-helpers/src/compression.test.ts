import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deflateRawSync, gzipSync } from 'node:zlib'
import {
  bodyText,
  Connection,
  connect,
  type Helper,
  handshake,
  type Message,
  memoryPair,
  serve,
} from '@cairn/petrichor'
import { randomBytes, seededRandom } from '@cairn/testkit'
import { type CompressionFormat, compression, compressionFormats, dedupe } from './index.ts'

/** Words that compress well, but not by more than a reader allows. */
const random = seededRandom(3)
const text = Array.from({ length: 30_000 }, () => Math.floor(random() * 50).toString(36)).join(' ')

/** What a client that has agreed on gzip makes of a message with this header and body. */
async function received(
  header: Record<string, string | number>,
  body: Uint8Array | null,
  helper: Helper,
): Promise<Message | null> {
  const [left, right] = memoryPair()
  const raw = new Connection(right)
  const connected = handshake(left, {}, '', { helpers: [helper] })
  await raw.recv()
  await raw.send({ allowed: true, can: ['gzip'] })
  const { conn } = await connected
  await raw.send(header, body)
  return conn.recv()
}

test('[petri.compress.1] [petri.compress.2] bodies go compressed where both sides can, in each format', async () => {
  assert.ok(compressionFormats.includes('gzip') && compressionFormats.includes('br'))
  for (const format of compressionFormats) {
    const seen: number[] = []
    await using server = await serve({
      helpers: [compression({ formats: [format] })],
      handle: ({ header, body }) => {
        assert.equal(header.z, undefined)
        return { header: { was: (body as Uint8Array).length }, body }
      },
    })
    const { conn, header } = await connect('127.0.0.1', server.address.port, {}, '', {
      helpers: [compression()],
      correlate: true,
    })
    assert.deepEqual(
      header.can,
      [new Uint8Array(Buffer.from('id')), new Uint8Array(Buffer.from(format))].map((one) =>
        Buffer.from(one).toString(),
      ),
    )
    for (const body of [text, text.slice(0, 2000), 'short', '']) {
      const before = conn.stream as unknown as { bytesWritten: number }
      const from = before.bytesWritten
      const answer = await conn.request({}, Buffer.from(body))
      seen.push(before.bytesWritten - from)
      assert.equal(bodyText(answer?.body), body)
      assert.equal(answer?.header.was, body.length)
    }
    assert.ok(seen[0]! < text.length / 2 && seen[1]! < 1500, `${format}: ${seen}`)
    const noise = randomBytes(seededRandom(1), 100_000)
    assert.deepEqual((await conn.request({}, noise))?.body, noise)
    const bodies = Array.from({ length: 40 }, (_, i) => `${i} ${text.slice(0, (i * 7919) % 160_000)}`)
    const answers = await Promise.all(bodies.map((body) => conn.request({}, Buffer.from(body))))
    assert.deepEqual(
      answers.map((answer) => bodyText(answer?.body)),
      bodies,
    )
    await conn.close()
  }
})

test('[petri.helper.1] a peer without the helper sees plain messages, and one with other formats too', async () => {
  await using server = await serve({
    helpers: [compression({ formats: ['br'] })],
    handle: ({ header, body }) => ({ header, body }),
  })
  for (const helpers of [[], [compression({ formats: ['gzip'] })]]) {
    const { conn, header } = await connect('127.0.0.1', server.address.port, {}, '', { helpers })
    assert.equal(header.can, undefined)
    const answer = await conn.request({}, Buffer.from(text))
    assert.deepEqual(Object.keys(answer!.header), [])
    assert.equal(bodyText(answer?.body), text)
    await conn.close()
  }
})

test('[petri.compress.3] [petri.compress.4] bombs and lies are refused before memory is claimed', async () => {
  const gzip = () => compression({ formats: ['gzip'] })
  const packed = gzipSync(Buffer.from(text))
  const zeros = gzipSync(Buffer.alloc(50_000))
  const error = { code: 'ERR_PETRICHOR_HELPER' }
  assert.equal(
    bodyText(
      (
        await received(
          { z: 'gzip', zn: text.length },
          packed,
          compression({ formats: ['gzip'], ratioMax: 1000 }),
        )
      )?.body,
    ),
    text,
  )
  await assert.rejects(received({ z: 'gzip', zn: 50_000 }, zeros, gzip()), error)
  const fair = gzipSync(randomBytes(seededRandom(2), 3000))
  assert.equal(
    (await received({ z: 'gzip', zn: 3000 }, fair, gzip()))?.body?.valueOf() instanceof Uint8Array,
    true,
  )
  for (const zn of [2999, 3001, -1, 1.5, 1e9, 'many'])
    await assert.rejects(received({ z: 'gzip', zn }, fair, gzip()), error)
  await assert.rejects(received({ z: 'gzip' }, fair, gzip()), error)
  await assert.rejects(received({ z: 'br', zn: 3000 }, fair, gzip()), error)
  await assert.rejects(received({ z: '__proto__', zn: 3000 }, fair, gzip()), error)
  await assert.rejects(received({ z: 'gzip', zn: 3000 }, null, gzip()), error)
  await assert.rejects(received({ z: 'gzip', zn: 3000 }, deflateRawSync(fair), gzip()), error)
  const bomb = gzipSync(Buffer.alloc(50 << 20))
  await assert.rejects(received({ z: 'gzip', zn: 1000 }, bomb, gzip()), error)
  await assert.rejects(received({ z: 'gzip', zn: 90_000 }, bomb, gzip()), error)
  await assert.rejects(
    received(
      { z: 'gzip', zn: 200_000 },
      gzipSync(Buffer.alloc(200_000)),
      compression({ formats: ['gzip'], ratioMax: 1e9, rawBytesMax: 100_000 }),
    ),
    error,
  )
})

test('compression and dedupe work together, in order, whatever the sizes', async () => {
  const helpers = () => [dedupe(), compression()]
  await using server = await serve({ helpers: helpers(), handle: ({ body }) => ({ body }) })
  const { conn } = await connect('127.0.0.1', server.address.port, {}, '', {
    helpers: helpers(),
    correlate: true,
  })
  const bodies = Array.from({ length: 100 }, (_, i) => Buffer.from(text.slice(0, (i % 7) * 30_000)))
  const answers = await Promise.all(bodies.map((body) => conn.request({}, body)))
  for (const [i, answer] of answers.entries()) assert.deepEqual(answer?.body, new Uint8Array(bodies[i]!))
  await conn.close()
})

test('secrets can be left alone', async () => {
  const compresses = ({ header }: { header: { secret?: unknown } }) => header.secret === undefined
  const formats: CompressionFormat[] = ['gzip']
  await using server = await serve({ helpers: [compression({ formats })], handle: () => ({ body: 'ok' }) })
  const { conn } = await connect('127.0.0.1', server.address.port, {}, '', {
    helpers: [compression({ formats, compresses })],
  })
  const written = () => (conn.stream as unknown as { bytesWritten: number }).bytesWritten
  const from = written()
  await conn.request({ secret: true }, Buffer.from(text))
  assert.ok(written() - from > text.length)
  await conn.close()
})
