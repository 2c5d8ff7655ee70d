import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as protocols from './protocols.ts'

test('every protocol has a Java name of its own and methods named as in their table', () => {
  const names = new Set<string>()
  for (const value of Object.values(protocols)) {
    if (!('methods' in value)) continue
    assert.match(value.name, /^org\.apache\.hadoop\.[a-z.]+\.[A-Z]\w+$/)
    assert.equal(value.version, 1n)
    names.add(value.name)
    for (const [name, method] of Object.entries<{ name: string }>(value.methods)) {
      assert.equal(method.name, name)
    }
  }
  assert.equal(names.size, 14)
})

test('atMostOnceCalls are the 29 calls that Java marks', () => {
  assert.equal(protocols.atMostOnceCalls.size, 29)
  for (const name of protocols.atMostOnceCalls) assert.ok(name in protocols.clientProtocol.methods)
})
