import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refusedCase, releasesUnderTest, startHadoop } from '@cairn/testkit'
import { connect } from './connect.ts'
import { clientSuite, releaseHas, runCase } from './testing/index.ts'

for (const version of releasesUnderTest('2.0.0-alpha')) {
  test(`client suite against Apache Hadoop ${version}`, async (t) => {
    const hadoop = await startHadoop({ version, datanodes: 1, permissions: true })
    try {
      for (const suiteCase of clientSuite) {
        const { name, before } = suiteCase
        const isRefused = before !== undefined && !releaseHas(version, before.release)
        await t.test(isRefused ? refusedCase(name, before.release) : name, () =>
          runCase(suiteCase, (user) => connect(hadoop.url, { user: user ?? 'root' }), version),
        )
      }
      assert.ok(true)
    } finally {
      await hadoop.stop()
    }
  })
}
