// One server of Cairn in a process of its own: server-process.mjs namenode|datanode|cluster JSON. Ends when its
// standard input does.
import { startCluster } from '@cairn/cluster'
import { startDataNode } from '@cairn/datanode'
import { startNameNode } from '@cairn/namenode'

const [role, json] = process.argv.slice(2)
const options = JSON.parse(json)

const starters = {
  async namenode() {
    const server = await startNameNode({ ...options, superuser: 'root', heartbeatIntervalMs: 1000 })
    return { server, says: server.address }
  },
  async datanode() {
    const { dir, ...rest } = options
    const server = await startDataNode({ ...rest, dirs: [`${dir}/data`], heartbeatIntervalMs: 1000 })
    return { server, says: server.address }
  },
  async cluster() {
    const server = await startCluster(options)
    return { server, says: { url: server.url } }
  },
}

const { server, says } = await starters[role]()
console.log(JSON.stringify(says))
process.stdin.resume().once('end', async () => {
  await server.close()
  process.exit(0)
})
