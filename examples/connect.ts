// Connects to a NameNode of any generation and asks for its version of ClientProtocol: 61 for Hadoop 1, 1 since 2.0.
//   node examples/dist/connect.js namenode.example.com hdfs
import { rpc } from '@cairn/hdfs-client/low-level'

const [host = 'namenode.example.com', user = 'hdfs'] = process.argv.slice(2)

const cluster = await rpc(host, { user })

console.log(cluster) // rpc(address='10.7.176.238', num_calls=1, protocol=80, user='hdfs')

console.log(await cluster.getProtocolVersion(61)) // 61n

await cluster.close()
