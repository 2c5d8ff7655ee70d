import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ByteReader, concatBytes, ProtocolError, parseHex } from '@cairn/bytes'
import { FileSummary, INodeDirectorySection_DirEntry, INodeSection } from '@cairn/hadoop-proto/fsimage'
import { mutated, seededRandom } from '@cairn/testkit'
import type { ImageINode } from './image-inode.ts'
import {
  packAclEntry,
  packPermission,
  packXAttrName,
  unpackAclEntry,
  unpackPermission,
  unpackXAttrName,
} from './packed-fields.ts'
import { ImageSectionDecoder } from './section-decoder.ts'
import { StringTable, StringTableBuilder } from './string-table.ts'
import { decodeSummary, decodeSummaryLength, encodeSummary, imageMagic } from './summary.ts'
import { javaImage, messages, opened, readImage, sectionOf, writeImage } from './testing/image-contents.ts'

test('[image.section.2] an image of Java 3.4.3 is read: tree, owners, ACLs, attributes, quotas, blocks', () => {
  const { inodes, directories, info, lastInodeId, open } = readImage(javaImage)
  assert.equal(info.transactionId, 50n)
  // A namespace that has no blocks of before Hadoop 2.0 [image.section.1]
  assert.deepEqual([info.genstampV1, info.genstampV1Limit], [1000n, 0n])
  assert.deepEqual(open, [])
  assert.ok(lastInodeId >= 16385 + inodes.length - 1)
  const root = inodes.find(({ id }) => id === 16385)
  assert.ok(root?.kind === 'directory' && root.name === '' && root.owner === 'hdfs' && root.mode === 0o755)
  assert.equal(root.nsQuota, 2n ** 63n - 1n)
  const data = inodes.find(({ name }) => name === 'data')
  assert.ok(data?.kind === 'directory' && data.mode === 0o1770)
  assert.deepEqual([data.nsQuota, data.dsQuota], [1000n, 10n * 1024n ** 3n])
  assert.deepEqual(data.typeQuotas, [{ storageType: 2, quota: 1024n ** 3n }])
  const renamed = inodes.find(({ name }) => name === 'renamed')
  assert.ok(renamed?.kind === 'file' && renamed.storagePolicyId === 12 && renamed.replication === 2)
  assert.deepEqual(
    renamed.xAttrs?.map(({ namespace, name, value }) => [
      namespace,
      name,
      String.fromCharCode(...(value ?? [])),
    ]),
    [
      [0, 'keep', 'kept'],
      [1, 'x', 'y'],
    ],
  )
  assert.equal(renamed.blocks[0]?.numBytes, 1000)
  const withAcl = inodes.find(({ name }) => name === 'päth')
  assert.deepEqual([withAcl?.owner, withAcl?.group], ['alice', 'staff'])
  assert.ok(
    withAcl?.acl?.some(({ name, permissions, scope }) => name === 'bob' && permissions === 6 && scope === 1),
  )
  assert.deepEqual(directories[0], { parent: 16385, children: [data.id] })
})

test('what was read from Java is written, and read again as the same', () => {
  const contents = readImage(javaImage)
  const image = writeImage(contents)
  assert.deepEqual(image.subarray(0, 8), imageMagic)
  const again = readImage(image)
  assert.deepEqual(again.inodes, contents.inodes)
  assert.deepEqual(again.directories, contents.directories)
  // Sections that hold counters and ids only are the same to the byte: [image.section.1]
  assert.deepEqual(sectionOf(image, 'NS_INFO'), sectionOf(javaImage, 'NS_INFO'))
  for (const name of ['NS_INFO', 'INODE', 'INODE_DIR', 'FILES_UNDERCONSTRUCTION'] as const) {
    assert.equal(sectionOf(image, name).length, sectionOf(javaImage, name).length, name)
  }
})

