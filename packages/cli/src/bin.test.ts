import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { connect } from '@cairn/hdfs-client'
import { freePort, patternBytes } from '@cairn/testkit'
import { type CairnUp, cairnProgram, cairnUp } from './test-support/cairn-process.ts'

let up: CairnUp
let dir: string
before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cairn-bin-'))
  up = await cairnUp(['--memory', '--port', '0', '--web', '0'])
})
after(async () => {
  up?.child.kill('SIGKILL')
  await rm(dir, { recursive: true, force: true })
})

interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs `shell` words with `$CAIRN` as the command. */
function shell(line: string, whenStarted?: (pid: number) => void): Promise<Ended> {
  const env = {
    ...process.env,
    CAIRN: `${process.execPath} ${cairnProgram}`,
    CAIRN_DEFAULT_FS: up.url,
    FS: up.url,
  }
  const child = spawn('bash', ['-c', line], { env, cwd: dir, stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  if (child.pid !== undefined) whenStarted?.(child.pid)
  return new Promise((resolve) =>
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr })),
  )
}

test('cairn up says one line, serves, and ends with exit code 0 at SIGINT and SIGTERM', async () => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    for (const more of [[], ['--processes']]) {
      const other = await cairnUp(['--dir', join(dir, 'up'), '--port', '0', '--web', '0', ...more])
      assert.match(other.line, /^ready hdfs:\/\/127\.0\.0\.1:\d+ web http:\/\/127\.0\.0\.1:\d+$/)
      const client = await connect(other.url, { confDir: false })
      await client.writeFile('/x', 'hello')
      await client.close()
      other.child.kill(signal)
      assert.equal(await other.exited, 0, other.stderr())
      assert.equal(other.stderr(), '')
    }
  }
})

test('roles end when the process that started them is killed', async () => {
  const other = await cairnUp(['--memory', '--port', '0', '--web', '0', '--processes'])
  const response = await fetch(`${other.webUrl}/api/status`)
  const status = (await response.json()) as { namenode: { pid: number }; datanodes: { pid: number }[] }
  const pids = [status.namenode.pid, ...status.datanodes.map(({ pid }) => pid)]
  assert.ok(pids.every(isRunning))
  other.child.kill('SIGKILL')
  await other.exited
  while (pids.some(isRunning)) await new Promise((resolve) => setTimeout(resolve, 5))
})

