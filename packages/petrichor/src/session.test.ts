import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mutated, seededRandom, splits } from '@cairn/testkit'
import { encode, TnetstringError } from '@cairn/tnetstrings'
import { PetrichorError } from './errors.ts'
import { resolveLimits } from './limits.ts'
import { bodyText, headerText, type Message } from './message.ts'
import { MessageReader } from './reader.ts'
import { PetrichorSession } from './session.ts'
import { bodyCopyMax } from './writer.ts'

const limits = resolveLimits()
const ascii = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'))
const newSession = (now = 0) => new PetrichorSession({ limits, now })

const exchange =
  '73:4:user,3:zed,5:ident,32:00000000000000000000000000000000,7:version,3:0.1,}0:,' +
  '77:7:allowed,4:true!5:ident,32:ffffffffffffffffffffffffffffffff,7:version,3:0.1,}7:WELCOME,' +
  '18:7:allowed,5:false!}23:YOU ARE NOT ON THE LIST,0:}5:hello,0:}0:~0:}4:1:1#]'

function readAll(reader: MessageReader, pieces: readonly Uint8Array[]): Message[] {
  const messages: Message[] = []
  for (const piece of pieces) {
    reader.push(piece.slice())
    for (let message = reader.next(); message !== undefined; message = reader.next()) messages.push(message)
  }
  return messages
}

test('[petri.recv.1] headers and bodies come in pairs, at every split', () => {
  const whole = readAll(new MessageReader({ limits }), [ascii(exchange)])
  assert.equal(whole.length, 6)
  const [connect, allowed, denied, hello, nothing, list] = whole as [
    Message,
    Message,
    Message,
    Message,
    Message,
    Message,
  ]
  assert.deepEqual({ ...connect.header }, { user: 'zed', ident: '0'.repeat(32), version: '0.1' })
  assert.equal(allowed.header.allowed, true)
  assert.equal(bodyText(allowed.body), 'WELCOME')
  assert.equal(denied.header.allowed, false)
  assert.equal(bodyText(hello.body), 'hello')
  assert.equal(nothing.body, null)
  assert.deepEqual(list.body, [1])
  for (const pieces of splits(ascii(exchange)))
    assert.deepEqual(readAll(new MessageReader({ limits }), pieces), whole)
})

test('strings of headers are text where they are UTF-8, and everything is bytes or text on demand', () => {
  const read = (text: 'none' | 'header' | 'all') =>
    readAll(new MessageReader({ limits, text }), [ascii('16:1:a,1:b,1:c,1:\xff,}1:d,')])[0]!
  assert.deepEqual({ ...read('header').header }, { a: 'b', c: Uint8Array.of(255) })
  assert.deepEqual({ ...read('none').header }, { a: ascii('b'), c: Uint8Array.of(255) })
  assert.equal(read('all').body, 'd')
  assert.equal(headerText(read('none').header, 'a'), 'b')
  assert.equal(headerText(read('header').header, 'nothing'), undefined)
})

test('[petri.recv.2] a header that is no dict ends the stream, as the body would be taken for a header', () => {
  for (const bad of ['5:hello,', '0:~', '1:5#', '0:]', '4:true!', '3:1.5^']) {
    const reader = new MessageReader({ limits })
    reader.push(ascii(`${bad}3:abc,`))
    assert.throws(
      () => reader.next(),
      (error) =>
        error instanceof PetrichorError &&
        error.code === 'ERR_PETRICHOR_HEADER' &&
        error.offset === bad.length - 1,
    )
  }
  const reader = new MessageReader({ limits })
  reader.push(ascii('0:}1:a,1:b;'))
  assert.equal(bodyText(reader.next()?.body), 'a')
  assert.throws(() => reader.next(), { code: 'ERR_TNS_TYPE', offset: 10 })
})

test('[petri.recv.1] an end is clean only between messages', () => {
  const bytes = ascii('0:}5:hello,')
  for (let length = 0; length <= bytes.length; length++) {
    const reader = new MessageReader({ limits })
    reader.push(bytes.slice(0, length))
    reader.next()
    if (length === 0 || length === bytes.length) reader.end()
    else assert.throws(() => reader.end(), { code: 'ERR_PETRICHOR_TRUNCATED', offset: length })
  }
})

test('[petri.limit.1] [petri.limit.2] headers, bodies and first messages have their limits', () => {
  const fault = (text: string, restricted = false) => {
    const reader = new MessageReader({ limits })
    if (restricted) reader.restrict(limits.handshakeBytes)
    reader.push(ascii(text))
    try {
      for (let i = 0; i < 2; i++) reader.next()
      return 'none'
    } catch (error) {
      return (error as PetrichorError).code
    }
  }
  assert.equal(fault('65537:'), 'ERR_TNS_TOO_LARGE')
  assert.equal(fault('65536:'), 'none')
  assert.equal(fault('0:}16777217:'), 'ERR_TNS_TOO_LARGE')
  assert.equal(fault('0:}16777216:'), 'none')
  assert.equal(fault('4097:', true), 'ERR_TNS_TOO_LARGE')
  assert.equal(fault('0:}4097:', true), 'ERR_TNS_TOO_LARGE')
  const keys = Array.from({ length: 257 }, (_, i) => [`k${i}`, i] as const)
  assert.equal(fault(`${Buffer.from(encode(Object.fromEntries(keys)))}0:,`), 'ERR_TNS_COUNT')
  let deep = '0:]'
  for (let i = 0; i < 16; i++) deep = `${deep.length}:${deep}]`
  const header = `1:a,${deep}`
  assert.equal(fault(`${header.length}:${header}}0:,`), 'ERR_TNS_DEPTH')
  assert.equal(fault(`0:}${deep}`), 'none')
})

