// Every recorded data transfer connection of every release: nothing undecoded, the same bytes again; of an encrypted one
// the login. A folder of another release beside these is covered as soon as it is there; `CAIRN_CAPTURES` names more.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { captureFolders, connectionsIn } from './folders.test-support.ts'
import { isSecured, replayLogin, replayTransfer, transferVersion } from './replay-transfer.test-support.ts'

const counted = new Map<number, number>()

for (const folder of captureFolders) {
  test(`${folder.split('/').slice(-2).join('/')}: every operation and packet is decoded and encoded to the same bytes`, () => {
    for (const { name, sent, got } of connectionsIn(folder)) {
      const version = transferVersion(sent)
      if (version === undefined && !isSecured(sent)) continue
      try {
        if (version === undefined) {
          replayLogin({ sent, got })
          continue
        }
        replayTransfer(version, { sent, got })
        counted.set(version.version, (counted.get(version.version) ?? 0) + 1)
      } catch (error) {
        assert.fail(`${name}: ${(error as Error).message.slice(0, 2000)}`)
      }
    }
  })
}

test('there are recordings of both versions', () => {
  for (const version of [17, 28]) assert.ok((counted.get(version) ?? 0) >= 10, `${version}`)
})
