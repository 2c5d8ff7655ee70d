import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wantsReplacement } from './replace-datanode.ts'

const on = { enabled: true, policy: 'DEFAULT', bestEffort: true } as const

test('wantsReplacement follows Hadoop’s DEFAULT: from three copies on, when half is lost or bytes were promised', () => {
  const cases: readonly (readonly [number, number, boolean, boolean])[] = [
    [1, 0, true, false],
    [2, 1, true, false],
    [3, 2, false, false],
    [3, 2, true, true],
    [3, 1, false, true],
    [3, 3, true, false],
    [5, 2, false, true],
    [5, 3, false, false],
  ]
  for (const [replication, nodes, promised, expected] of cases) {
    assert.equal(
      wantsReplacement(on, { replication, nodes, promised }),
      expected,
      `${nodes} of ${replication}, ${promised}`,
    )
  }
})

test('wantsReplacement obeys NEVER, ALWAYS and the switch', () => {
  const need = { replication: 2, nodes: 1, promised: false }
  assert.equal(wantsReplacement({ ...on, policy: 'ALWAYS' }, need), true)
  assert.equal(wantsReplacement({ ...on, policy: 'NEVER' }, { ...need, replication: 3 }), false)
  assert.equal(wantsReplacement({ ...on, enabled: false, policy: 'ALWAYS' }, need), false)
})
