// Every recorded RPC connection of every release, by types: nothing undecoded, nothing lost, the same bytes again. A
// folder of another release beside these is covered as soon as it is there; `CAIRN_CAPTURES` names more.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { captureFolders, connectionsIn, isProbe, releasesIn } from './folders.test-support.ts'
import { isRpc, replayRpc } from './replay-rpc.test-support.ts'

const versions = new Set<number>()

for (const folder of captureFolders) {
  for (const release of releasesIn(folder)) {
    test(`${release}: every call and answer decodes by its types and encodes to the same bytes`, () => {
      for (const { name, sent, got } of connectionsIn(join(folder, release))) {
        if (isProbe(name) || !isRpc(sent)) continue
        try {
          versions.add(replayRpc({ sent, got }).version)
        } catch (error) {
          assert.fail(`${name}: ${(error as Error).message}`)
        }
      }
    })
  }
}

test('there are recordings of three generations', () => {
  for (const version of [4, 7, 9]) assert.ok(versions.has(version), `${version}`)
})
