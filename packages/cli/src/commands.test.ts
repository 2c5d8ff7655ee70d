import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { CliBench } from './test-support/cli-bench.ts'

let bench: CliBench
before(async () => {
  bench = await CliBench.start()
})
after(() => bench.close())

/** Times and free space differ from run to run. */
const masked = (text: string) => text.replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?/g, 'TIME')

test('ls shows the columns of hdfs dfs -ls, and what its flags ask for', async () => {
  await bench.ok('mkdir -p /ls/sub')
  await bench.ok('put - /ls/a.bin', { stdin: Buffer.alloc(300_000) })
  await bench.ok('touch /ls/empty')
  await bench.ok('put - /ls/sub/x', { stdin: 'hello\n' })
  assert.equal(
    masked(await bench.ok('ls /ls')),
    '-rw-r--r--   2 root supergroup     300000 TIME /ls/a.bin\n' +
      '-rw-r--r--   2 root supergroup          0 TIME /ls/empty\n' +
      'drwxr-xr-x   - root supergroup          0 TIME /ls/sub\n',
  )
  assert.equal(
    masked(await bench.ok('ls -h /ls/a.bin')),
    '-rw-r--r--   2 root supergroup    293.0 K TIME /ls/a.bin\n',
  )
  assert.equal(await bench.ok('ls -C /ls'), '/ls/a.bin\n/ls/empty\n/ls/sub\n')
  assert.equal(await bench.ok('ls -C -r /ls'), '/ls/sub\n/ls/empty\n/ls/a.bin\n')
  assert.equal(await bench.ok('ls -CS /ls'), '/ls/a.bin\n/ls/empty\n/ls/sub\n')
  assert.equal(await bench.ok('ls -C -R /ls'), '/ls/a.bin\n/ls/empty\n/ls/sub\n/ls/sub/x\n')
  assert.equal(await bench.ok('ls -C -d /ls'), '/ls\n')
  assert.match(await bench.ok('ls -e /ls'), /supergroup Replicated +300000 /)
  assert.equal(await bench.ok(`ls -C ${bench.cluster.url}/ls/sub`), `${bench.cluster.url}/ls/sub/x\n`)
  await bench.ok('touch -t 20260101:000000 /ls/empty')
  assert.match(await bench.ok('ls -C -t /ls'), /empty\n$/)
})

test('globs are expanded by the command, not by chance', async () => {
  await bench.ok('mkdir -p /glob/a1 /glob/a2 /glob/b1')
  for (const directory of ['a1', 'a2', 'b1']) await bench.ok(`touch /glob/${directory}/f`)
  assert.equal(await bench.ok('ls -C -d /glob/a*'), '/glob/a1\n/glob/a2\n')
  assert.equal(await bench.ok('ls -C /glob/*/f'), '/glob/a1/f\n/glob/a2/f\n/glob/b1/f\n')
  assert.equal(await bench.ok('ls -C /glob/{a2,b?}/f'), '/glob/a2/f\n/glob/b1/f\n')
  assert.equal(await bench.ok('ls -C /glob/[^a]1/f'), '/glob/b1/f\n')
  assert.equal(
    await bench.fails('ls /glob/x*', 1),
    "cairn ls: cannot access '/glob/x*': No such file or directory\n",
  )
})

test('relative paths start at the home directory', async () => {
  await bench.ok('mkdir -p /user/ada')
  await bench.ok('chown ada /user/ada')
  await bench.ok('put - notes', { stdin: 'x', user: 'ada' })
  assert.equal(await bench.ok('ls -C', { user: 'ada' }), './notes\n')
  assert.equal(await bench.ok('cat notes', { user: 'ada' }), 'x')
})

test('cat writes files one after another, and goes on after a failure', async () => {
  await bench.ok('put - /cat1', { stdin: 'one\n' })
  await bench.ok('put - /cat2', { stdin: 'two\n' })
  const { code, stdout, stderr } = await bench.run(['cat', '/cat1', '/none', '/', '/cat2'])
  assert.deepEqual([code, stdout], [1, 'one\ntwo\n'])
  assert.equal(
    stderr,
    "cairn cat: cannot read '/none': No such file or directory\ncairn cat: cannot read '/': Is a directory\n",
  )
})

test('mkdir, rm and mv do what coreutils do, and no more', async () => {
  assert.match(await bench.fails('mkdir /mk/a/b', 1), /cannot create directory '\/mk\/a\/b': No such file/)
  await bench.ok('mkdir -p /mk/a/b')
  await bench.ok('mkdir -p /mk/a/b')
  assert.match(await bench.fails('mkdir /mk/a', 1), /File exists/)
  assert.match(await bench.fails('rm /mk/a', 1), /Is a directory; -r removes it/)
  assert.match(await bench.fails('rm /mk/none', 1), /No such file/)
  await bench.ok('rm -f /mk/none')
  await bench.ok('touch /mk/f /mk/g')
  assert.match(await bench.fails('mv /mk/f /mk/g', 1), /cannot move '\/mk\/f' to '\/mk\/g': File exists/)
  await bench.ok('mv -f /mk/f /mk/g')
  await bench.ok('mv /mk/g /mk/a')
  await bench.ok('touch /mk/h')
  await bench.ok('mv /mk/a/g /mk/h /mk/a/b')
  assert.match(await bench.fails('mv /mk/a/b/g /mk/a/b/h /mk/none', 1), /'\/mk\/none' is not a directory/)
  assert.equal(await bench.ok('ls -C -R /mk'), '/mk/a\n/mk/a/b\n/mk/a/b/g\n/mk/a/b/h\n')
  await bench.ok('rm -rf /mk')
  assert.match(await bench.fails('rm -r /', 1), /the root is not to be removed/)
  await bench.fails('ls /mk', 1)
})

