import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'

/** One recorded connection: what the connecting side sent, and what came back. */
export interface CapturedConnection {
  /** Path below its folder, without `.c2s.bin`. */
  readonly name: string
  readonly sent: Uint8Array
  readonly got: Uint8Array
}

const testData = (path: string): string =>
  fileURLToPath(new URL(`../../../${path}/test-data/`, import.meta.url))

/**
 * Folders with recordings: those of the project, and what `CAIRN_CAPTURES` names. In each a folder is a release; how
 * connections lie below it does not matter.
 */
export const captureFolders: readonly string[] = [
  testData('hadoop-rpc'),
  testData('hdfs-protocol'),
  ...(process.env.CAIRN_CAPTURES ? [process.env.CAIRN_CAPTURES] : []),
]

/** The releases of a folder. */
export function releasesIn(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && [...connectionsIn(join(folder, entry.name))].length > 0)
    .map((entry) => entry.name)
}

/** All connections below a folder. */
export function* connectionsIn(folder: string): Generator<CapturedConnection> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()
  for (const file of files) {
    const match = /^(.*)\.c2s\.bin(\.gz)?$/.exec(file)
    if (!match) continue
    const [, name, zipped = ''] = match
    yield {
      name: name!,
      sent: readBytes(join(folder, file)),
      got: readBytes(join(folder, `${name}.s2c.bin${zipped}`)),
    }
  }
}

/** Hand-made connections, which servers refuse. */
export const isProbe = (name: string): boolean => /(^|\/)raw(\/|-)/.test(name) || basename(name) === 'raw'

function readBytes(path: string): Uint8Array {
  const bytes = readFileSync(path)
  return new Uint8Array(path.endsWith('.gz') ? gunzipSync(bytes) : bytes)
}