test('symbolic links, open files and striped files come back', () => {
  const base = { owner: 'a', group: 'b', mode: 0o644, modificationTime: 5, acl: undefined, xAttrs: undefined }
  const inodes: ImageINode[] = [
    {
      kind: 'symlink',
      id: 16386,
      name: 'l',
      owner: 'a',
      group: 'b',
      mode: 0o777,
      modificationTime: 5,
      accessTime: 6,
      target: '/x',
      acl: undefined,
      xAttrs: undefined,
    },
    {
      ...base,
      kind: 'file',
      id: 16387,
      name: 'open',
      accessTime: 7,
      replication: 3,
      preferredBlockSize: 1 << 20,
      blocks: [{ blockId: 1073741825n, numBytes: 0, generationStamp: 1001 }],
      underConstruction: { clientName: 'c', clientMachine: 'm' },
      storagePolicyId: 0,
      erasureCodingPolicyId: undefined,
    },
    {
      ...base,
      kind: 'file',
      id: 16388,
      name: 'striped',
      accessTime: 7,
      replication: 0,
      preferredBlockSize: 1 << 20,
      blocks: [{ blockId: -9223372036854775792n, numBytes: 5, generationStamp: 1002 }],
      underConstruction: undefined,
      storagePolicyId: 0,
      erasureCodingPolicyId: 1,
    },
  ]
  const contents = { ...readImage(javaImage), inodes, open: [{ inodeId: 16387n, fullPath: '/open' }] }
  const again = readImage(writeImage(contents))
  assert.deepEqual(
    again.inodes.map((inode) =>
      inode.kind === 'symlink' ? { ...inode, acl: undefined, xAttrs: undefined } : inode,
    ),
    inodes,
  )
  assert.deepEqual(again.open, contents.open)
})

test('permission packs user, group and mode into the places of PermissionStatusFormat', () => {
  const builder = new StringTableBuilder()
  for (let index = 1; index <= 300; index++) builder.id('group', `g${index}`)
  assert.equal(
    packPermission({ owner: 'u', group: 'g258', mode: 0o1777 }, builder),
    parseBig('000001 000102 03ff'),
  )
  const table = new StringTable(3)
  for (const entry of builder.entries()) table.add(entry)
  assert.deepEqual(unpackPermission(parseBig('000001 000102 03ff'), table), {
    owner: 'u',
    group: 'g258',
    mode: 0o1777,
  })
  assert.throws(() => unpackPermission(parseBig('000002 000001 0000'), table), {
    code: 'ERR_HSTORAGE_STRING_TABLE',
  })
  assert.throws(() => packPermission({ owner: 'u', group: 'g', mode: 65_536 }, builder), { side: 'local' })
})

function parseBig(hex: string): bigint {
  return new ByteReader(parseHex(hex)).i64be()
}

test('[image.string.3] an ACL entry packs permission, type, scope and name, which only users and groups have', () => {
  const builder = new StringTableBuilder()
  const group = { type: 1, scope: 1, permissions: 5, name: 'staff' }
  const mask = { type: 2, scope: 0, permissions: 7, name: undefined }
  const words = [packAclEntry(group, builder), packAclEntry(mask, builder)]
  assert.deepEqual(words, [0b1_1_01_101, 0b0_0_10_111])
  const table = new StringTable(3)
  for (const entry of builder.entries()) table.add(entry)
  assert.deepEqual(
    words.map((word) => unpackAclEntry(word, table)),
    [group, mask],
  )
})

test('attribute names keep all five namespaces', () => {
  const builder = new StringTableBuilder()
  const packed = [0, 1, 2, 3, 4].map((namespace) => packXAttrName(namespace, `x${namespace}`, builder))
  const table = new StringTable(3)
  for (const entry of builder.entries()) table.add(entry)
  packed.forEach((word, namespace) => {
    assert.deepEqual(unpackXAttrName(word, table), { namespace, name: `x${namespace}` })
  })
})

