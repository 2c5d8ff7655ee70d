// The cases that all implementations share, here as in Python, Ruby and C: petrichor/vectors/petrichor.json.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { decode, encode, type TnetstringError, TnsFloat, type Value } from '@cairn/tnetstrings'
import { resolveLimits } from './limits.ts'
import { MessageReader } from './reader.ts'

type Shown =
  | null
  | boolean
  | number
  | Shown[]
  | { int: string }
  | { f: string }
  | { b: string }
  | { dict: [string, Shown][] }

interface Vectors {
  accept: { hex: string; value: Shown; canonical: boolean }[]
  lenient: { hex: string; value: Shown; code: string; offset: number }[]
  reject: { hex: string; why: string; code: string; offset: number }[]
  streams: {
    ascii?: string
    hex?: string
    why: string
    messages: { header: Shown; body: Shown }[]
    end: string
    offset?: number
  }[]
}

const path = new URL('../../../petrichor/vectors/petrichor.json', import.meta.url)
const vectors = JSON.parse(readFileSync(path, 'utf8')) as Vectors
const bytesOf = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'))

/** A vector's way to show a value, as the value; `floats` as they are wrapped, or as numbers. */
function plain(shown: Shown, isWrapped: boolean): Value {
  if (shown === null || typeof shown !== 'object') return shown
  if (Array.isArray(shown)) return shown.map((item) => plain(item, isWrapped))
  if ('int' in shown) return BigInt(shown.int)
  if ('f' in shown) return isWrapped ? new TnsFloat(Number(shown.f)) : Number(shown.f)
  if ('b' in shown) return bytesOf(shown.b)
  const dict: Record<string, Value> = Object.create(null)
  for (const [key, value] of shown.dict) dict[Buffer.from(key, 'hex').toString()] = plain(value, isWrapped)
  return dict
}

/** Keys that look like integers change their place in an object, so such a dict is written in another order. */
const isReordered = (value: Value): boolean =>
  value !== null && typeof value === 'object' && Object.keys(value).some((key) => /^\d+$/.test(key))

test('every accepted value is read, strictly too, and written again', () => {
  for (const { hex, value, canonical } of vectors.accept) {
    const bytes = bytesOf(hex)
    const expected = plain(value, true)
    assert.deepEqual(decode(bytes, { floats: 'wrapped' }), expected, hex)
    assert.deepEqual(decode(bytes, { floats: 'wrapped', strict: true }), expected, hex)
    if (canonical && !isReordered(expected)) assert.equal(Buffer.from(encode(expected)).toString('hex'), hex)
  }
})

test('what is read but never written is rejected with strict', () => {
  for (const { hex, value, code, offset } of vectors.lenient) {
    assert.deepEqual(decode(bytesOf(hex), { floats: 'wrapped' }), plain(value, true), hex)
    assert.throws(
      () => decode(bytesOf(hex), { strict: true }),
      { name: 'TnetstringError', code, offset },
      hex,
    )
  }
})

test('every rejected value is rejected with its code, at its byte', () => {
  for (const { hex, why, code, offset } of vectors.reject) {
    assert.throws(() => decode(bytesOf(hex)), { name: 'TnetstringError', code, offset }, `${why}: ${hex}`)
  }
})

for (const step of [1, 2, 3, 1_000_000]) {
  test(`streams in pieces of ${step} give their messages and end as they should`, () => {
    for (const { ascii, hex, why, messages, end, offset } of vectors.streams) {
      const bytes = ascii === undefined ? bytesOf(hex!) : Uint8Array.from(Buffer.from(ascii))
      const reader = new MessageReader({ limits: resolveLimits(), text: 'none' })
      const found: unknown[] = []
      let ending = 'clean'
      try {
        for (let at = 0; at < bytes.length; at += step) {
          reader.push(bytes.slice(at, at + step))
          for (let next = reader.next(); next !== undefined; next = reader.next()) found.push(next)
        }
        reader.end()
      } catch (error) {
        ending = (error as TnetstringError).code
        if (offset !== undefined) assert.equal((error as TnetstringError).offset, offset, why)
      }
      const expected = messages.map(({ header, body }) => ({
        header: plain(header, false),
        body: plain(body, false),
      }))
      assert.deepEqual(found, expected, why)
      assert.equal(ending, end, why)
    }
  })
}
