import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refusedCase, releasesUnderTest, startHadoop } from '@cairn/testkit'
import { connect } from './connect.ts'
import { NamenodeError } from './namenode/namenode-error.ts'
import { clientSuite, releaseHas, runCase } from './testing/index.ts'

/** The version of Hadoop RPC that a release speaks. */
function rpcVersionOf(release: string): number {
  if (releaseHas(release, '2.1.0')) return 9
  if (releaseHas(release, '2.0.3')) return 8
  return releaseHas(release, '2.0.0') ? 7 : 4
}

for (const version of releasesUnderTest('3.4.3', '3.5.0')) {
  test(`client suite against Apache Hadoop ${version}`, async (t) => {
    const hadoop = await startHadoop({ version, datanodes: 1, permissions: true })
    const user = 'root'
    const rpcVersion = rpcVersionOf(version)
    try {
      await t.test(
        'another version than the server’s is refused with both named [hgen.refuse.3]',
        async () => {
          const other = rpcVersion === 7 ? 9 : 7
          const told = connect(hadoop.url, { user, rpcVersion: other })
          if (rpcVersion === 4) {
            // It closes the connection without a word.
            await assert.rejects(told, NamenodeError)
            return
          }
          await assert.rejects(told, {
            code: 'ERR_HDFS_VERSION',
            message: new RegExp(
              `${hadoop.port} speaks Hadoop RPC ${rpcVersion} \\(.*\\); this client speaks ${other}, as rpcVersion says`,
            ),
          })
        },
      )
      await t.test('the version is found out, and works when told', async () => {
        for (const options of [{}, { rpcVersion }]) {
          const client = await connect(hadoop.url, { user, ...options })
          assert.equal(client.rpcVersion, rpcVersion)
          assert.deepEqual(await client.readdir('/'), [])
          await client.close()
        }
      })
      for (const suiteCase of clientSuite) {
        const { name, before } = suiteCase
        const isRefused = before !== undefined && !releaseHas(version, before.release)
        await t.test(isRefused ? refusedCase(name, before.release) : name, () =>
          runCase(suiteCase, (asUser = user) => connect(hadoop.url, { user: asUser }), version),
        )
      }
    } finally {
      await hadoop.stop()
    }
  })
}
