/** Images that we write, shown by Apache Hadoop's own viewer beside the one they were read from. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fetchHadoop, jarsOf, jvmOptions, missingForHadoop, runCommand } from '@cairn/testkit'
import { javaImage, readImage, sectionOf, writeImage } from './testing/image-contents.ts'

const missing = missingForHadoop() ?? false
const viewer = 'org.apache.hadoop.hdfs.tools.offlineImageViewer.OfflineImageViewerPB'

for (const version of ['3.4.3', '3.5.0']) {
  test(`Java ${version} shows our image of a namespace as it shows Java's`, { skip: missing }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cairn-image-'))
    try {
      const raw = {
        ERASURE_CODING: sectionOf(javaImage, 'ERASURE_CODING'),
        SNAPSHOT: sectionOf(javaImage, 'SNAPSHOT'),
        SECRET_MANAGER: sectionOf(javaImage, 'SECRET_MANAGER'),
        CACHE_MANAGER: sectionOf(javaImage, 'CACHE_MANAGER'),
      }
      const shown: string[] = []
      for (const [name, image] of [
        ['java', javaImage],
        ['ours', writeImage(readImage(javaImage), raw)],
      ] as const) {
        const path = join(folder, name)
        writeFileSync(path, image)
        const args = [...jvmOptions('256m'), '-cp', jarsOf(fetchHadoop(version)), viewer]
        const done = await runCommand('java', [...args, '-p', 'XML', '-i', path, '-o', `${path}.xml`])
        assert.equal(done.code, 0, done.stdout + done.stderr)
        shown.push(readFileSync(`${path}.xml`, 'utf8'))
      }
      assert.equal(shown[1], shown[0])
      assert.match(shown[0]!, /<name>renamed<\/name>/)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
}