test('[petri.chunk.1] chunks are values of any kind, and messages go on behind them', () => {
  const session = newSession()
  session.receive(ascii('5:hello,0:~0:}3:abc,0:}3:def,0:}'))
  assert.equal(bodyText(session.nextChunk()), 'hello')
  assert.equal(session.nextChunk(), null)
  assert.equal(bodyText(session.next()?.body), 'abc')
  assert.deepEqual({ ...(session.nextChunk() as object) }, {})
  assert.equal(bodyText(session.nextChunk()), 'def')
  assert.equal(session.next(), undefined)
  assert.throws(() => session.receiveEnd(), { code: 'ERR_PETRICHOR_TRUNCATED' })
})

test('[petri.send.1] [petri.send.2] messages of one turn share memory, and large bodies are pieces of their own', () => {
  const session = newSession()
  const large = new Uint8Array(bodyCopyMax + 1).fill(65)
  let expected = ''
  const send = (header: Record<string, string>, body: Uint8Array | string | null) => {
    session.send(header, body)
    expected += Buffer.from(encode(header)).toString('latin1') + Buffer.from(encode(body)).toString('latin1')
  }
  for (let i = 0; i < 100; i++) send({ key: 'x'.repeat(i) }, ascii('y'.repeat(i * 3)))
  assert.equal(session.takeOutput().length, 1)
  expected = ''
  send({ a: 'b' }, 'text')
  send({}, large)
  send({}, null)
  assert.equal(session.queuedBytes, expected.length)
  const parts = session.takeOutput()
  assert.equal(parts.length, 3)
  assert.equal(parts[1], large)
  assert.equal(Buffer.concat(parts).toString('latin1'), expected)
  assert.equal(session.takeOutput().length, 0)
  assert.equal(session.queuedBytes, 0)
})

test('sessions that write at the same time never share bytes', () => {
  const sessions = Array.from({ length: 5 }, () => newSession())
  const expected = sessions.map(() => '')
  for (let i = 0; i < 3000; i++) {
    const at = (i * 7) % 5
    const body = String.fromCharCode(97 + at).repeat((i * 13) % 700)
    sessions[at]!.send({ i }, i % 3 === 0 ? body : ascii(body))
    expected[at] += Buffer.from(encode({ i })).toString() + Buffer.from(encode(body)).toString()
  }
  for (const [at, session] of sessions.entries())
    assert.equal(Buffer.concat(session.takeOutput()).toString(), expected[at])
})

test('a message that cannot be written leaves nothing behind', () => {
  const session = newSession()
  assert.throws(() => session.send({ bad: Number.NaN }, ''), { code: 'ERR_TNS_VALUE' })
  assert.throws(() => session.send({}, [Number.NaN]), { code: 'ERR_TNS_VALUE' })
  assert.throws(() => session.send({ bad: Number.NaN }, ascii('x')), { code: 'ERR_TNS_VALUE' })
  session.send({ good: 1 }, ascii('x'))
  assert.equal(Buffer.concat(session.takeOutput()).toString(), '11:4:good,1:1#}1:x,')
})

test('[petri.deadline.1] a handshake has one deadline', () => {
  const session = newSession(0)
  session.greet(0, true)
  session.advance(10_000, true)
  assert.throws(() => session.advance(10_001, true), { code: 'ERR_PETRICHOR_HANDSHAKE_TIMEOUT' })
  session.settle(true)
  session.advance(50_000, true)
  assert.equal(session.state, 'open')
})

test('[petri.deadline.2] a message that has begun is finished in time or comes fast enough', () => {
  const slow = newSession(0)
  for (let second = 0; second <= 30; second++) {
    slow.receive(ascii(second === 0 ? '5' : '').slice())
    slow.advance(second * 1000, true)
  }
  assert.throws(() => slow.advance(30_001, true), { code: 'ERR_PETRICHOR_MESSAGE_TIMEOUT' })

  const steady = newSession(0)
  steady.receive(ascii('0:}9999999:'))
  for (let second = 0; second <= 100; second++) {
    steady.next()
    steady.advance(second * 1000, true)
    steady.receive(new Uint8Array(2048))
  }
  const idle = newSession(0)
  for (let second = 0; second <= 1000; second++) idle.advance(second * 1000, true)
})

test('[petri.deadline.3] silence has a deadline where one is set', () => {
  const session = new PetrichorSession({ limits: resolveLimits({ idleMs: 5000 }), now: 0 })
  session.advance(4000, true)
  session.receive(ascii('0:}0:,'))
  session.next()
  session.advance(8000, true)
  session.advance(13_000, true)
  assert.throws(() => session.advance(13_001, true), { code: 'ERR_PETRICHOR_IDLE_TIMEOUT' })
})

test('seeded noise ends in messages or a typed error', () => {
  const random = seededRandom(11)
  for (let round = 0; round < 5000; round++) {
    const reader = new MessageReader({ limits })
    try {
      readAll(reader, [mutated(ascii(exchange), random)])
      reader.end()
    } catch (error) {
      assert(error instanceof PetrichorError || error instanceof TnetstringError, String(error))
      assert.equal(typeof error.offset, 'number')
    }
  }
})
