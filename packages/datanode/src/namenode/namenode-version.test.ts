import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkNamenodeVersion, compareVersions } from './namenode-version.ts'

const ordered = [
  '2.0.0-alpha',
  '2.1.0-beta',
  '2.1.0',
  '2.1.0.1',
  '2.10.2',
  '3.0.0-alpha1',
  '3.0.0-SNAPSHOT',
  '3.0.0',
  '3.4.3',
]

test('releases are ordered as Hadoop orders them', () => {
  for (const [index, version] of ordered.entries()) {
    assert.equal(compareVersions(version, version), 0)
    for (const later of ordered.slice(index + 1)) {
      assert.ok(compareVersions(version, later) < 0, `${version} before ${later}`)
      assert.ok(compareVersions(later, version) > 0, `${later} after ${version}`)
    }
  }
})

test('a trailing zero changes nothing', () => {
  assert.equal(compareVersions('3.4', '3.4.0'), 0)
})

test('a NameNode that is too old is refused, both releases named [dnp.handshake.2]', () => {
  const info = {
    buildVersion: 'r1',
    unused: 0,
    blockPoolID: 'BP-1',
    storageInfo: { layoutVersion: -40 >>> 0, namespceID: 1, clusterID: 'c', cTime: 0n },
    softwareVersion: '2.0.0-alpha',
  }
  assert.throws(() => checkNamenodeVersion(info, '2.1.0-beta'), {
    code: 'ERR_DN_NAMENODE_VERSION',
    message: /release 2\.0\.0-alpha \(build r1\).*release 3\.\d+\.\d+.*2\.1\.0-beta/,
  })
  checkNamenodeVersion({ ...info, softwareVersion: '2.10.2' }, '2.1.0-beta')
})
