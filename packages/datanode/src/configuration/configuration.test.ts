import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { Configuration, type Property } from '@cairn/hadoop-conf'
import { configuredDataNode } from './datanode-options.ts'
import { configurationPage } from './page.ts'
import { allSettings } from './settings.ts'

const conf = (values: Record<string, string>): Configuration => {
  const properties = Object.entries(values).map(([name, value]): [string, Property] => [
    name,
    { name, value, final: false, source: 'hdfs-site.xml' },
  ])
  return new Configuration(new Map(properties))
}

test('docs/datanode-configuration.md is what the table says (node tools/datanode-configuration.mjs)', () => {
  const page = new URL('../../../../docs/datanode-configuration.md', import.meta.url)
  assert.equal(readFileSync(page, 'utf8'), configurationPage())
})

test('every key stands once', () => {
  const keys = allSettings().map(({ key }) => key)
  assert.deepEqual(keys, [...new Set(keys)])
})

test('values are read in the forms of Hadoop', () => {
  const { options, unknown } = configuredDataNode(
    conf({
      'hadoop.tmp.dir': '/tmp/h',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is Hadoop that puts the value in.
      'dfs.datanode.data.dir': '[SSD]${hadoop.tmp.dir}/1, file:///data/2',
      'dfs.datanode.address': '0.0.0.0:9866',
      'dfs.datanode.ipc.address': '10.0.0.1:0',
      'dfs.datanode.http.address': '[::1]',
      'dfs.heartbeat.interval': '5',
      'dfs.blockreport.intervalMsec': '6h',
      'dfs.datanode.socket.reuse.keepalive': '2s',
      'dfs.client.socket-timeout': '0',
      'dfs.datanode.balance.bandwidthPerSec': '64m',
      'dfs.datanode.synconclose': 'TRUE',
      'dfs.permissions.enabled': 'nonsense',
      'dfs.datanode.max.transfer.threads': '0x100',
      'dfs.datanode.data.dir.perm': '0750',
    }),
  )
  assert.deepEqual(options, {
    dirs: ['[SSD]/tmp/h/1', 'file:///data/2'],
    host: '0.0.0.0',
    port: 9866,
    ipcHost: '10.0.0.1',
    ipcPort: 0,
    httpHost: '::1',
    httpPort: 9864,
    heartbeatIntervalMs: 5_000,
    blockReportIntervalMs: 21_600_000,
    keepAliveMs: 2_000,
    idleMs: 86_400_000,
    balanceBytesPerSecond: 64 * 1024 * 1024,
    syncOnClose: true,
    permissions: true,
    xceiversMax: 256,
    dirPermissions: 0o750,
  })
  assert.deepEqual(unknown, [])
})

test('what is reserved is read by volume, type and part', () => {
  const { options } = configuredDataNode(
    conf({
      'dfs.datanode.du.reserved': '1g',
      'dfs.datanode.du.reserved.ssd': '2k',
      'dfs.datanode.du.reserved./data/1.disk': '7',
      'dfs.datanode.du.reserved.pct./data/2': '12.5',
      'dfs.datanode.du.reserved.calculator':
        'org.apache.hadoop.hdfs.server.datanode.fsdataset.impl.ReservedSpaceCalculator$ReservedSpaceCalculatorConservative',
    }),
  )
  assert.deepEqual(options.reserved, {
    kind: 'conservative',
    bytes: 1024 ** 3,
    bytesOf: { ssd: 2048, '/data/1.disk': 7 },
    percent: 0,
    percentOf: { '/data/2': 12.5 },
  })
})

test('keys that nobody knows are named, those of others and those without effect are not', () => {
  const { unknown } = configuredDataNode(
    conf({
      'dfs.datanode.data.dri': '/data',
      'dfs.datanode.handler.count': '10',
      'dfs.namenode.handler.count': '10',
      'dfs.blockreport.intervalMs': '1',
    }),
  )
  assert.deepEqual(unknown, ['dfs.datanode.data.dri', 'dfs.blockreport.intervalMs'])
})

test('a wrong value is refused with key, file and what is allowed', () => {
  const refused = (key: string, value: string) =>
    assert.throws(() => configuredDataNode(conf({ [key]: value })), {
      code: 'ERR_CONF_VALUE',
      message: new RegExp(`read ${key.replaceAll('.', '\\.')} from hdfs-site.xml: found "${value}"`),
    })
  refused('dfs.datanode.address', 'nowhere:70000')
  refused('dfs.heartbeat.interval', '3 parsecs')
  refused('dfs.datanode.fsdataset.volume.choosing.policy', 'com.example.Mine')
  refused('dfs.datanode.du.reserved.calculator', 'Mine')
  refused('dfs.datanode.du.reserved.pct', 'ten')
  refused('dfs.datanode.data.dir.perm', 'rwx')
})
