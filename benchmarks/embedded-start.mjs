// Prints how many milliseconds pass from the call of startCluster to the first byte acknowledged and closed.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startCluster } from '@cairn/cluster'

const dir = mkdtempSync(join(tmpdir(), 'cairn-start-'))
const start = performance.now()
const cluster = await startCluster({ dir, datanodes: 1 })
const client = await cluster.connect()
await client.writeFile('/first', 'x')
console.log(performance.now() - start)
await client.close()
await cluster.close()
rmSync(dir, { recursive: true })
