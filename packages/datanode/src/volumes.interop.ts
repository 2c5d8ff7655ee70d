/** Ours with several volumes under Java's NameNode: its disk balancer, Mover and reports of failed disks. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { type Hadoop, missingForHadoop, patternBytes, startHadoop } from '@cairn/testkit'
import { type DataNode, startDataNode } from './index.ts'
import { until } from './testing/until.ts'

const skip = missingForHadoop() ?? false
const version = process.env.HADOOP_VERSION ?? '3.4.3'
const root = mkdtempSync(join(tmpdir(), 'cairn-volumes-interop-'))
const diskMebibytes = 64
const waitMs = 60_000
const content = patternBytes(24 * 1024 * 1024 + 5)

let hadoop: Hadoop
let node: DataNode
let second: DataNode
const mounted: string[] = []

/** A disk that can be pulled out, where a file system may be mounted; a folder where not. */
function disk(name: string): string {
  const path = join(root, name)
  mkdirSync(path)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${diskMebibytes}m`, 'tmpfs', path], { stdio: 'ignore' })
    mounted.push(path)
  } catch {
    // Not allowed here: what needs it says so.
  }
  return path
}

async function run(mainClass: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await hadoop.run(mainClass, args)
  assert.equal(code, 0, `${mainClass} ${args.join(' ')}: ${stdout}${stderr}`)
  return stdout + stderr
}

const fs = (...args: string[]): Promise<string> => run('org.apache.hadoop.fs.FsShell', ...args)
const balancer = (...args: string[]): Promise<string> =>
  run('org.apache.hadoop.hdfs.tools.DiskBalancerCLI', ...args)

async function fsck(path: string): Promise<string> {
  const query = new URLSearchParams({ ugi: 'root', files: '1', blocks: '1', locations: '1', path })
  const response = await fetch(`http://${hadoop.host}:${hadoop.httpPort}/fsck?${query}`)
  return await response.text()
}

async function assertContent(path: string): Promise<void> {
  const copy = join(root, 'copy')
  rmSync(copy, { force: true })
  await fs('-get', path, copy)
  const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
  assert.equal(digest(readFileSync(copy)), digest(content), path)
  assert.match(await fsck(path), /is HEALTHY/)
}

async function liveNode(): Promise<Record<string, unknown>> {
  const bean = 'Hadoop:service=NameNode,name=NameNodeInfo::LiveNodes'
  const response = await fetch(`http://${hadoop.host}:${hadoop.httpPort}/jmx?get=${bean}`)
  const { beans } = (await response.json()) as { beans: { LiveNodes: string }[] }
  const nodes = Object.values(JSON.parse(beans[0]!.LiveNodes)) as Record<string, unknown>[]
  return nodes.find(({ xferaddr }) => xferaddr === `${node.address.host}:${node.address.port}`) ?? {}
}

const used = (path: string): number => node.status().volumes.find((volume) => volume.path === path)?.used ?? 0

