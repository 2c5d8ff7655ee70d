import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { startDataNode } from '@cairn/datanode'
import { connect } from '@cairn/hdfs-client'
import { startNameNode } from '@cairn/namenode'
import {
  type Hadoop,
  JavaPut,
  JavaShell,
  missingForHadoop,
  patternBytes,
  releasesUnderTest,
  startHadoop,
} from '@cairn/testkit'
import { type Cluster, startCluster } from './index.ts'

const missing = missingForHadoop()
const mebi = 1024 * 1024
const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** An old release's own command line on our cluster, and on a cluster of its own: what it prints must be the same. */
for (const version of releasesUnderTest('1.2.1', '2.0.0-alpha')) {
  describe(`the shell of Hadoop ${version} on an embedded cluster`, { skip: missing ?? false }, () => {
    let hadoop: Hadoop
    let cluster: Cluster
    let theirs: JavaShell
    let ours: JavaShell
    let work: string

    before(async () => {
      work = mkdtempSync(join(tmpdir(), 'cairn-old-'))
      writeFileSync(join(work, 'small'), 'hello hdfs\n')
      writeFileSync(join(work, 'odd'), patternBytes(123_456))
      writeFileSync(join(work, 'blocks'), patternBytes(3 * mebi + 54_321))
      writeFileSync(join(work, 'empty'), '')
      hadoop = await startHadoop({ version, datanodes: 2, permissions: true })
      cluster = await startCluster({ dir: join(work, 'cluster'), datanodes: 2, rpc: [4, 7, 8, 9] })
      const conf = { 'dfs.replication': '2', 'dfs.blocksize': String(mebi) }
      theirs = new JavaShell({ url: hadoop.url, version, conf })
      ours = new JavaShell({ url: cluster.url, version, conf })
    })

    after(async () => {
      await Promise.all([theirs?.close(), ours?.close()])
      await Promise.all([hadoop?.stop(), cluster?.close()])
      rmSync(work, { recursive: true, force: true })
    })

    /**
     * Takes out what may differ: times, addresses, log lines, and words of exceptions that later NameNodes chose otherwise
     * (Hadoop 1 names directories without the first slash and their modes without the `d`).
     */
    function masked(text: string): string {
      return text
        .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?/g, 'TIME')
        .replaceAll(/127\.0\.0\.1:\d+/g, 'HOST')
        .replaceAll(/^TIME,\d+ (WARN|INFO) .*\n/gm, '')
        .replaceAll(/java\.io\.FileNotFoundException: /g, '')
        .replaceAll(/Path is not a file/g, 'File does not exist')
        .replaceAll(/(Permission denied)[ .:].*$/gm, '$1')
    }

    async function same(
      command: string,
      user = 'root',
      tool = 'org.apache.hadoop.fs.FsShell',
    ): Promise<void> {
      const args = (side: string) => command.replaceAll('WORK', work).replaceAll('SIDE', side).split(' ')
      const [their, our] = await Promise.all([
        theirs.run(tool, args('theirs'), user),
        ours.run(tool, args('ours'), user),
      ])
      const shown = ({ code, stdout, stderr }: typeof their) => ({
        code,
        stdout: masked(stdout),
        stderr: masked(stderr),
      })
      assert.deepEqual(shown(our), shown(their), `${user}: ${command}`)
    }

    async function all(commands: string, user = 'root'): Promise<void> {
      for (const command of commands.trim().split('\n')) await same(command.trim(), user)
    }

    const local = (name: string): string => digest(readFileSync(join(work, name)))

    test('puts, lists and reads', () =>
      all(`
        -ls /
        -ls /none
        -mkdir /a
        -mkdir /a
        -mkdir /a/b
        -put WORK/small WORK/odd WORK/empty WORK/blocks /a
        -put WORK/small /a
        -copyFromLocal WORK/small /a/b
        -ls /a
        -lsr /
        -ls /a/s* /a/{odd,empty}
        -cat /a/small
        -cat /a/odd
        -cat /none
        -cat /a
        -tail /a/odd
        -text /a/small
        -test -e /a/odd
        -test -e /none
        -test -d /a
        -test -z /a/empty
        -stat %b-%F-%n-%o-%r /a/blocks
        -stat %b-%F-%n /a
        -stat %b /none`))

    test('gets what it put by digest, several blocks on two DataNodes', async () => {
      await all(`
        -get /a/blocks WORK/SIDE-blocks
        -getmerge /a/b WORK/SIDE-merged
        -copyToLocal /none WORK/SIDE-none`)
      assert.deepEqual([local('ours-blocks'), local('theirs-blocks')], [local('blocks'), local('blocks')])
      const client = await cluster.connect({ user: 'root' })
      try {
        assert.equal(digest(await client.readFile('/a/blocks')), local('blocks'))
        const blocks = await client.blockLocations('/a/blocks')
        assert.deepEqual(
          blocks.map(({ length, addresses }) => [length, addresses.length]),
          [mebi, mebi, mebi, 54_321].map((length) => [length, 2]),
        )
        // Today's client writes checksums of a type that Hadoop 1 does not know.
        await client.writeFile('/today', readFileSync(join(work, 'blocks')), { blockSize: mebi })
      } finally {
        await client.close()
      }
      assert.equal((await ours.fs('-get', '/today', join(work, 'today'))).code, 0)
      assert.equal(local('today'), local('blocks'))
      assert.equal((await ours.fs('-rm', '/today')).code, 0)
    })

    test('moves, copies, counts and appends', async () => {
      await all(`
        -mv /a/small /a/moved
        -mv /a/none /a/x
        -mv /a/moved /a/b
        -mv /a/b /a/b/c
        -cp /a/odd /a/copy
        -cp /a/odd /a/copy
        -cp /a /tree
        -lsr /tree
        -touchz /a/touched
        -touchz /a/odd
        -du /
        -dus /a
        -count /
        -count -q /a
        -setrep 1 /a/copy
        -setrep -R 1 /a/b
        -ls /a`)
      for (const shell of [theirs, ours]) {
        assert.equal((await shell.append('/a/odd', ' and', ' more')).code, 0)
        assert.equal((await shell.append('/a/blocks', 'a few bytes')).code, 0)
        assert.equal((await shell.append('/a/empty', 'no longer')).code, 0)
        assert.notEqual((await shell.append('/a/none', 'x')).code, 0)
      }
      await all(`
        -tail /a/odd
        -cat /a/empty
        -ls /a
        -get /a/blocks WORK/SIDE-appended`)
      assert.equal(local('ours-appended'), local('theirs-appended'))
    })

    test('rights, owners and removing', async () => {
      await all(`
        -chmod 600 /a/odd
        -chmod u+w,g=r,o-r /a/copy
        -chown alice:users /a/copy
        -chgrp staff /a/copy
        -chown -R bob /tree
        -lsr /a
        -chmod 700 /a
        -mkdir /open
        -chmod 777 /open`)
      await all(
        `
        -ls /a
        -cat /a/odd
        -mkdir /x
        -put WORK/small /x
        -rmr /a
        -chmod 777 /a
        -chown bob /a/odd
        -put WORK/small /open/of-bob
        -ls /open`,
        'bob',
      )
      await all(`
        -rm /a
        -rm /none
        -rmr /none
        -rm /a/copy
        -rmr /a/b
        -rmr /tree
        -rmr /
        -lsr /`)
    })

    test('administration', async () => {
      const commands = `
        -safemode get
        -safemode enter
        -setQuota 100 /a
        -safemode leave
        -setQuota 100 /a
        -setSpaceQuota 1g /a
        -clrQuota /a
        -refreshNodes
        -refreshUserToGroupsMappings
        -refreshSuperUserGroupsConfiguration`
      for (const command of commands.trim().split('\n')) {
        await same(command.trim(), 'root', 'org.apache.hadoop.hdfs.tools.DFSAdmin')
      }
    })
  })

  describe(`a pipeline of Hadoop ${version}'s client`, { skip: missing ?? false }, () => {
    test('goes on when a DataNode dies, and the file is whole', async () => {
      const namenode = await startNameNode({
        rpcVersions: [4, 7, 8, 9],
        minDatanodes: 3,
        heartbeatIntervalMs: 500,
      })
      const datanodes = await Promise.all(
        [1, 2, 3].map(() =>
          startDataNode({
            namenode: namenode.address,
            memoryBytes: 64 * mebi,
            rpcVersions: [4, 7, 8, 9],
            heartbeatIntervalMs: 500,
          }),
        ),
      )
      const url = `hdfs://127.0.0.1:${namenode.address.port}`
      const conf = { 'dfs.replication': '3', 'dfs.blocksize': String(4 * mebi) }
      const bytes = patternBytes(6 * mebi + 123)
      try {
        await namenode.ready()
        const put = new JavaPut({ url, path: '/f', version, conf })
        await put.write(bytes.subarray(0, mebi))
        await until(() => datanodes.every((datanode) => datanode.status().used >= mebi / 2))
        await datanodes.pop()!.close()
        await put.write(bytes.subarray(mebi))
        assert.equal(await put.end(), 0, put.log)
        assert.match(put.log, /Error Recovery for/i)
        const client = await connect(url, { user: 'root' })
        assert.equal(digest(await client.readFile('/f')), digest(bytes))
        await client.close()
      } finally {
        await Promise.all(datanodes.map((datanode) => datanode.close()))
        await namenode.close()
      }
    })
  })
}

async function until(ready: () => boolean): Promise<void> {
  const end = Date.now() + 30_000
  while (!ready()) {
    assert.ok(Date.now() < end, 'waited for 30 s')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
