/** A writer to be killed: writes and flushes a part, writes some more, says so, and waits. Run with fork(). */

import { connect } from '@cairn/hdfs-client'
import { patternBytes } from '@cairn/testkit'

const [url, path, flushed, unflushed] = process.argv.slice(2)
const client = await connect(url, { confDir: false, blockSize: 1024 * 1024 })
const content = patternBytes(Number(flushed) + Number(unflushed))
const handle = await client.open(path!, 'w', { replication: 2 })
await handle.write(content, 0, Number(flushed))
await handle.hflush()
if (Number(unflushed) > 0) await handle.write(content, Number(flushed))
process.send!('written')