describe('ours with several volumes', { skip }, () => {
  before(async () => {
    hadoop = await startHadoop({
      version,
      datanodes: 0,
      conf: {
        'dfs.replication': '1',
        'dfs.blocksize': '1048576',
        'dfs.namenode.heartbeat.recheck-interval': '1000',
        // A copy that meets a disk which goes is ordered again after this; Java's default is 5 minutes.
        'dfs.namenode.reconstruction.pending.timeout-sec': '5',
        'dfs.namenode.storageinfo.defragment.interval.ms': '1000',
      },
      dir: join(root, 'hadoop'),
    })
    writeFileSync(join(root, 'content'), content)
    const { host, port } = hadoop
    node = await startDataNode({
      namenode: { host, port },
      dirs: [disk('d1')],
      failedVolumesTolerated: -1,
      heartbeatIntervalMs: 500,
      diskCheckMinGapMs: 1000,
      user: 'root',
    })
    await node.ready()
  })

  after(async () => {
    await node?.close()
    await second?.close()
    await hadoop?.stop()
    for (const path of mounted) execFileSync('umount', ['-l', path])
    rmSync(root, { recursive: true, force: true })
  })

  test('[disk.plan.3] a disk that is added evens out with the first by a plan of hdfs diskbalancer', async (t) => {
    await fs('-put', join(root, 'content'), '/file')
    const [d1, d2, ssd] = [join(root, 'd1'), disk('d2'), disk('ssd')]
    await node.refreshVolumes([d1, d2, `[SSD]${ssd}`])
    await until('three storages', waitMs, async () => {
      const report = await liveNode()
      return Number(report.capacity) > 0 && node.status().volumes.length === 3
    })
    if (mounted.length < 3) {
      t.diagnostic('NO FILE SYSTEM COULD BE MOUNTED: all volumes are on one disk, which needs no balancing')
      return
    }
    const address = `${node.ipcAddress.host}:${node.ipcAddress.port}`
    const before = used(d1)
    const planned = await until('a plan', waitMs, async () => {
      const said = await balancer('-plan', 'localhost', '-out', '/plans', '-bandwidth', '1000')
      return /localhost\.plan\.json/.test(said) && said
    })
    const plan = /\/\S*localhost\.plan\.json/.exec(planned)![0]
    await balancer('-execute', plan)
    const status = await until('the end of the plan', waitMs, async () => {
      const said = await balancer('-query', address, '-v')
      return /PLAN_DONE/.test(said) && said
    })
    assert.match(status, /"blocksCopied" : [1-9]/)
    assert.doesNotMatch(status, /"errorCount"/)
    const moved = before - used(d1)
    assert.ok(moved > 8 * 1024 * 1024, `${moved} bytes left the first disk`)
    assert.ok(Math.abs(used(d1) - used(d2)) < 6 * 1024 * 1024)
    await assertContent('/file')
    const refused = await hadoop.run('org.apache.hadoop.hdfs.tools.DiskBalancerCLI', [
      '-cancel',
      '0'.repeat(40),
      '-node',
      address,
    ])
    assert.notEqual(refused.code, 0)
    assert.match(refused.stdout + refused.stderr, /No such plan/)
  })

  test('[disk.move.2] the Mover brings blocks to the SSD of the same node', async () => {
    const ssd = join(root, 'ssd')
    await fs('-put', join(root, 'content'), '/fast')
    assert.equal(used(ssd), 0)
    await run(
      'org.apache.hadoop.hdfs.tools.StoragePolicyAdmin',
      '-setStoragePolicy',
      '-path',
      '/fast',
      '-policy',
      'ALL_SSD',
    )
    await run('org.apache.hadoop.hdfs.server.mover.Mover', '-p', '/fast')
    assert.ok(used(ssd) >= content.length, `${used(ssd)} bytes are on the SSD`)
    await assertContent('/fast')
    const said = await fsck('/fast')
    assert.equal([...said.matchAll(/,SSD\]/g)].length, 25)
  })

  test('[disk.fail.1] a disk that fails: the NameNode is told, and has its blocks made again', async () => {
    const { host, port } = hadoop
    const dirs = [join(root, 'other')]
    second = await startDataNode({ namenode: { host, port }, dirs, heartbeatIntervalMs: 500, user: 'root' })
    await second.ready()
    await fs('-setrep', '-w', '2', '/file', '/fast')
    const d2 = join(root, 'd2')
    if (mounted.includes(d2)) execFileSync('umount', ['-l', mounted.splice(mounted.indexOf(d2), 1)[0]!])
    else rmSync(d2, { recursive: true })
    const report = await until('the NameNode to know of the failure', waitMs, async () => {
      const found = await liveNode()
      return Number(found.volfails) === 1 && found
    })
    assert.deepEqual(report.failedStorageIDs, [d2])
    const lost = Number(report.estimatedCapacityLostTotal)
    if (mounted.length > 0) assert.equal(lost, diskMebibytes * 1024 * 1024)
    assert.equal(node.status().failedVolumes[0]!.path, d2)
    await until('two replicas of every block', waitMs, async () => {
      const counts = [...(await fsck('/file')).matchAll(/Live_repl=(\d+)/g)].map((match) => Number(match[1]))
      return counts.length === 25 && counts.every((count) => count === 2)
    })
    await assertContent('/file')
    await assertContent('/fast')
  })

  test('[disk.fail.3] a volume that is taken out: its blocks are made again elsewhere', async () => {
    const ssd = join(root, 'ssd')
    const rest = node.status().volumes.flatMap(({ path }) => (path === ssd ? [] : [path]))
    await node.refreshVolumes(rest)
    assert.equal(node.status().volumes.length, rest.length)
    await until('two replicas of every block', waitMs, async () => {
      const said = await fsck('/fast')
      const counts = [...said.matchAll(/Live_repl=(\d+)/g)].map((match) => Number(match[1]))
      return counts.length === 25 && counts.every((count) => count === 2) && !/,SSD\]/.test(said)
    })
    await assertContent('/fast')
  })
})
