import { connect, createServer } from 'node:net'
import { ClientNamenodeProtocol } from '@cairn/hadoop-proto'
import { generation7, generation8, generation9, type RpcGeneration } from '@cairn/hadoop-rpc'
import { connectTcp } from '@cairn/transport'
import {
  type CallContext,
  defineService,
  RpcClient,
  type RpcClientOptions,
  RpcServer,
  type RpcServerOptions,
} from '../index.ts'

export const protocol = 'org.apache.hadoop.hdfs.protocol.ClientProtocol'
const { getFileInfo } = ClientNamenodeProtocol
/** The generations without dialects, today's first. */
export const all = [generation9, generation8, generation7]

/** Where a server listens. */
export interface Address {
  readonly host: string
  readonly port: number
}

/** A server that keeps who called it, in which order. */
export async function serve(
  generations: readonly RpcGeneration[],
  more: Partial<RpcServerOptions> = {},
  port = 0,
) {
  const calls: { readonly src: string; readonly call: CallContext }[] = []
  const service = defineService({
    protocol,
    methods: ClientNamenodeProtocol,
    handlers: {
      getFileInfo: ({ src }, call) => {
        calls.push({ src, call })
        return {}
      },
    },
  })
  const server = new RpcServer({ services: [service], generations, ...more })
  return { server, calls, address: await server.listen({ port }) }
}

/** A client that counts the connections it makes; what it finds out stays its own. */
export function counting(options: Partial<RpcClientOptions> = {}) {
  const made: Address[] = []
  const client = new RpcClient({
    user: 'alice',
    generations: all,
    connect: (address, signal) => {
      made.push(address)
      return connectTcp({ ...address, signal })
    },
    ...options,
  })
  const ask = (address: Address, src = '/') => client.call(address, protocol, getFileInfo, { src })
  return { client, made, ask }
}

/** Takes a client's first bytes and closes, unless they are of this version; then `served` goes on with it. */
export async function silentServer(speaks: number, target: Address | undefined) {
  const versions: number[] = []
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', (bytes) => {
      versions.push(bytes[4]!)
      if (bytes[4] !== speaks || target === undefined) {
        socket.destroy()
        return
      }
      socket.pause()
      const onward = connect(target.port, target.host)
      onward.on('error', () => {})
      onward.write(bytes)
      socket.pipe(onward).pipe(socket)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  return { versions, address: { host: '127.0.0.1', port }, close: () => void server.close() }
}
