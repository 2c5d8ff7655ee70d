/** `cairn datanode` as the only DataNode of a real Apache Hadoop cluster, run by `hdfs dfsadmin`. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import {
  freePort,
  type Hadoop,
  JavaShell,
  missingForHadoop,
  patternBytes,
  siteXml,
  startHadoop,
} from '@cairn/testkit'
import { type CairnDataNode, cairnDataNode, type ReadyLine } from './test-support/cairn-datanode.ts'

const missing = missingForHadoop()
const skip = missing === undefined ? false : missing
const version = process.env.HADOOP_VERSION ?? '3.4.3'
const root = mkdtempSync(join(tmpdir(), 'cairn-datanode-interop-'))
let hadoop: Hadoop
let shell: JavaShell
let node: CairnDataNode
let ready: ReadyLine

function start(): CairnDataNode {
  return cairnDataNode(['--user', 'root'], { ...process.env, HADOOP_CONF_DIR: root })
}

before(async () => {
  if (skip) return
  hadoop = await startHadoop({ version, datanodes: 0 })
  shell = new JavaShell({ url: hadoop.url, version, conf: { 'dfs.replication': '1' } })
  const local = async (): Promise<string> => `127.0.0.1:${await freePort()}`
  writeFileSync(join(root, 'core-site.xml'), siteXml({ 'fs.defaultFS': hadoop.url }))
  writeFileSync(
    join(root, 'hdfs-site.xml'),
    siteXml({
      'dfs.datanode.data.dir': `file://${root}/1,[SSD]file://${root}/2`,
      'dfs.datanode.address': await local(),
      'dfs.datanode.ipc.address': await local(),
      'dfs.datanode.http.address': await local(),
      'dfs.heartbeat.interval': '1',
    }),
  )
  node = start()
  ready = await node.ready
})

after(async () => {
  node?.child.kill('SIGTERM')
  await node?.exited
  await shell?.close()
  await hadoop?.stop()
  rmSync(root, { recursive: true, force: true })
})

test('the NameNode knows its ports and both disks, and files are written and read', { skip }, async () => {
  const beans = `http://127.0.0.1:${hadoop.httpPort}/jmx?qry=Hadoop:service=NameNode,name=NameNodeInfo`
  const answer = (await (await fetch(beans)).json()) as { beans: [{ LiveNodes: string }] }
  const [live] = Object.values(JSON.parse(answer.beans[0].LiveNodes)) as [
    { infoAddr: string; xferaddr: string },
  ]
  assert.equal(live.xferaddr, ready.address)
  assert.equal(`http://${live.infoAddr}`, ready.webUrl)
  const file = join(root, 'file')
  writeFileSync(file, patternBytes(1_000_000))
  const put = await shell.fs('-put', file, '/file')
  assert.equal(put.code, 0, put.stderr)
  const report = await shell.admin('-getVolumeReport', ready.ipcAddress)
  assert.match(report.stdout, /SSD/)
  const jmx = await fetch(`${ready.webUrl}/jmx?qry=Hadoop:service=DataNode,name=DataNodeActivity-*`)
  const activity = (await jmx.json()) as { beans: [{ BytesWritten: number; BlocksWritten: number }] }
  assert.equal(activity.beans[0].BytesWritten, 1_000_000)
  assert.equal(activity.beans[0].BlocksWritten, 1)
})

test('dfsadmin -shutdownDatanode ends the process with exit code 0; a start finds everything', {
  skip,
}, async () => {
  const done = await shell.admin('-shutdownDatanode', ready.ipcAddress)
  assert.equal(done.code, 0, done.stderr)
  assert.equal(await node.exited, 0)
  node = start()
  await node.ready
  const copy = join(root, 'copy')
  const end = Date.now() + 60_000
  while ((await shell.fs('-get', '-f', '/file', copy)).code !== 0) {
    assert.ok(Date.now() < end, 'the file can be read again')
    await setTimeout(200)
  }
  const fsck = await hadoop.fsck('/')
  assert.match(fsck.stdout, /is HEALTHY/)
})
