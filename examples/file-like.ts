// Files as Python has them: open, seek, read, write, close.
//   node examples/dist/file-like.js hdfs://namenode.mycorp.com
// prints 200 bytes of /important/data.txt from byte 512 on, and writes /new/file.txt.
import { open } from '@cairn/hdfs-client/low-level'

const [cluster = 'hdfs://namenode.mycorp.com'] = process.argv.slice(2)

const myfile = await open(`${cluster}/important/data.txt`)
myfile.seek(512)
console.log((await myfile.read(200)).toString())
await myfile.close()

const mywfile = await open(`${cluster}/new/file.txt`, 'w')
await mywfile.write('Hello, world!')
await mywfile.close()
