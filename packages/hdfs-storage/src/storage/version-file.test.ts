import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { formatJavaDate, formatProperties, parseProperties } from './properties.ts'
import {
  formatBlockPoolVersion,
  formatDataNodeVersion,
  formatNameNodeVersion,
  parseBlockPoolVersion,
  parseDataNodeVersion,
  parseNameNodeVersion,
} from './version-file.ts'

function testData(name: string): string {
  return readFileSync(new URL(`../../test-data/${name}`, import.meta.url), 'utf8')
}

test('[edits.file.2] VERSION files of Java 3.4.3 are parsed', () => {
  assert.deepEqual(parseNameNodeVersion(testData('VERSION.namenode')), {
    layoutVersion: -67,
    namespaceID: 1740208887,
    clusterID: 'CID-0c7bd92f-6127-4769-a063-4fafa327c311',
    cTime: 1795274940129,
    blockpoolID: 'BP-413363830-127.0.0.1-1795274940129',
  })
  assert.deepEqual(parseDataNodeVersion(testData('VERSION.datanode')), {
    layoutVersion: -57,
    storageID: 'DS-29ff1bdb-becc-4099-9fe6-6a811e91ed99',
    clusterID: 'CID-0c7bd92f-6127-4769-a063-4fafa327c311',
    cTime: 0,
    datanodeUuid: '9c813b5f-ed6a-4f89-b4ab-764241669ae3',
  })
})

test('VERSION files come back as they were formatted', () => {
  const nameNode = {
    namespaceID: 1,
    clusterID: 'CID-x',
    cTime: 5,
    blockpoolID: 'BP-1-127.0.0.1-2',
    layoutVersion: -67,
  }
  assert.deepEqual(parseNameNodeVersion(formatNameNodeVersion(nameNode, 0)), nameNode)
  const dataNode = { storageID: 'DS-1', clusterID: 'CID-x', cTime: 0, datanodeUuid: 'u', layoutVersion: -57 }
  assert.deepEqual(parseDataNodeVersion(formatDataNodeVersion(dataNode, 0)), dataNode)
  const blockPool = { namespaceID: 1, cTime: 0, blockpoolID: 'BP-1', layoutVersion: -57 }
  assert.deepEqual(parseBlockPoolVersion(formatBlockPoolVersion(blockPool, 0)), blockPool)
})

test('VERSION files that are of another kind, another layout or not whole are refused with what is wrong', () => {
  const good = testData('VERSION.namenode')
  const cases: [string, string, string][] = [
    ['storageType=NAME_NODE', 'storageType=DATA_NODE', 'ERR_HSTORAGE_VERSION_VALUE'],
    ['layoutVersion=-67', 'layoutVersion=-60', 'ERR_HSTORAGE_LAYOUT_VERSION'],
    ['namespaceID=1740208887', 'namespaceID=12x', 'ERR_HSTORAGE_VERSION_VALUE'],
    ['clusterID=', 'clusterId=', 'ERR_HSTORAGE_VERSION_MISSING'],
  ]
  for (const [from, to, code] of cases) {
    assert.throws(() => parseNameNodeVersion(good.replace(from, to)), { name: 'ProtocolError', code })
  }
})

test('parseProperties reads what java.util.Properties.load reads', () => {
  const text = [
    '#comment',
    '! comment = too',
    '   a = 1 ',
    'b:2',
    'c 3',
    'd=x\\',
    '   y',
    'e\\ f=\\u00fc\\t\\\\',
    'g',
    'h\\=i=j=k',
    'a=last',
  ].join('\r\n')
  assert.deepEqual(Object.fromEntries(parseProperties(text)), {
    a: 'last',
    b: '2',
    c: '3',
    d: 'xy',
    'e f': 'ü\t\\',
    g: '',
    'h=i': 'j=k',
  })
  assert.throws(() => parseProperties('a=\\u12'), { code: 'ERR_HSTORAGE_PROPERTIES' })
  assert.throws(() => parseProperties('x'.repeat(70_000)), { code: 'ERR_HSTORAGE_PROPERTIES_TOO_LARGE' })
})

test('formatProperties escapes so that the same values come back', () => {
  const properties: [string, string][] = [
    ['a b', ' x y'],
    ['c:d', 'e=f#g!h\\'],
    ['ü', '\t\n\r\f☃'],
  ]
  const text = formatProperties(properties, 1795274945000)
  assert.equal(text.split('\n')[0], '#Sat Nov 21 15:29:05 UTC 2026')
  assert.deepEqual([...parseProperties(text)], properties)
  assert.ok([...text].every((char) => char <= '~'))
})

test('formatJavaDate pads days but not years', () => {
  assert.equal(formatJavaDate(0), 'Thu Jan 01 00:00:00 UTC 1970')
})
