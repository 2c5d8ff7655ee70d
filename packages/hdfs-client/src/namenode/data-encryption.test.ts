import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DataEncryption } from './data-encryption.ts'
import type { NamenodeProxy } from './namenode-proxy.ts'
import type { ServerDefaults } from './server-defaults.ts'

/** A NameNode that counts its answers; every key is good until `expiryDate`. */
function fake(encryptDataTransfer: boolean, expiryDate = BigInt(Date.now() + 60_000)) {
  const asked: string[] = []
  let failures = 0
  const namenode = {
    async call(method: string) {
      asked.push(method)
      if (failures-- > 0) throw new Error('away')
      const keyId = asked.length
      return { dataEncryptionKey: { keyId, blockPoolId: 'BP-1', nonce: [], encryptionKey: [], expiryDate } }
    },
  }
  const defaults = { read: async () => ({ encryptDataTransfer }) }
  const encryption = new DataEncryption(
    namenode as unknown as NamenodeProxy,
    defaults as unknown as ServerDefaults,
  )
  return {
    asked,
    encryption,
    failNext() {
      failures = 1
    },
  }
}

test('[sasl.when.1] where nothing is encrypted no key is asked for', async () => {
  const { asked, encryption } = fake(false)
  encryption.prepare()
  assert.equal(await encryption.key(), undefined)
  assert.deepEqual(asked, [])
})

test('[sasl.when.1] one key serves all connections until a DataNode does not know it any more', async () => {
  const { asked, encryption } = fake(true)
  const keys = await Promise.all([encryption.key(), encryption.key()])
  assert.deepEqual(
    keys.map((key) => key?.keyId),
    [1, 1],
  )
  encryption.forget()
  assert.equal((await encryption.key())?.keyId, 2)
  assert.deepEqual(asked, ['getDataEncryptionKey', 'getDataEncryptionKey'])
})

test('a key that could not be had is asked for again', async () => {
  const { encryption, failNext } = fake(true)
  failNext()
  await assert.rejects(encryption.key(), /away/)
  assert.equal((await encryption.key())?.keyId, 2)
})

test('a key that has expired is replaced, by one request for all that wait', async () => {
  const { asked, encryption } = fake(true, 0n)
  await encryption.key()
  const keys = await Promise.all([encryption.key(), encryption.key()])
  assert.deepEqual(
    keys.map((key) => key?.keyId),
    [2, 2],
  )
  assert.equal(asked.length, 2)
})
