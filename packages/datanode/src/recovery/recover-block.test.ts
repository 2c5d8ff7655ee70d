import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { chooseLength } from './recover-block.ts'

const node = {
  ipAddr: '127.0.0.1',
  hostName: 'localhost',
  datanodeUuid: '',
  xferPort: 1,
  infoPort: 0,
  ipcPort: 2,
}
const replica = (state: number, length: number) => ({ node, state, generationStamp: 1001n, length })
const [FINALIZED, RBW, RWR] = [0, 1, 2] as const

describe('chooseLength', () => {
  test('takes the finalized length, and writers that had just as much', () => {
    const all = [replica(RBW, 10), replica(FINALIZED, 10), replica(RBW, 9), replica(RWR, 10)]
    const { participants, length } = chooseLength(all)
    assert.equal(length, 10)
    assert.deepEqual(participants, [all[0], all[1]])
  })

  test('refuses finalized replicas of different lengths', () => {
    assert.throws(() => chooseLength([replica(FINALIZED, 10), replica(FINALIZED, 11)]), /10 and 11/)
  })

  test('takes the shortest of those being written, whatever waits elsewhere', () => {
    const { participants, length } = chooseLength([replica(RBW, 12), replica(RWR, 5), replica(RBW, 11)])
    assert.equal(length, 11)
    assert.equal(participants.length, 2)
  })

  test('takes the shortest of those that wait when there is nothing better', () => {
    assert.equal(chooseLength([replica(RWR, 7), replica(RWR, 5)]).length, 5)
  })
})
