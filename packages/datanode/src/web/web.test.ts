import assert from 'node:assert/strict'
import { request } from 'node:http'
import { after, before, test } from 'node:test'
import { Configuration } from '@cairn/hadoop-conf'
import { type DataNode, startDataNode } from '../index.ts'
import { objectNameMatcher } from './object-name.ts'

let node: DataNode

before(async () => {
  node = await startDataNode({
    // Nobody listens there: the page must stand without a NameNode.
    namenode: { host: '127.0.0.1', port: 1 },
    memoryBytes: 1 << 20,
    httpPort: 0,
    hostName: 'dn.example',
    configuration: new Configuration().with({
      'dfs.blocksize': '1m',
      'ssl.server.keystore.password': 'hush',
      'a<b': '&',
    }),
  })
})

after(() => node.close())

function get(
  path: string,
  method = 'GET',
): Promise<{ status: number; type: string; headers: NodeJS.Dict<unknown>; text: string }> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port: node.status().httpPort, path, method }
    request(options, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (piece) => {
        text += piece
      })
      response.on('end', () =>
        resolve({
          status: response.statusCode!,
          type: String(response.headers['content-type']),
          headers: response.headers,
          text,
        }),
      )
    })
      .on('error', reject)
      .end()
  })
}

test('the status page shows addresses, volumes and NameNodes, at the address that the NameNode links to as well', async () => {
  for (const path of ['/', '/datanode.html']) {
    const { status, type, text, headers } = await get(path)
    assert.equal(status, 200)
    assert.match(type, /text\/html/)
    assert.match(text, /DataNode dn\.example/)
    assert.match(text, new RegExp(node.status().address.replaceAll('.', '\\.')))
    assert.match(text, /127\.0\.0\.1:1</)
    assert.match(String(headers['content-security-policy']), /default-src 'none'/)
  }
})

test('/jmx has the beans and attributes that monitoring of a DataNode looks for', async () => {
  const { text, type } = await get('/jmx')
  assert.match(type, /application\/json/)
  const beans = new Map<string, Record<string, unknown>>()
  for (const bean of JSON.parse(text).beans) beans.set(bean.name, bean)
  const port = node.status().address.split(':')[1]
  const info = beans.get('Hadoop:service=DataNode,name=DataNodeInfo')!
  assert.equal(info.modelerType, 'org.apache.hadoop.hdfs.server.datanode.DataNode')
  assert.equal(info.DataPort, port)
  assert.equal(JSON.parse(String(info.VolumeInfo)).memory.storageType, 'DISK')
  assert.equal(JSON.parse(String(info.BPServiceActorInfo))[0].NamenodeAddress, '127.0.0.1:1')
  assert.equal(beans.get('Hadoop:service=DataNode,name=FSDatasetState')!.Capacity, 1 << 20)
  assert.ok(beans.has(`Hadoop:service=DataNode,name=FSDatasetState-${node.uuid}`))
  assert.equal(beans.get(`Hadoop:service=DataNode,name=DataNodeActivity-dn.example-${port}`)!.BytesRead, 0)
  assert.ok(Number(beans.get('Hadoop:service=DataNode,name=JvmMetrics')!.MemHeapUsedM) > 0)
})

test('/jmx answers queries', async () => {
  const names = async (query: string): Promise<string[]> =>
    (JSON.parse((await get(`/jmx?qry=${query}`)).text).beans ?? []).map((bean: { name: string }) => bean.name)
  assert.deepEqual(await names('Hadoop:service=DataNode,name=DataNodeInfo'), [
    'Hadoop:service=DataNode,name=DataNodeInfo',
  ])
  assert.equal((await names('Hadoop:service=DataNode,name=FSDatasetState*')).length, 2)
  assert.deepEqual(await names('nope'), [])
  const one = await get('/jmx?get=Hadoop:service=DataNode,name=DataNodeInfo::SoftwareVersion')
  assert.deepEqual(Object.keys(JSON.parse(one.text).beans[0]), ['name', 'modelerType', 'SoftwareVersion'])
  assert.equal((await get('/jmx?get=Hadoop:service=DataNode,name=DataNodeInfo::Nope')).status, 404)
  assert.equal((await get('/jmx?get=nonsense')).status, 400)
})

test('/metrics is for Prometheus', async () => {
  for (const path of ['/metrics', '/prom']) {
    const { text, type } = await get(path)
    assert.match(type, /text\/plain/)
    assert.match(text, /^cairn_datanode_volume_capacity_bytes\{volume="memory"\} 1048576$/m)
    assert.match(text, /^cairn_datanode_read_bytes_total 0$/m)
    assert.match(text, /^cairn_datanode_replicas\{state="FINALIZED"\} 0$/m)
  }
})

test('/conf shows the configuration without its secrets', async () => {
  const { properties } = JSON.parse((await get('/conf?format=json')).text)
  const find = (key: string) => properties.find((one: { key: string }) => one.key === key)
  assert.deepEqual(find('dfs.blocksize'), {
    key: 'dfs.blocksize',
    value: '1m',
    isFinal: true,
    resource: 'overrides',
  })
  assert.equal(find('ssl.server.keystore.password').value, '<redacted>')
  const xml = await get('/conf?name=a%3Cb')
  assert.match(xml.text, /<name>a&lt;b<\/name><value>&amp;<\/value>/)
  assert.equal((await get('/conf?name=nope')).status, 404)
})

test('nothing can be changed, and what is not there is not found', async () => {
  assert.equal((await get('/jmx', 'POST')).status, 405)
  assert.equal((await get('/../../etc/passwd')).status, 404)
  assert.equal((await get('/jmx', 'HEAD')).text, '')
})

test('patterns of object names match as in JMX', () => {
  const matches = (query: string, name: string): boolean | undefined => objectNameMatcher(query)?.(name)
  const name = 'Hadoop:service=DataNode,name=DataNodeInfo'
  assert.equal(matches('*:*', name), true)
  assert.equal(matches('Hadoop:*', name), true)
  assert.equal(matches('Had??p:name=Data*,service=*', name), true)
  assert.equal(matches('Hadoop:service=DataNode', name), false)
  assert.equal(matches('Hadoop:service=DataNode,*', name), true)
  assert.equal(matches('Hadoop:service=NameNode,*', name), false)
  assert.equal(objectNameMatcher('nope'), undefined)
  // Many stars cost nothing special.
  assert.equal(matches(`Hadoop:name=${'*a'.repeat(2_000)}`, `Hadoop:name=${'a'.repeat(1_999)}`), false)
})
