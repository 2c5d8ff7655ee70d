/** The same data through Hadoop's own coders and ours. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { fetchHadoop, jarsOf, missingForHadoop, runCommand } from '@cairn/testkit'
import { parityLines } from './test-support/java-vectors.ts'

const missing = missingForHadoop()
const skip = missing === undefined ? false : missing
const version = process.env.HADOOP_VERSION ?? '3.4.3'

test('[ec.rs.1] [ec.legacy.1] [ec.xor.1] parity is what the coders in the jars make', { skip }, async () => {
  const program = fileURLToPath(new URL('../java/JavaCoders.java', import.meta.url))
  const done = await runCommand('java', ['-cp', jarsOf(fetchHadoop(version)), program], { env: process.env })
  assert.equal(done.code, 0, done.stderr)
  const lines = done.stdout.trim().split('\n')
  assert.deepEqual(parityLines(lines), lines)
  const pinned = new URL('../test-data/hadoop-3.4.3-parity.txt', import.meta.url)
  assert.equal(done.stdout, readFileSync(pinned, 'utf8'))
})
