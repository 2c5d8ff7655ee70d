import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { connect } from '@cairn/hdfs-client'
import { type Hadoop, JavaShell, missingForHadoop, patternBytes, startHadoop } from '@cairn/testkit'
import { type Cluster, startCluster } from './index.ts'

/**
 * Java's own shell does the same things to Apache Hadoop and to an embedded cluster. What it prints, to both outputs,
 * and its exit code must be the same, but for times and for what is named in `masked`.
 */
const missing = missingForHadoop()
for (const version of ['3.4.3', '3.5.0']) {
  describe(`Java's shell of Hadoop ${version} sees no difference`, { skip: missing ?? false }, () => {
    let hadoop: Hadoop
    let cluster: Cluster
    let theirs: JavaShell
    let ours: JavaShell
    let work: string

    before(async () => {
      work = mkdtempSync(join(tmpdir(), 'cairn-shell-'))
      writeFileSync(join(work, 'small'), 'hello hdfs\n')
      writeFileSync(join(work, 'odd'), patternBytes(1_234_567))
      writeFileSync(join(work, 'empty'), '')
      writeFileSync(join(work, 'text.gz'), gzipSync('hello\n'))
      hadoop = await startHadoop({ version, datanodes: 1, permissions: true })
      cluster = await startCluster({ dir: join(work, 'cluster'), datanodes: 1 })
      const conf = { 'dfs.replication': '1', 'dfs.blocksize': '1048576' }
      theirs = new JavaShell({ url: hadoop.url, version, conf })
      ours = new JavaShell({ url: cluster.url, version, conf })
    })

    after(async () => {
      await Promise.all([theirs?.close(), ours?.close()])
      await Promise.all([hadoop?.stop(), cluster?.close()])
      rmSync(work, { recursive: true, force: true })
    })

    /** Takes out what may differ: times, addresses, capacities, inode and block numbers. */
    function masked(text: string): string {
      return text
        .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?/g, 'TIME')
        .replaceAll(/hdfs:\/\/127\.0\.0\.1:\d+/g, 'URL')
        .replaceAll(/127\.0\.0\.1:\d+/g, 'HOST')
        .replaceAll(/^\d{4}-\d\d-\d\dT.*\n/gm, '')
        .replaceAll(/TIME,\d+ WARN .*\n/g, '')
    }

    /** Runs one command on both sides and compares; `user` and `tool` as `JavaShell.run` takes them. */
    async function same(
      command: string,
      user = 'root',
      tool = 'org.apache.hadoop.fs.FsShell',
    ): Promise<string> {
      const args = command.replaceAll('WORK', work).split(' ')
      const [their, our] = await Promise.all([theirs.run(tool, args, user), ours.run(tool, args, user)])
      const shown = (result: typeof their) => ({
        code: result.code,
        stdout: masked(result.stdout),
        stderr: masked(result.stderr),
      })
      assert.deepEqual(shown(our), shown(their), `${user}: ${command}`)
      return our.stdout
    }

    async function all(commands: string, user = 'root'): Promise<void> {
      for (const command of commands.trim().split('\n')) await same(command.trim(), user)
    }

    test('making, putting, listing', () =>
      all(`
        -ls /
        -ls /none
        -mkdir /a
        -mkdir /a
        -mkdir /b/c
        -mkdir -p /b/c/d
        -put WORK/small WORK/odd WORK/empty /a
        -put WORK/small /a
        -put -f WORK/small /a/small
        -put WORK/small /none/x
        -ls /a
        -ls -R /
        -ls -C -t -r /a
        -ls -d /a
        -ls -h -S /a
        -ls /a/s* /a/{odd,empty}`))

    test('reading', () =>
      all(`
        -cat /a/small
        -cat /a/odd
        -cat /none
        -cat /a
        -head /a/odd
        -tail /a/odd
        -checksum /a/small /a/odd /a/empty
        -test -e /a/odd
        -test -e /none
        -test -d /a
        -test -f /a
        -test -z /a/empty
        -test -s /a/empty
        -put WORK/text.gz /a
        -text /a/text.gz
        -stat %F-%a-%b-%g-%n-%o-%r-%u /a/odd
        -stat %F-%a-%b-%g-%n-%o-%r-%u /a
        -stat %b /none`))

    test('copying, moving, appending', () =>
      all(`
        -cp /a/odd /b/copy
        -checksum /b/copy
        -cp /a/odd /b/copy
        -cp -f -p /a/small /b/copy
        -cat /b/copy
        -cp /a /b/tree
        -ls -R /b
        -mv /b/copy /b/moved
        -mv /b/none /b/x
        -mv /b/moved /a/small
        -mv /b /b/c
        -appendToFile WORK/small WORK/small /b/moved
        -cat /b/moved
        -appendToFile WORK/odd /a/odd
        -checksum /a/odd
        -touchz /b/touched
        -touchz /a/odd
        -touch /b/touched2
        -concat /b/moved /a/small
        -truncate -w 5 /b/moved
        -cat /b/moved`))

    test('rights and owners', async () => {
      await all(`
        -chmod 700 /a
        -chmod u+x,g=r,o-r /b/moved
        -chown alice:users /b/moved
        -chgrp staff /b/moved
        -chmod -R 755 /b
        -mkdir /tmp
        -chmod 1777 /tmp
        -mkdir /user
        -ls /
        -ls -R /b`)
      await all(
        `
        -ls /a
        -cat /a/small
        -mkdir /x
        -put WORK/small /x
        -rm /b/moved
        -rm -r /b
        -chmod 777 /a
        -chown bob /b/moved
        -put WORK/small /tmp/of-bob
        -ls /tmp`,
        'bob',
      )
      await all(
        `
        -rm /tmp/of-bob
        -mv /tmp/of-bob /tmp/of-carol
        -cat /tmp/of-bob
        -appendToFile WORK/small /tmp/of-bob`,
        'carol',
      )
    })

    test('sizes and searches', () =>
      all(`
        -du /
        -du -s -h /a
        -du -v /b
        -count /
        -count -q -h -v /a
        -find / -name *o*
        -find /b -iname MOVED -print
        -setrep 2 /b/moved
        -setrep -R 1 /b
        -ls /b/moved
        -getfacl /a
        -getfattr -d /a`))

    test('removing', () =>
      all(`
        -rm /a
        -rm /none
        -rm -f /none
        -rmdir /a
        -rmdir --ignore-fail-on-non-empty /a
        -rm -r /a
        -rm -r -skipTrash /b/tree
        -rm /b/c
        -rm -r /
        -ls -R /`))

    test('ten thousand entries come in pages', async () => {
      for (const url of [cluster.url, hadoop.url]) {
        const side = await connect(url, { user: 'root' })
        await side.mkdir('/many')
        const names = Array.from({ length: 10_000 }, (_, index) => `/many/f${index}`)
        while (names.length > 0) await Promise.all(names.splice(0, 200).map((name) => side.mkdir(name)))
        await side.close()
      }
      const listed = await same('-ls /many')
      assert.equal(listed.trim().split('\n').length, 10_001)
      await same('-rm -r -skipTrash /many')
    })

    test('what Java wrote is on disk as Java would have it, and comes back by digest', async () => {
      await ours.fs('-put', join(work, 'odd'), '/digest')
      await ours.fs('-get', '/digest', join(work, 'back'))
      assert.deepEqual(readFileSync(join(work, 'back')), readFileSync(join(work, 'odd')))
    })

    test('administration', async () => {
      const admin = 'org.apache.hadoop.hdfs.tools.DFSAdmin'
      await same('-safemode get', 'root', admin)
      await same('-safemode enter', 'root', admin)
      await same('-mkdir /in-safe-mode')
      await same('-safemode leave', 'root', admin)
      const report = await ours.admin('-report')
      assert.match(report.stdout, /Live datanodes \(1\)/)
    })
  })
}
