// One end of the network rows: peer.mjs cairn|zeromq|grpc server|client. Reads one job a line, answers one line each:
//   client: `request COUNT INFLIGHT BODYBYTES ADDRESS`, `stream COUNT BODYBYTES ADDRESS`   →  `ok WALLMS COUNT`
//   server: prints `ready ADDRESS`; counts streams and tells the client of their end by a last answer
// Times of a stream run from its first message to the last one's arrival at the server.
import { createInterface } from 'node:readline'

const [library, role] = process.argv.slice(2)
const { server, client } = await import(`./${library}.mjs`)
if (role === 'server') {
  console.log(`ready ${await server()}`)
  process.stdin.resume().once('end', () => process.exit(0))
} else {
  const run = client()
  for await (const line of createInterface({ input: process.stdin })) {
    const [job, ...words] = line.split(' ')
    try {
      const from = process.hrtime.bigint()
      const count = await run[job](...words.map((word) => (/^\d+$/.test(word) ? Number(word) : word)))
      console.log(`ok ${Number(process.hrtime.bigint() - from) / 1e6} ${count}`)
    } catch (error) {
      console.log(`failed ${error.stack.replaceAll('\n', ' ')}`)
    }
  }
  process.exit(0)
}
