// Reads the file /foo block by block to stdout.
//   node examples/dist/read-blocks.js namenode.example.com hdfs
import { data, rpc } from '@cairn/hdfs-client/low-level'

const [host = 'namenode.example.com', user = 'hdfs'] = process.argv.slice(2)

const cluster = await rpc(host, { user })

const blocks = await cluster.getBlockLocations('/foo', {
  offset: 0,
  length: (await cluster.getFileInfo('/foo'))?.size ?? 0,
})

for (const block of blocks) {
  const blockData = await data(block, '<my_client_name>').read()
  process.stdout.write(blockData)
}

await cluster.close()
