/** Edit logs between this package and Apache Hadoop's own reader, writer and fixture. */
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { ByteWriter } from '@cairn/bytes'
import { fetchHadoop, hadoopCacheDir, jarsOf, jvmOptions, missingForHadoop, runCommand } from '@cairn/testkit'
import { type EditRecord, writeEditOp } from './frame.ts'
import type { EditOp } from './operations.ts'
import { EditSegmentDecoder, encodeSegmentHeader } from './segment-decoder.ts'
import { allEditSamples } from './testing/edit-samples.ts'

const missing = missingForHadoop() ?? false
const viewer = 'org.apache.hadoop.hdfs.tools.offlineEditsViewer.OfflineEditsViewer'

/** `editsStored` and its XML from the sources of Hadoop's tests: every operation, written by Java. */
async function fetchFixture(): Promise<string> {
  const folder = join(hadoopCacheDir(), '3.4.3-test-sources')
  if (existsSync(join(folder, 'editsStored.xml'))) return folder
  mkdirSync(folder, { recursive: true })
  const done = await runCommand('mvn', [
    '-q',
    '-B',
    'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:unpack',
    '-Dartifact=org.apache.hadoop:hadoop-hdfs:3.4.3:jar:test-sources',
    '-Dmdep.unpack.includes=editsStored,editsStored.xml',
    `-DoutputDirectory=${folder}`,
  ])
  assert.equal(done.code, 0, done.stdout + done.stderr)
  return folder
}

function decode(bytes: Uint8Array): EditRecord[] {
  const decoder = new EditSegmentDecoder()
  decoder.push(bytes)
  const records: EditRecord[] = []
  for (let record = decoder.next(); record !== undefined; record = decoder.next()) records.push(record)
  assert.equal(decoder.end().kind, 'clean')
  return records
}

function encode(ops: readonly EditOp[], firstTxid = 1): Uint8Array {
  const writer = new ByteWriter()
  writer.bytes(encodeSegmentHeader())
  ops.forEach((op, index) => {
    writeEditOp(writer, firstTxid + index, op)
  })
  return writer.take()
}

async function view(version: string, format: 'xml' | 'binary', from: string, to: string): Promise<void> {
  const jars = jarsOf(fetchHadoop(version))
  const args = [...jvmOptions('256m'), '-cp', jars, viewer, '-p', format, '-i', from, '-o', to]
  const done = await runCommand('java', args)
  assert.equal(done.code, 0, done.stdout + done.stderr)
}

test("every operation of Java's editsStored is decoded as its XML says and encoded to the same bytes", {
  skip: missing,
}, async () => {
  const folder = await fetchFixture()
  const bytes = new Uint8Array(readFileSync(join(folder, 'editsStored')))
  const xml = readFileSync(join(folder, 'editsStored.xml'), 'utf8')
  const records = decode(bytes)
  const expected = xml.split('<RECORD>').slice(1)
  assert.equal(records.length, expected.length)
  records.forEach(({ txid, op }, index) => {
    const record = expected[index]!
    assert.equal(op.op, /<OPCODE>(.*?)</.exec(record)?.[1])
    assert.equal(txid, Number(/<TXID>(.*?)</.exec(record)?.[1]))
    const path = /<PATH>(.*?)</.exec(record)?.[1]
    if (path !== undefined && 'path' in op) assert.equal(op.path, path)
    const lengths = [...record.matchAll(/<NUM_BYTES>(.*?)</g)].map(([, length]) => Number(length))
    if ('blocks' in op)
      assert.deepEqual(
        op.blocks.map(({ numBytes }) => numBytes),
        lengths,
      )
  })
  assert.deepEqual(encode(records.map(({ op }) => op)), bytes)
})

for (const version of ['3.4.3', '3.5.0']) {
  test(`Java ${version} reads every operation that we write, and writes the same bytes`, {
    skip: missing,
  }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cairn-edits-'))
    try {
      // Java still reads these two but refuses to write them.
      const ops = allEditSamples.filter(({ op }) => op !== 'OP_SET_NS_QUOTA' && op !== 'OP_CLEAR_NS_QUOTA')
      const ours = join(folder, 'ours')
      writeFileSync(ours, encode(ops))
      await view(version, 'xml', ours, join(folder, 'ours.xml'))
      const xml = readFileSync(join(folder, 'ours.xml'), 'utf8')
      assert.deepEqual(
        [...xml.matchAll(/<OPCODE>(.*?)</g)].map(([, name]) => name),
        ops.map(({ op }) => op),
      )
      await view(version, 'binary', join(folder, 'ours.xml'), join(folder, 'java'))
      // Java's XML of a new file has neither its attributes nor its storage policy.
      const shown = ops.map((op) => (op.op === 'OP_ADD' ? { ...op, xAttrs: [], storagePolicyId: 0 } : op))
      assert.deepEqual(new Uint8Array(readFileSync(join(folder, 'java'))), encode(shown))
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
}