test('stat, du, df and count tell sizes', async () => {
  await bench.ok('mkdir -p /sizes/d')
  await bench.ok('put - /sizes/f', { stdin: 'hello\n' })
  await bench.ok('put - /sizes/d/g', { stdin: Buffer.alloc(2048) })
  assert.equal(
    (await bench.run(['stat', '%n %b %F %a %A %g %u %r %o', '/sizes/f'])).stdout,
    'f 6 regular file 644 rw-r--r-- supergroup root 2 134217728\n',
  )
  assert.match(
    (await bench.run(['stat', '-c', '%y %Y%%', '/sizes/f'])).stdout,
    /^\d{4}-\d\d-\d\d [\d:]+ \d{13}%\n$/,
  )
  assert.match(await bench.ok('stat /sizes/f'), /Size: 6 bytes\n/)
  assert.equal(await bench.ok('du /sizes'), '2048  4096  /sizes/d\n6     12    /sizes/f\n')
  assert.equal(await bench.ok('du -s -h /sizes'), '2.0 K  4.0 K  /sizes\n')
  assert.equal(
    await bench.ok('count -v /sizes'),
    '   DIR_COUNT   FILE_COUNT       CONTENT_SIZE PATHNAME\n           2            2               2054 /sizes\n',
  )
  assert.equal(
    await bench.ok('count -q -h /sizes'),
    '        none             inf            none             inf            2            2              2.0 K /sizes\n',
  )
  assert.match(
    await bench.ok('df'),
    new RegExp(`^Filesystem +Size +Used +Available +Use%\n${bench.cluster.url} +\\d+`),
  )
})

test('touch, chmod and chown change what they should', async () => {
  await bench.ok('touch -t 20260131:090559 /meta')
  assert.equal(
    (await bench.run(['stat', '%Y', '/meta'])).stdout,
    `${new Date(2026, 0, 31, 9, 5, 59).getTime()}\n`,
  )
  await bench.ok('touch -c /meta-none')
  await bench.fails('test -e /meta-none', 1)
  await bench.ok('chmod u=rwx,g-w,o=X /meta')
  assert.equal((await bench.run(['stat', '%a', '/meta'])).stdout, '740\n')
  await bench.ok('chmod -x /meta')
  assert.equal((await bench.run(['stat', '%a', '/meta'])).stdout, '640\n')
  await bench.ok('chown ada:staff /meta')
  assert.equal((await bench.run(['stat', '%u:%g', '/meta'])).stdout, 'ada:staff\n')
  await bench.ok('chown :other /meta')
  assert.equal((await bench.run(['stat', '%u:%g', '/meta'])).stdout, 'ada:other\n')
  assert.match(await bench.fails('chmod 999 /meta', 1), /'999' is not a mode/)
  assert.match(await bench.fails('chown : /meta', 2), /names neither/)
  const denied = await bench.fails('cat /meta', 1, { user: 'bob' })
  assert.match(
    denied,
    /Permission denied \(user=bob, access=READ, inode="\/meta".*\); another user: --user NAME\n$/,
  )
})

test('test answers with its exit code', async () => {
  await bench.ok('mkdir -p /test/d')
  await bench.ok('put - /test/f', { stdin: 'x' })
  await bench.ok('touch /test/z')
  for (const line of [
    '-d /test/d',
    '-e /test/f',
    '-f /test/f',
    '-s /test/f',
    '-z /test/z',
    '-r /test/f',
    '-w /test/f',
  ]) {
    await bench.ok(`test ${line}`)
  }
  for (const line of ['-d /test/f', '-e /test/n', '-f /test/d', '-s /test/z', '-z /test/f']) {
    await bench.fails(`test ${line}`, 1)
  }
  await bench.fails('test -w /test/f', 1, { user: 'bob' })
  await bench.fails('test /test/f', 2)
})

test('head and tail show ends, by bytes and by lines', async () => {
  const lines = Array.from({ length: 500 }, (_, i) => `line ${i}\n`)
  await bench.ok('put - /lines', { stdin: lines.join('') })
  assert.equal(await bench.ok('head /lines'), lines.join('').slice(0, 1024))
  assert.equal(await bench.ok('head -n 2 /lines'), 'line 0\nline 1\n')
  assert.equal(await bench.ok('head -c 3 /lines'), 'lin')
  assert.equal(await bench.ok('tail /lines'), lines.join('').slice(-1024))
  assert.equal(await bench.ok('tail -n 2 /lines'), 'line 498\nline 499\n')
  assert.equal(await bench.ok('tail -c 4 /lines'), '499\n')
})

