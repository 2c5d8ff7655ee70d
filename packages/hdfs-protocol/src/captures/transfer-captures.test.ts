// Every recorded data transfer connection of every release: nothing undecoded, the same bytes again. A folder of another
// release beside these is covered as soon as it is there; `CAIRN_CAPTURES` names more.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { captureFolders, connectionsIn, releasesIn } from './folders.test-support.ts'
import { isDataTransfer, replayTransfer } from './replay-transfer.test-support.ts'

const seen = new Set<string>()

for (const folder of captureFolders) {
  for (const release of releasesIn(folder)) {
    const connections = [...connectionsIn(join(folder, release))].filter(({ sent }) => isDataTransfer(sent))
    if (connections.length === 0) continue
    test(`${release}: every operation, packet, answer and acknowledgement encodes to the same bytes`, () => {
      for (const { name, sent, got } of connections) {
        try {
          for (const operation of replayTransfer(sent, got)) seen.add(`${sent[1]} ${operation.name}`)
        } catch (error) {
          assert.fail(`${name}: ${(error as Error).message}`)
        }
      }
    })
  }
}

test('there are recordings of both versions', () => {
  for (const name of ['READ_BLOCK', 'WRITE_BLOCK', 'BLOCK_CHECKSUM']) {
    for (const version of [17, 28]) assert.ok(seen.has(`${version} ${name}`), `${version} ${name}`)
  }
})
