import { test } from 'node:test'
import { releasesUnderTest, startHadoop } from '@cairn/testkit'
import { connect } from './connect.ts'
import { clientSuite, runCase } from './testing/index.ts'

for (const version of releasesUnderTest('3.4.3', '3.5.0')) {
  test(`client suite against Apache Hadoop ${version}`, async (t) => {
    const hadoop = await startHadoop({ version, datanodes: 1, permissions: true })
    try {
      for (const suiteCase of clientSuite) {
        await t.test(suiteCase.name, () =>
          runCase(suiteCase, (user) => connect(hadoop.url, { user: user ?? 'root' })),
        )
      }
    } finally {
      await hadoop.stop()
    }
  })
}
