import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ByteWriter, concatBytes } from '@cairn/bytes'
import { SecretManagerSection, SnapshotSection } from '@cairn/hadoop-proto/fsimage'
import { type ImageINode, ImageWriter, type RawImageSections } from '@cairn/hdfs-storage'
import { Namespace } from '../namespace/namespace.ts'
import { loadImage } from './image-loader.ts'
import { imagePieces } from './image-saver.ts'
import { SimulatedDisk } from './testing/simulated-disk.ts'

const identity = { namespaceId: 42, clusterId: 'CID-test', blockPoolId: 'BP-1-127.0.0.1-1', cTime: 0 }
const owned = { owner: 'a', group: 'b', mode: 0o755, modificationTime: 5 }
const none = { nsQuota: -1n, dsQuota: -1n }

function directory(id: number): ImageINode {
  return { ...owned, ...none, kind: 'directory', id, name: id === 16385 ? '' : `d${id}` }
}

/** An image of the root and `inodes`, with `lists` as the children of directories. */
function image(
  inodes: readonly ImageINode[],
  lists: readonly [number, number[]][],
  raw: RawImageSections = {},
): Uint8Array {
  const writer = new ImageWriter(raw)
  const counters = { transactionId: 1, generationStamp: 1000, lastAllocatedBlockId: 1073741824n }
  writer.namespaceInfo({ namespaceId: identity.namespaceId, ...counters })
  writer.beginINodes(16400, inodes.length + 1)
  for (const inode of [...inodes, directory(16385)]) writer.inode(inode)
  writer.endINodes()
  for (const [parent, children] of lists) writer.directory(parent, children)
  writer.endDirectories()
  writer.finish()
  return writer.takeOutput()
}

async function load(bytes: Uint8Array) {
  const disk = new SimulatedDisk()
  disk.put('/image', bytes)
  const namespace = new Namespace(identity, '', '')
  return { namespace, carry: await loadImage(disk, '/image', namespace) }
}

test('[image.section.6] an image whose inodes are not each in exactly one directory is refused', async () => {
  const two = [directory(16386), directory(16387)]
  const { namespace } = await load(
    image(two, [
      [16385, [16386]],
      [16386, [16387]],
    ]),
  )
  assert.equal(namespace.inodes.size, 3)
  const cases: [[number, number[]][], RegExp][] = [
    [[[16385, [16386]]], /16387 in no directory/],
    [
      [
        [16385, [16386, 16387]],
        [16386, [16387]],
      ],
      /16387 in two directories/,
    ],
    [[[16385, [16386, 16387, 16388]]], /16388 in a directory, but not among the inodes/],
    [
      [
        [16385, [16386, 16387]],
        [16386, [16385]],
      ],
      /the root below inode 16386/,
    ],
  ]
  for (const [lists, message] of cases) {
    await assert.rejects(load(image(two, lists)), { code: 'ERR_NAMENODE_IMAGE', message })
  }
})

test('[image.section.7] sections of features that are not used go from image to image as they are', async () => {
  const writer = new ByteWriter()
  SecretManagerSection.encodeDelimited(writer, {
    currentId: 3,
    tokenSequenceNumber: 9,
    numKeys: 0,
    numTokens: 0,
  })
  const raw = { SECRET_MANAGER: writer.take() }
  const bytes = image([], [], raw)
  const { namespace, carry } = await load(bytes)
  assert.deepEqual(carry.raw.SECRET_MANAGER, raw.SECRET_MANAGER)
  const saved = concatBytes([...imagePieces(namespace, 1, carry)])
  assert.deepEqual((await load(saved)).carry, carry)
  assert.deepEqual(Object.keys(carry.raw).sort(), [
    'CACHE_MANAGER',
    'ERASURE_CODING',
    'SECRET_MANAGER',
    'SNAPSHOT',
  ])
})

test('[image.section.7] images with snapshots or striped files are refused', async () => {
  const writer = new ByteWriter()
  SnapshotSection.encodeDelimited(writer, { snapshotCounter: 1, snapshottableDir: [], numSnapshots: 1 })
  await assert.rejects(load(image([], [], { SNAPSHOT: writer.take() })), {
    code: 'ERR_NAMENODE_IMAGE',
    message: /snapshots are not supported/,
  })
  const striped: ImageINode = {
    ...owned,
    kind: 'file',
    id: 16386,
    name: 'f',
    accessTime: 5,
    replication: 0,
    preferredBlockSize: 1 << 20,
    blocks: [],
    storagePolicyId: 0,
    erasureCodingPolicyId: 1,
  }
  await assert.rejects(load(image([striped], [[16385, [16386]]])), {
    code: 'ERR_NAMENODE_IMAGE',
    message: /striped/,
  })
})
