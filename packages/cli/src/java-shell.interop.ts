import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { after, before, describe, test } from 'node:test'
import { type Hadoop, JavaShell, missingForHadoop, patternBytes, startHadoop } from '@cairn/testkit'
import { CapturedOutput } from './io/output.ts'
import { main } from './main.ts'

/** `cairn` and Java's shell work on the same Apache Hadoop, each in a directory of its own, and see the same. */
const missing = missingForHadoop()
if (missing) console.error(missing)

describe('cairn beside hdfs dfs on Apache Hadoop', { skip: missing ?? false }, () => {
  let hadoop: Hadoop
  let java: JavaShell
  let work: string

  before(async () => {
    work = mkdtempSync(join(tmpdir(), 'cairn-beside-'))
    writeFileSync(join(work, 'small'), 'hello\n')
    writeFileSync(join(work, 'odd'), patternBytes(1_234_567))
    writeFileSync(join(work, 'empty'), '')
    hadoop = await startHadoop({ version: '3.4.3', datanodes: 1, permissions: true })
    const conf = { 'dfs.replication': '1', 'dfs.blocksize': '1048576' }
    java = new JavaShell({ url: hadoop.url, version: '3.4.3', conf })
  })
  after(async () => {
    await java?.close()
    await hadoop?.stop()
    rmSync(work, { recursive: true, force: true })
  })

  async function cairn(words: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
    const stdout = new CapturedOutput()
    const stderr = new CapturedOutput()
    const conf = ['--conf', 'dfs.replication=1', '--conf', 'dfs.blocksize=1048576', '--user', 'root']
    const env = { CAIRN_DEFAULT_FS: hadoop.url }
    const io = { stdin: () => Readable.from([]), stdout, stderr, env, cwd: work }
    const code = await main([words[0]!, ...conf, ...words.slice(1)], io, new AbortController().signal)
    return { code, stdout: stdout.text, stderr: stderr.text }
  }

  /** Runs a line of `hdfs dfs` on both sides; ROOT is each side's own directory. Output has to be the same. */
  async function same(line: string): Promise<void> {
    const words = (root: string) => line.replaceAll('ROOT', root).replaceAll('WORK', work).split(' ')
    const [name, ...theirWords] = words('/java')
    const theirs = await java.fs(`-${name}`, ...theirWords)
    const ours = await cairn(words('/node'))
    assert.equal(ours.code, theirs.code, `${line}: ${ours.stderr}${theirs.stderr}`)
    assert.equal(masked(ours.stdout), masked(theirs.stdout), line)
  }

  function masked(text: string): string {
    return text
      .replaceAll('/java', '/ROOT')
      .replaceAll('/node', '/ROOT')
      .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?/g, 'TIME')
      .replaceAll(/^Found \d+ items\n/gm, '')
      .replaceAll(/^(Deleted|Moved): .*\n|^Deleted .*\n/gm, '')
  }

  async function all(lines: string): Promise<void> {
    for (const line of lines.trim().split('\n')) await same(line.trim())
  }

  test('making, putting and listing', () =>
    all(`
      mkdir ROOT
      mkdir ROOT
      mkdir ROOT/none/x
      mkdir -p ROOT/d/e
      put WORK/small WORK/odd WORK/empty ROOT
      put WORK/small ROOT
      put -f WORK/small ROOT/small
      put WORK/small ROOT/none/x
      ls ROOT
      ls -h ROOT
      ls -C ROOT
      ls -C -S -r ROOT
      ls -R ROOT
      ls -q -e ROOT
      ls -d ROOT/{odd,em*}
      ls ROOT/none
      ls ROOT/[^a-n]*`))

  test('reading', () =>
    all(`
      cat ROOT/small ROOT/odd
      cat ROOT/none
      cat ROOT
      head ROOT/odd
      tail ROOT/odd
      checksum -v ROOT/small ROOT/odd ROOT/empty
      stat %F-%a-%A-%b-%g-%n-%o-%r-%u ROOT/odd
      stat %F-%a-%A-%b-%g-%n-%u ROOT/d
      test -e ROOT/odd
      test -e ROOT/none
      test -d ROOT/odd
      test -f ROOT/odd
      test -s ROOT/d
      test -s ROOT/empty
      test -z ROOT/empty
      test -r ROOT/odd
      test -w ROOT/odd`))

  test('adding up and searching', () =>
    all(`
      du ROOT
      du -s -h ROOT
      du -v ROOT/odd
      count ROOT
      count -v -h ROOT ROOT/d
      count -q ROOT
      count -u -v ROOT
      find ROOT -name o*
      find ROOT -iname SMALL -print
      find ROOT/none`))

  test('changing', () =>
    all(`
      chmod 640 ROOT/small
      chmod u=rwx,g-w,o=X ROOT/odd
      chmod -R a+rX,+t ROOT/d
      chown -R ada:staff ROOT/d
      chown :other ROOT/small
      setrep -w 1 ROOT/odd
      touch -t 20260131:090559 ROOT/touched
      touch -c ROOT/never
      appendToFile WORK/small WORK/odd ROOT/small
      cp ROOT/odd ROOT/copy
      cp ROOT/odd ROOT/copy
      cp -f -p ROOT/small ROOT/copy
      cp ROOT/d ROOT/d2
      mv ROOT/copy ROOT/d/moved
      mv ROOT/none ROOT/x
      mv ROOT/d/moved ROOT/odd
      rm ROOT/d
      rm -r ROOT/d2
      rm -f ROOT/none
      rm ROOT/none
      ls -R ROOT
      stat %Y-%y ROOT/touched
      checksum ROOT/small ROOT/d/moved`))
})