test('tail -f goes on with what is appended', async () => {
  await bench.ok('put - /followed', { stdin: 'first\n' })
  const controller = new AbortController()
  const following = bench.run(['tail', '-f', '-s', '10', '/followed'], { signal: controller.signal })
  await bench.ok('append - /followed', { stdin: 'second\n' })
  setTimeout(() => controller.abort(new Error('enough')), 200)
  await assert.rejects(following, { message: 'enough' })
})

test('append makes and lengthens', async () => {
  await bench.ok('append - /appended', { stdin: 'a' })
  await bench.ok('append - /appended', { stdin: 'b' })
  assert.equal(await bench.ok('cat /appended'), 'ab')
  assert.match(await bench.fails('append none /appended2', 1), /cannot read '.*none': No such file/)
  await bench.fails('test -e /appended2', 1)
})

test('setrep, checksum and find', async () => {
  await bench.ok('mkdir -p /tree/sub')
  await bench.ok('put - /tree/a.TXT', { stdin: 'hello\n' })
  await bench.ok('put - /tree/sub/b.txt', { stdin: 'hello\n' })
  assert.equal(
    await bench.ok('setrep -w 1 /tree'),
    'Replication 1 set: /tree/a.TXT\nReplication 1 set: /tree/sub/b.txt\n' +
      'Waiting for /tree/a.TXT ... done\nWaiting for /tree/sub/b.txt ... done\n',
  )
  assert.equal(
    await bench.ok('checksum -v /tree/a.TXT'),
    '/tree/a.TXT\tMD5-of-0MD5-of-512CRC32C\t0000020000000000000000002b559725e23eb93541b0675b41e25ab3\tBlockSize=134217728\n',
  )
  assert.equal(await bench.ok('find /tree -name *.txt'), '/tree/sub/b.txt\n')
  assert.equal(await bench.ok('find /tree -iname *.txt -print0'), '/tree/a.TXT\0/tree/sub/b.txt\0')
  assert.equal(await bench.ok('find /tree'), '/tree\n/tree/a.TXT\n/tree/sub\n/tree/sub/b.txt\n')
  await bench.fails('setrep 0 /tree', 2)
  await bench.fails('find /tree -nome x', 2)
})

test('--json prints values, and errors as values', async () => {
  await bench.ok('put - /json', { stdin: 'hello\n' })
  const entry = JSON.parse(await bench.ok('ls --json /json')) as Record<string, unknown>
  assert.deepEqual([entry.path, entry.type, entry.size, entry.mode], ['/json', 'file', 6, '644'])
  const { code, stderr } = await bench.run(['stat', '--json', '/none'])
  assert.equal(code, 1)
  assert.deepEqual(JSON.parse(stderr), {
    error: "cannot stat '/none': No such file or directory",
    code: 'ENOENT',
    path: '/none',
  })
  assert.equal(JSON.parse(await bench.ok('count --json /json')).files, 1)
  assert.equal(JSON.parse(await bench.ok('df --json')).fileSystem, bench.cluster.url)
})

test('rm moves to the trash where there is one', async () => {
  const other = await CliBench.start({ 'fs.trash.interval': 60 })
  try {
    await other.ok('put - /t/../thing', { stdin: 'x' })
    assert.match(
      (await other.run(['rm', '/thing'])).stderr,
      /moved '\/thing' to '\/user\/root\/\.Trash\/Current\/thing'/,
    )
    assert.equal(await other.ok('cat /user/root/.Trash/Current/thing'), 'x')
    await other.ok('touch /thing')
    await other.ok('rm /thing')
    await other.ok('touch /thing')
    await other.ok('rm -skipTrash /thing')
    assert.equal((await other.ok('ls -C /user/root/.Trash/Current')).split('\n').length, 3)
    await other.ok('rm -r /user/root/.Trash/Current')
    await other.fails('ls /user/root/.Trash/Current', 1)
  } finally {
    await other.close()
  }
})

test('the default file system comes from --fs, HADOOP_CONF_DIR or CAIRN_DEFAULT_FS', async () => {
  const { url } = bench.cluster
  const site = `<configuration><property><name>fs.defaultFS</name><value>${url}</value></property></configuration>`
  await writeFile(join(bench.dir, 'core-site.xml'), site)
  const nowhere = { CAIRN_DEFAULT_FS: 'hdfs://127.0.0.1:1' }
  await bench.ok('ls /', { env: { ...nowhere, HADOOP_CONF_DIR: bench.dir } })
  await bench.ok(`ls --fs ${url} /`, { env: nowhere })
  await bench.ok(`ls --conf fs.defaultFS=${url} /`, { env: nowhere })
  assert.match(await bench.fails('ls /', 1, { env: { CAIRN_DEFAULT_FS: '' } }), /no file system is named/)
  assert.match(
    await bench.fails('ls /', 1, { env: { CAIRN_DEFAULT_FS: 'file:///' } }),
    /hdfs:\/\/HOST:PORT is needed/,
  )
})