test('a section in every split gives the same messages, and one cut inside a message is refused', () => {
  const bytes = sectionOf(javaImage, 'INODE_DIR')
  const whole = messages(opened(javaImage, 'INODE_DIR'), INodeDirectorySection_DirEntry)
  for (let at = 0; at <= bytes.length; at++) {
    const decoder = new ImageSectionDecoder('INODE_DIR')
    decoder.push(bytes.subarray(0, at))
    const first = messages(decoder, INodeDirectorySection_DirEntry)
    if (decoder.remaining > 0) assert.throws(() => decoder.end(), { code: 'ERR_HSTORAGE_IMAGE_SECTION' })
    decoder.push(bytes.subarray(at))
    assert.deepEqual([...first, ...messages(decoder, INodeDirectorySection_DirEntry)], whole)
    decoder.end()
  }
})

test('promised lengths beyond the limits are refused before memory is claimed', () => {
  assert.throws(() => decodeSummaryLength(parseHex('7fffffff'), 2 ** 40), {
    code: 'ERR_HSTORAGE_IMAGE_SUMMARY',
  })
  assert.throws(() => decodeSummaryLength(parseHex('ffffffff'), 1000), { code: 'ERR_HSTORAGE_IMAGE_SUMMARY' })
  const decoder = new ImageSectionDecoder('INODE')
  decoder.push(parseHex('ffffffff0f'))
  assert.throws(() => decoder.next(INodeSection), { code: 'ERR_HSTORAGE_IMAGE_MESSAGE_TOO_LARGE' })
})

test('[image.file.2] [image.file.3] [image.file.4] summaries with another version, a codec, a foreign section or a section outside the file are refused', () => {
  const section = (name: string, offset: bigint, length: bigint) => ({ name, offset, length })
  const summary = (codec: string | undefined, sections: ReturnType<typeof section>[], ondiskVersion = 1) => {
    const bytes = FileSummary.encode({ ondiskVersion, layoutVersion: 4294967229, codec, sections })
    return concatBytes([Uint8Array.of(bytes.length), bytes])
  }
  const cases: [Uint8Array, string][] = [
    [summary(undefined, [], 2), 'ERR_HSTORAGE_IMAGE_SUMMARY'],
    [summary('org.apache.hadoop.io.compress.GzipCodec', []), 'ERR_HSTORAGE_IMAGE_CODEC'],
    [summary(undefined, [section('NEW_SECTION', 8n, 1n)]), 'ERR_HSTORAGE_IMAGE_SUMMARY'],
    [summary(undefined, [section('INODE', 7n, 9n)]), 'ERR_HSTORAGE_IMAGE_SUMMARY'],
    [summary(undefined, [section('INODE', 8n, 93n)]), 'ERR_HSTORAGE_IMAGE_SUMMARY'],
    [summary(undefined, [section('INODE', 8n, 2n ** 64n - 1n)]), 'ERR_HSTORAGE_IMAGE_SUMMARY'],
    [summary(undefined, [section('INODE', 8n, 1n), section('INODE', 9n, 1n)]), 'ERR_HSTORAGE_IMAGE_SUMMARY'],
  ]
  for (const [bytes, code] of cases) assert.throws(() => decodeSummary(bytes, 100), { code })
  const good = summary('', [
    section('INODE', 8n, 92n),
    section('INODE_SUB', 8n, 92n),
    section('NS_INFO', 100n, 0n),
  ])
  assert.deepEqual(
    decodeSummary(good, 100).sections.map(({ name }) => name),
    ['NS_INFO', 'INODE'],
  )
  assert.equal(decodeSummary(good, 100).layoutVersion, -67)
  const encoded = encodeSummary(decodeSummary(good, 100))
  assert.equal(decodeSummaryLength(encoded.subarray(-4), 1000), encoded.length - 4)
})

test('random changes of an image end in a value or a ProtocolError', () => {
  const random = seededRandom(5)
  for (let round = 0; round < 3000; round++) {
    try {
      readImage(mutated(javaImage, random))
    } catch (error) {
      const isMissing = error instanceof Error && error.name === 'AssertionError'
      assert.ok(error instanceof ProtocolError || isMissing, String(error))
    }
  }
})
