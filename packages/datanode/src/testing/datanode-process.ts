/**
 * The program of a DataNode that tests can shoot: options as JSON in its argument, one line of JSON with its addresses on
 * standard output when the NameNode knows it, its log on standard error. TERM stops it in order.
 */

import { startDataNode } from '../datanode.ts'
import type { Logger } from '../logger.ts'
import type { DataNodeOptions } from '../options.ts'

const options = JSON.parse(process.argv[2] ?? '{}') as DataNodeOptions

const at =
  (level: string) =>
  (fields: object, message: string): void => {
    const plain = Object.entries(fields).map(([name, value]) => [
      name,
      value instanceof Error ? String(value.stack) : typeof value === 'bigint' ? String(value) : value,
    ])
    const line = { time: new Date().toISOString(), level, message, ...Object.fromEntries(plain) }
    process.stderr.write(`${JSON.stringify(line)}\n`)
  }
const logger: Logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }

const node = await startDataNode({ ...options, logger })
process.on('SIGTERM', () => void node.close())
void node.stopped.then(() => process.exit(0))
await node.ready()
process.stdout.write(`${JSON.stringify({ uuid: node.uuid, port: node.address.port })}\n`)
