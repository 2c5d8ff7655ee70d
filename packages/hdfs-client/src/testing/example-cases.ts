// The programs of examples/, run as they are: what the seed's programs print and write.
import assert from 'node:assert/strict'
import { connect } from '../connect.ts'
import { testBytes } from './file-cases.ts'

/** What runs a program of examples/. */
export type RunExample = (
  name: string,
  args: readonly string[],
  input?: Uint8Array,
) => Promise<{ readonly code: number | null; readonly stdout: Buffer; readonly stderr: string }>

export interface ExampleContext {
  /** `hdfs://host:port` of a cluster whose `/` belongs to `user`. */
  readonly url: string
  readonly user: string
  /** Version of ClientProtocol that the NameNode has. */
  readonly protocolVersion: bigint
  readonly runExample: RunExample
}

export interface ExampleCase {
  readonly name: string
  run(context: ExampleContext): Promise<void>
}

const mebi = 1024 * 1024

/** Runs a program, which must succeed. */
async function output(
  { runExample }: ExampleContext,
  name: string,
  args: readonly string[],
  input?: Uint8Array,
): Promise<Buffer> {
  const { code, stdout, stderr } = await runExample(name, args, input)
  assert.equal(code, 0, `${name}: ${stderr}`)
  return stdout
}

export const exampleCases: readonly ExampleCase[] = [
  {
    name: 'example connect prints the connection and the version of the protocol',
    async run(context) {
      const { host } = new URL(context.url)
      const printed = (await output(context, 'connect', [host, context.user])).toString()
      assert.equal(
        printed,
        `rpc(address='127.0.0.1', num_calls=1, protocol=80, user='${context.user}')\n${context.protocolVersion}n\n`,
      )
    },
  },
  {
    name: 'examples write-blocks and read-blocks copy stdin to /bar and /foo to stdout',
    async run(context) {
      const { url, user } = context
      const { host } = new URL(url)
      const bytes = Buffer.from(testBytes(2 * mebi + 12_345, 4))
      const client = await connect(url, { user })
      try {
        for (const name of ['/foo', '/bar']) await client.rm(name, { force: true })
        await output(context, 'write-blocks', [host, user, String(mebi)], bytes)
        assert.ok(bytes.equals(await client.readFile('/bar')))
        assert.equal((await client.blockLocations('/bar')).length, 3)
        await client.rename('/bar', '/foo')
        assert.ok(bytes.equals(await output(context, 'read-blocks', [host, user])))
        await output(context, 'write-blocks', [host, user], new Uint8Array(0))
        assert.equal((await client.stat('/bar')).size, 0)
        for (const name of ['/foo', '/bar']) await client.rm(name)
        const { code, stderr } = await context.runExample('read-blocks', [host, user])
        assert.equal(code, 1)
        assert.match(stderr, /FileNotFoundException: getBlockLocations \/foo: File does not exist/)
      } finally {
        await client.close()
      }
    },
  },
  {
    name: 'example file-like reads from byte 512 on and writes a new file',
    async run(context) {
      const { url, user } = context
      const client = await connect(url, { user })
      try {
        const text = 'x'.repeat(512) + '12345'.repeat(100)
        await client.writeFile('/important/data.txt', text, { createParents: true })
        const printed = (await output(context, 'file-like', [url])).toString()
        assert.equal(printed, `${text.slice(512, 712)}\n`)
        assert.equal(await client.readFile('/new/file.txt', 'utf8'), 'Hello, world!')
        for (const name of ['/important', '/new']) await client.rm(name, { recursive: true })
      } finally {
        await client.close()
      }
    },
  },
  {
    name: 'example exceptions names the Java class',
    async run(context) {
      const { host } = new URL(context.url)
      const printed = (await output(context, 'exceptions', [host, context.user])).toString()
      assert.match(printed, /^java\.io\.FileNotFoundException ENOENT .*does not exist:? \/missing/)
    },
  },
]
