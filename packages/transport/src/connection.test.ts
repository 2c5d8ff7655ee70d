import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ReceiveBuffer } from '@cairn/bytes'
import { type Connection, connectTcp, listenTcp, memoryPair, TransportError } from './index.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (view: Uint8Array): string => new TextDecoder().decode(view)

/** Collects everything one end hears. */
class Ear {
  readonly input = new ReceiveBuffer({ maxBytes: 64 * 1024 * 1024 })
  readonly connection: Connection
  heard = ''
  reads = 0
  count = 0
  error: Error | undefined
  ended = false
  closes = 0
  onMore: () => void = () => {}
  readonly closed: Promise<void>

  constructor(connection: Connection, options: { halfOpen?: boolean; onReceive?: (ear: Ear) => void } = {}) {
    this.connection = connection
    let settle = (): void => {}
    this.closed = new Promise((resolve) => {
      settle = resolve
    })
    connection.start({
      input: this.input,
      onReceive: () => {
        this.reads++
        if (options.onReceive !== undefined) options.onReceive(this)
        else {
          this.heard += text(this.input.view())
          this.count += this.input.length
          this.input.consume(this.input.length)
        }
        this.onMore()
      },
      ...(options.halfOpen
        ? {
            onEnd: () => {
              this.ended = true
            },
          }
        : {}),
      onClose: (error) => {
        this.error = error
        this.closes++
        settle()
      },
    })
  }

  async until(done: () => boolean): Promise<void> {
    while (!done()) {
      await new Promise<void>((resolve) => {
        this.onMore = resolve
      })
    }
  }
}

async function tcpPair(): Promise<{ a: Connection; b: Connection; stop(): Promise<void> }> {
  let accepted: (connection: Connection) => void = () => {}
  const arrival = new Promise<Connection>((resolve) => {
    accepted = resolve
  })
  const listener = await listenTcp({ port: 0, onConnection: accepted })
  const a = await connectTcp({ host: '127.0.0.1', port: listener.port })
  const b = await arrival
  return {
    a,
    b,
    async stop() {
      a.destroy()
      b.destroy()
      await listener.close()
    },
  }
}

const pairs = {
  tcp: tcpPair,
  memory: async () => {
    const [a, b] = memoryPair()
    return { a, b, stop: async () => a.destroy() }
  },
}

for (const [kind, pair] of Object.entries(pairs)) {
  test(`${kind}: bytes go both ways, half-closed ends stay readable, done resolves`, async () => {
    const { a, b, stop } = await pair()
    const earA = new Ear(a, { halfOpen: true })
    const earB = new Ear(b, { halfOpen: true })
    a.write(bytes('one '))
    a.write(bytes('two'))
    a.end()
    await earB.until(() => earB.heard === 'one two')
    b.write(bytes('answer'))
    await earA.until(() => earA.heard === 'answer')
    b.end()
    await Promise.all([a.done, b.done, earA.closed, earB.closed])
    assert.deepEqual([earA.error, earB.error, earA.closes, earB.closes], [undefined, undefined, 1, 1])
    assert.equal(earB.ended, true)
    assert.equal(a.closed, true)
    await stop()
  })

  test(`${kind}: nothing is lost before start, and without onEnd the connection answers FIN with FIN`, async () => {
    const { a, b, stop } = await pair()
    const earA = new Ear(a)
    a.write(bytes('early'))
    a.end()
    await new Promise((resolve) => setImmediate(resolve))
    const earB = new Ear(b)
    await Promise.all([earA.closed, earB.closed])
    assert.equal(earB.heard, 'early')
    await stop()
  })

  test(`${kind}: pause stops delivery and keeps views valid, resume continues without loss`, async () => {
    const { a, b, stop } = await pair()
    new Ear(a)
    let held: Uint8Array | undefined
    const ear = new Ear(b, {
      onReceive: (self) => {
        if (held === undefined) {
          held = self.input.view(0, 5)
          self.connection.pause()
        } else {
          self.heard = text(self.input.view())
        }
      },
    })
    a.write(bytes('first'))
    await ear.until(() => held !== undefined)
    a.write(bytes('second'))
    await new Promise((resolve) => setImmediate(resolve))
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(ear.reads, 1)
    assert.equal(text(held!), 'first')
    b.resume()
    await ear.until(() => ear.heard === 'firstsecond')
    b.pause()
    a.write(bytes('third'))
    await new Promise((resolve) => setImmediate(resolve))
    b.resume()
    await ear.until(() => ear.heard === 'firstsecondthird')
    await stop()
  })

  test(`${kind}: what onReceive throws closes that connection with that error`, async () => {
    const { a, b, stop } = await pair()
    const earA = new Ear(a)
    const boom = new Error('boom')
    const earB = new Ear(b, {
      onReceive: () => {
        throw boom
      },
    })
    a.write(bytes('x'))
    await Promise.all([earA.closed, earB.closed])
    assert.equal(earB.error, boom)
    await stop()
  })

  test(`${kind}: a full receive buffer closes the connection instead of growing`, async () => {
    const { a, b, stop } = await pair()
    new Ear(a)
    const input = new ReceiveBuffer({ maxBytes: 1000 })
    const closed = new Promise<Error | undefined>((resolve) =>
      b.start({ input, onReceive: () => {}, onClose: resolve }),
    )
    a.write(new Uint8Array(5000))
    const error = await closed
    assert.ok(error !== undefined && 'code' in error)
    assert.equal(error.code, 'ERR_BYTES_BUFFER_FULL')
    await stop()
  })

  test(`${kind}: write says false above the high-water mark, drained waits, close rejects it`, async () => {
    const { a, b, stop } = await pair()
    new Ear(a)
    const chunk = new Uint8Array(1024 * 1024)
    let sent = 0
    // The peer does not read yet, so the kernel's buffers and then ours fill up.
    while (a.write(chunk)) sent += chunk.length
    sent += chunk.length
    const waiting = a.drained()
    const ear = new Ear(b)
    await waiting
    await ear.until(() => ear.count === sent)
    b.pause()
    while (a.write(chunk)) sent += chunk.length
    const refused = a.drained()
    a.destroy()
    await assert.rejects(refused, { code: 'ERR_TRANSPORT_CLOSED' })
    assert.equal(a.write(chunk), false)
    await assert.rejects(a.drained(), { code: 'ERR_TRANSPORT_CLOSED' })
    await stop()
  })
}

test('memoryPair delivers in pieces of chunkBytes', async () => {
  const [a, b] = memoryPair({ chunkBytes: 2 })
  const ear = new Ear(b)
  a.write(bytes('abcde'))
  await ear.until(() => ear.heard === 'abcde')
  assert.equal(ear.reads, 3)
})

test('destroy resets: the other end hears an error with a code', async () => {
  const [a, b] = memoryPair()
  const ear = new Ear(b)
  a.destroy()
  await ear.closed
  assert.ok(ear.error instanceof TransportError)
  assert.equal(ear.error.code, 'ECONNRESET')
})

test('writes of one turn and of promise continuations of the same read leave together', async () => {
  const { a, b, stop } = await tcpPair()
  const ear = new Ear(b)
  new Ear(a)
  for (let index = 0; index < 100; index++) {
    void Promise.resolve()
      .then(() => undefined)
      .then(() => a.write(bytes('0123456789')))
  }
  await ear.until(() => ear.count === 1000)
  assert.equal(ear.reads, 1)
  await stop()
})
