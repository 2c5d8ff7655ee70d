import assert from 'node:assert/strict'
import { mkdir, readdir, readFile, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { patternBytes } from '@cairn/testkit'
import { CliBench } from './test-support/cli-bench.ts'

let bench: CliBench
before(async () => {
  bench = await CliBench.start({ 'dfs.blocksize': 1 << 20 })
})
after(() => bench.close())

const local = (name: string) => join(bench.dir, name)

test('put and get bring every byte there and back', async () => {
  for (const size of [0, 1, 511, 65_537, 3_000_001]) {
    await writeFile(local('in'), patternBytes(size))
    await bench.ok('put -f in /bytes')
    await bench.ok('get -f /bytes out')
    assert.deepEqual(await readFile(local('out')), Buffer.from(patternBytes(size)))
  }
  const { bytes } = await bench.run(['get', '/bytes', '-'])
  assert.deepEqual(bytes, Buffer.from(patternBytes(3_000_001)))
})

test('trees go there, across and back, several files at once', async () => {
  await mkdir(local('tree/sub/deep'), { recursive: true })
  for (let i = 0; i < 30; i++) await writeFile(local(`tree/sub/f${i}`), patternBytes(i * 1000, i))
  await writeFile(local('tree/sub/deep/we ird'), 'x')
  await symlink('f3', local('tree/sub/link'))
  await bench.ok('put -t 4 tree /up')
  await bench.ok('mkdir /into')
  await bench.ok('put tree /into')
  await bench.ok('cp -t 3 /up /across')
  await bench.ok('get /across down')
  assert.equal(await bench.ok('ls -C /into'), '/into/tree\n')
  const names = (await readdir(local('tree'), { recursive: true })).sort()
  assert.deepEqual((await readdir(local('down'), { recursive: true })).sort(), names)
  for (let i = 0; i < 30; i++) {
    assert.deepEqual(await readFile(local(`down/sub/f${i}`)), await readFile(local(`tree/sub/f${i}`)))
  }
  assert.deepEqual(await readFile(local('down/sub/link')), await readFile(local('tree/sub/f3')))
  assert.match(await bench.fails('cp /up /up/inside', 1), /cannot be copied into itself/)
  assert.match(await bench.fails('cp /up/sub/f1 /up/sub/f1', 1), /same file/)
})

test('what is there is replaced only with -f', async () => {
  await writeFile(local('new'), 'new')
  await bench.ok('put - /there', { stdin: 'old' })
  assert.match(
    await bench.fails('put new /there', 1),
    /cannot put '.*new' to '\/there': File exists; -f replaces it/,
  )
  assert.equal(await bench.ok('cat /there'), 'old')
  await bench.ok('put -f new /there')
  assert.equal(await bench.ok('cat /there'), 'new')
  assert.match(await bench.fails('get /there new', 1), /File exists/)
  await bench.ok('put - /from', { stdin: 'from' })
  await bench.fails('cp /from /there', 1)
  await bench.ok('cp -f /from /there')
  assert.equal(await bench.ok('cat /there'), 'from')
})

test('-p keeps times and modes', async () => {
  await writeFile(local('kept'), 'x', { mode: 0o640 })
  const time = new Date('2026-01-31T09:05:59.123Z')
  await utimes(local('kept'), time, time)
  await bench.ok('put -p kept /kept')
  await bench.ok('cp -p /kept /kept2')
  await bench.ok('get -p /kept2 kept2')
  assert.equal((await bench.run(['stat', '%a %Y', '/kept2'])).stdout, `640 ${time.getTime()}\n`)
  const found = await stat(local('kept2'))
  assert.deepEqual([found.mode & 0o777, found.mtime.getTime()], [0o640, time.getTime()])
})

test('a put has its name only when it is complete, and leaves nothing when it fails', async () => {
  const client = await bench.cluster.connect()
  await bench.ok('mkdir /partial')
  const controller = new AbortController()
  await writeFile(local('large'), patternBytes(40_000_000))
  const putting = bench.run(['put', '-d', 'large', '/partial/x'], { signal: controller.signal })
  while ((await client.readdir('/partial')).length === 0) await new Promise(setImmediate)
  controller.abort(new Error('stop'))
  await assert.rejects(putting, { message: 'stop' })
  assert.deepEqual(await client.readdir('/partial'), [])

  const second = new AbortController()
  const again = bench.run(['put', 'large', '/partial/y'], { signal: second.signal })
  let seen: string[] = []
  while (seen.length === 0) {
    seen = await client.readdir('/partial')
    await new Promise(setImmediate)
  }
  assert.deepEqual(seen, ['y._COPYING_'])
  second.abort(new Error('stop'))
  await assert.rejects(again, { message: 'stop' })
  assert.deepEqual(await client.readdir('/partial'), [])
  await client.close()
})

test('a get that fails leaves no file', async () => {
  await writeFile(local('large'), patternBytes(40_000_000))
  await bench.ok('put -f large /large')
  const controller = new AbortController()
  const getting = bench.run(['get', '/large', 'half'], { signal: controller.signal })
  while (!(await readdir(bench.dir)).includes('half._COPYING_')) await new Promise(setImmediate)
  controller.abort(new Error('stop'))
  await assert.rejects(getting, { message: 'stop' })
  assert.deepEqual(
    (await readdir(bench.dir)).filter((name) => name.startsWith('half')),
    [],
  )
})

test('one file that fails does not stop the others', async () => {
  await mkdir(local('some'), { recursive: true })
  await writeFile(local('some/a'), 'a')
  await writeFile(local('some/b'), 'b')
  await bench.ok('mkdir -p /some/a')
  const { code, stderr } = await bench.run([
    'put',
    '-f',
    join(bench.dir, 'some/a'),
    join(bench.dir, 'some/b'),
    'none',
    '/some',
  ])
  assert.equal(code, 1)
  assert.match(stderr, /cannot put '.*none' to '\/some\/none': No such file or directory/)
  assert.match(stderr, /cannot put '.*a' to '\/some\/a'/)
  assert.equal(await bench.ok('cat /some/b'), 'b')
  await bench.ok('test -d /some/a')
})

test('standard input needs a file and stands alone', async () => {
  await bench.ok('put - /stdin', { stdin: 'from a pipe' })
  assert.equal(await bench.ok('cat /stdin'), 'from a pipe')
  await bench.fails('put -', 2)
  await bench.fails('put - x /dir', 2)
  assert.match(await bench.fails('put - /', 1, { stdin: 'x' }), /Is a directory|File exists/)
})

test('--json has a line for each file', async () => {
  await writeFile(local('j1'), 'x')
  await writeFile(local('j2'), 'yy')
  await bench.ok('mkdir /json')
  const lines = (await bench.ok('put --json -t 1 j1 j2 /json')).trim().split('\n')
  assert.deepEqual(
    lines.map((line) => JSON.parse(line)),
    [
      { source: local('j1'), path: '/json/j1', bytes: 1 },
      { source: local('j2'), path: '/json/j2', bytes: 2 },
    ],
  )
})

test('what stands in the way is named, with what to do', async () => {
  await writeFile(local('way'), 'x')
  assert.match(
    await bench.fails('put way /no/such/dir', 1),
    /No such file or directory; its directory is missing; cairn mkdir -p/,
  )
  assert.match(
    await bench.fails('put way /nodir/', 1),
    /'\/nodir\/' is not a directory; the slash at its end/,
  )
  await bench.ok('cp -ptopax /bytes /bytes2')
})

test('a local link to a directory above is no end of directories', async () => {
  await mkdir(local('loop/in'), { recursive: true })
  await writeFile(local('loop/in/f'), 'x')
  await symlink('..', local('loop/in/up'))
  assert.match(await bench.fails('put loop /loop', 1), /symbolic link to a directory above/)
  assert.equal(await bench.ok('find /loop -name f'), '/loop/in/f\n')
})

test('a put compares a file with the checksums that get -crc left beside it', async () => {
  await writeFile(local('guarded-in'), patternBytes(100_000))
  await bench.ok('put guarded-in /guarded')
  await mkdir(local('guarded'))
  await bench.ok('get -crc /guarded guarded/file')
  await bench.ok('put guarded /guarded-tree')
  assert.equal(await bench.ok('ls -C /guarded-tree'), '/guarded-tree/file\n')
  const damaged = await readFile(local('guarded/file'))
  damaged[70_000]! ^= 1
  await writeFile(local('guarded/file'), damaged)
  assert.match(
    await bench.fails('put guarded/file /damaged', 1),
    /its bytes from 69632 on do not match their checksum in \.file\.crc/,
  )
  assert.equal(await bench.ok('find / -name *amaged*'), '')
})