/** False also for a process that has ended and that nobody has collected yet. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    if (process.platform !== 'linux') return true
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2))
  } catch {
    return false
  }
}

test('cairn up tells of a port that is taken and a directory in use', async () => {
  const { port } = new URL(up.url.replace('hdfs:', 'http:'))
  const taken = await shell(`$CAIRN up --memory --web 0 --port ${port}`)
  assert.equal(taken.code, 1)
  assert.match(
    taken.stderr,
    new RegExp(`^cairn up: start the NameNode on 127\\.0\\.0\\.1:${port}: the port is taken;`),
  )
  const holder = await cairnUp(['--dir', join(dir, 'held'), '--port', '0', '--web', '0'])
  const inUse = await shell('$CAIRN up --dir held --port 0 --web 0')
  holder.child.kill('SIGTERM')
  assert.equal(inUse.code, 1)
  assert.match(inUse.stderr, /another cluster may be running there/)
  assert.equal(await holder.exited, 0)
})

test('a reader that goes away ends cat silently', async () => {
  const client = await connect(up.url, { confDir: false })
  await client.writeFile('/large', patternBytes(30_000_000))
  await client.close()
  const { code, stdout, stderr } = await shell('set -o pipefail; $CAIRN cat /large | head -c 5 | wc -c')
  assert.deepEqual([code, stdout.trim(), stderr], [141, '5', ''])
})

test('exit codes and messages are those of coreutils', async () => {
  const cases: [line: string, code: number, stderr: RegExp][] = [
    ['$CAIRN ls /', 0, /^$/],
    ['$CAIRN ls /none', 1, /^cairn ls: cannot access '\/none': No such file or directory\n$/],
    ['$CAIRN', 2, /^HDFS from the command line/],
    ['$CAIRN lss', 2, /^cairn: unknown command 'lss'; did you mean 'ls'\n/],
    ['$CAIRN ls --none', 2, /^cairn ls: unknown flag '--none'\n'cairn ls --help' shows how it is used\n$/],
    ['$CAIRN put', 2, /^cairn put: put needs/],
    ['CAIRN_DEFAULT_FS= $CAIRN ls /', 1, /no file system is named; write hdfs:\/\/HOST:PORT\/PATH/],
    [
      '$CAIRN up --dir /dev/null/x --port 0 --web 0',
      1,
      /^cairn up: cannot mkdir '\/dev\/null\/x.*': Not a directory\n$/,
    ],
    ['$CAIRN ls s3a://bucket/', 1, /s3a: is not a file system that cairn speaks/],
  ]
  for (const [line, code, stderr] of cases) {
    const ended = await shell(line)
    assert.equal(ended.code, code, `${line}: ${ended.stderr}`)
    assert.match(ended.stderr, stderr, line)
  }
})

test('a closed port and a web server get a clear message, soon', async () => {
  const port = await freePort()
  const closed = await shell(`$CAIRN ls hdfs://127.0.0.1:${port}/`)
  assert.equal(closed.code, 1)
  assert.match(closed.stderr, new RegExp(`127\\.0\\.0\\.1:${port}`))
  const server = createServer((_, response) => response.end('hello'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const web = await shell(`$CAIRN ls hdfs://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  server.closeAllConnections()
  server.close()
  assert.equal(web.code, 1)
  assert.match(web.stderr, /web server|HTTP/i)
})

test('Ctrl-C ends a put, takes its temporary file away, and says so by its exit code', async () => {
  await writeFile(join(dir, 'huge'), patternBytes(64_000_000))
  const client = await connect(up.url, { confDir: false })
  await client.mkdir('/ctrl-c')
  let pid = 0
  const putting = shell('exec $CAIRN put huge /ctrl-c/', (started) => {
    pid = started
  })
  while ((await client.readdir('/ctrl-c')).length === 0) await new Promise(setImmediate)
  process.kill(pid, 'SIGINT')
  const { code } = await putting
  assert.equal(code, 130)
  assert.deepEqual(await client.readdir('/ctrl-c'), [])
  await client.close()
})

test('Ctrl-C ends a put whose pipe brings nothing more', async () => {
  const client = await connect(up.url, { confDir: false })
  await client.mkdir('/silent-pipe')
  const args = [cairnProgram, 'put', '-', `${up.url}/silent-pipe/x`]
  const putting = spawn(process.execPath, args, { stdio: ['pipe', 'ignore', 'ignore'] })
  const exited = new Promise((resolve) => putting.once('exit', resolve))
  putting.stdin.write('and then nothing')
  while ((await client.readdir('/silent-pipe')).length === 0) await new Promise(setImmediate)
  putting.kill('SIGINT')
  assert.equal(await exited, 130)
  assert.deepEqual(await client.readdir('/silent-pipe'), [])
  await client.close()
})

test('the script for bash completes paths with colons in them', async () => {
  const client = await connect(up.url, { confDir: false })
  await client.mkdir('/complete/directory', { recursive: true })
  await client.close()
  const bash = await shell(
    `cairn() { $CAIRN "$@"; }; source <($CAIRN completion bash); COMP_LINE="cairn ls $FS/complete/dir"; COMP_POINT=\${#COMP_LINE}; ` +
      `COMP_WORDS=(cairn ls hdfs : "//127.0.0.1" : "\${FS##*:}/complete/dir"); COMP_CWORD=6; _cairn; echo "\${COMPREPLY[@]}"`,
  )
  assert.equal(bash.stdout.trim(), `${up.url.split(':').at(-1)}/complete/directory/`, bash.stderr)
})

if (spawnSync('fish', ['--version']).status === 0) {
  test('the script for fish completes commands and flags', async () => {
    const fish = await shell(
      `fish -c 'function cairn; eval $CAIRN (string escape -- $argv); end; ` +
        `cairn completion fish | source; complete -C "cairn setr"; complete -C "cairn ls --js"'`,
    )
    assert.deepEqual(fish.stdout.trim().split('\n'), ['setrep', '--json'], fish.stderr)
  })
}

test('up takes the versions of Hadoop RPC that it speaks, and names them', async () => {
  for (const versions of ['4,5', 'abc', "''"]) {
    const { code, stderr } = await shell(`$CAIRN up --memory --rpc ${versions}`)
    assert.equal(code, 2)
    assert.match(stderr, /^cairn up: --rpc takes one or more of 4,7,8,9, not '/)
  }
})
