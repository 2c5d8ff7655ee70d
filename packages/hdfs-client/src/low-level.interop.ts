import { userInfo } from 'node:os'
import { test } from 'node:test'
import { releasesUnderTest, runExample, startHadoop } from '@cairn/testkit'
import { exampleCases, lowLevelCases, runLowLevelCase } from './testing/index.ts'

for (const version of releasesUnderTest('3.4.3')) {
  test(`low-level client against Apache Hadoop ${version}`, async (t) => {
    // Examples that name no user act as the process's: it has to be the superuser.
    const superuser = userInfo().username
    const hadoop = await startHadoop({
      version,
      datanodes: 1,
      permissions: true,
      superuser,
      conf: { 'dfs.namenode.fs-limits.min-block-size': '1024' },
    })
    try {
      const { url } = hadoop
      for (const one of lowLevelCases) {
        await t.test(one.name, () => runLowLevelCase(one, { url, user: superuser, permissions: true }))
      }
      const protocolVersion = version.startsWith('1.') ? 61n : 1n
      for (const one of exampleCases) {
        await t.test(one.name, () => one.run({ url, user: superuser, protocolVersion, runExample }))
      }
    } finally {
      await hadoop.stop()
    }
  })
}
