// Writes stdin to the file /bar, a block of 64 MiB at a time.
//   node examples/dist/write-blocks.js namenode.example.com hdfs < data
import { data, rpc } from '@cairn/hdfs-client/low-level'
import { read } from './stdin.ts'

const [host = 'namenode.example.com', user = 'hdfs', blockBytes = 64 * 1024 * 1024] = process.argv.slice(2)

const cluster = await rpc(host, { user })

await cluster.create('/bar', 0o644, '<my_client_name>')

const blockSize = Number(blockBytes)
let buffered = Buffer.alloc(0)

while (true) {
  const input = await read(blockSize - buffered.length)
  buffered = Buffer.concat([buffered, input])
  if (input.length > 0 && buffered.length < blockSize) continue
  if (buffered.length === 0) break

  const block = await cluster.addBlock('/bar', '<my_client_name>')
  await data(block, '<my_client_name>').write(buffered)
  buffered = Buffer.alloc(0)
}

await cluster.complete('/bar', '<my_client_name>')
await cluster.close()
