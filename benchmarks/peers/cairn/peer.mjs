// Cairn's own client as a peer of the benchmark; see ../README.md for the lines it understands.
import { createInterface } from 'node:readline'
import { connect } from '@cairn/hdfs-client'

const blockSize = 128 << 20
let client

async function read(path) {
  const buffer = new Uint8Array(1 << 20)
  const file = await client.open(path, 'r')
  let total = 0
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, null)
    if (bytesRead === 0) break
    total += bytesRead
  }
  await file.close()
  return total
}

async function write(path, size, replication) {
  const chunk = Uint8Array.from({ length: 1 << 20 }, (_, i) => i * 31 + (i >> 8) * 7)
  const file = await client.open(path, 'w', { replication, blockSize })
  for (let left = size; left > 0; left -= chunk.length) {
    await file.write(left < chunk.length ? chunk.subarray(0, left) : chunk)
  }
  await file.close()
  return size
}

async function create(path) {
  const file = await client.open(path, 'w', { replication: 1, blockSize })
  await file.write(new Uint8Array(1024))
  await file.close()
}

async function pread(word) {
  const file = await client.open(word[1], 'r')
  const { size } = await file.stat()
  const bytes = Number(word[4] ?? 4096)
  const places = Array.from({ length: Number(word[2]) }, () => Math.floor(Math.random() * (size - bytes)))
  const count = await each(word, (index) => file.read(new Uint8Array(bytes), 0, bytes, places[index]))
  await file.close()
  return count
}

/** Runs COUNT steps, INFLIGHT at a time. */
async function each(word, step) {
  const count = Number(word[2])
  let next = 0
  const worker = async () => {
    while (next < count) await step(next++)
  }
  await Promise.all(Array.from({ length: Number(word[3]) }, worker))
  return count
}

async function list(path) {
  let entries = 0
  for await (const _ of await client.opendir(path)) entries++
  return entries
}

const jobs = {
  async CONNECT(word) {
    client = await connect(word[1], { user: 'root' })
    return 0
  },
  read: (word) => read(word[1]),
  write: (word) => write(word[1], Number(word[2]), Number(word[3])),
  stat: (word) => each(word, () => client.stat(word[1])),
  create: (word) => each(word, (index) => create(`${word[1]}/f${index}`)),
  mkdirs: (word) => each(word, (index) => client.mkdir(`${word[1]}/d${index}`, { recursive: true })),
  async touch(word) {
    await client.mkdir(word[1], { recursive: true })
    return each(word, (index) => client.writeFile(`${word[1]}/f${index}`, ''))
  },
  readmany: async (word) => {
    const sizes = await Promise.all(
      Array.from({ length: Number(word[2]) }, (_, i) => read(`${word[1]}/${i}`)),
    )
    return sizes.reduce((a, b) => a + b)
  },
  list: (word) => list(word[1]),
  pread,
}

for await (const line of createInterface({ input: process.stdin })) {
  const word = line.split(' ')
  const start = performance.now()
  try {
    const count = await jobs[word[0]](word)
    console.log(`ok ${performance.now() - start} ${count}`)
  } catch (problem) {
    console.log(`error ${String(problem?.message).replaceAll('\n', ' ')}`)
  }
}
