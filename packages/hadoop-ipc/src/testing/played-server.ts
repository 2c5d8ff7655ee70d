import { ClientNamenodeProtocol, GetFileInfoResponseProto } from '@cairn/hadoop-proto'
import { RpcServerSession, type ServerCall } from '@cairn/hadoop-rpc'
import { type Connection, memoryPair } from '@cairn/transport'
import { RpcClient, type RpcClientOptions } from '../rpc-client.ts'

export const protocol = 'org.apache.hadoop.hdfs.protocol.ClientProtocol'
export const address = { host: 'nn', port: 8020 }
export const { getFileInfo } = ClientNamenodeProtocol

/** A client whose server is played by the test: it sees each call and decides when and what to answer. */
export function played(options: Partial<RpcClientOptions> = {}) {
  const calls: ServerCall[] = []
  const servers: Connection[] = []
  const sessions: RpcServerSession[] = []
  let onMore = (): void => {}
  const client = new RpcClient({
    user: 'alice',
    connect: async () => {
      const [ours, theirs] = memoryPair()
      const session = new RpcServerSession({
        events: { onContext: () => {}, onCall: (call) => calls.push(call) },
      })
      theirs.start({
        input: session.input,
        onReceive: () => {
          session.process()
          onMore()
        },
        onClose: () => onMore(),
      })
      servers.push(theirs)
      sessions.push(session)
      return ours
    },
    ...options,
  })
  return {
    client,
    calls,
    servers,
    call: (options = {}) => client.call(address, protocol, getFileInfo, { src: '/' }, options),
    answer(index: number, server = 0) {
      sessions[server]!.respond(calls[index]!, GetFileInfoResponseProto, {})
      servers[server]!.write(sessions[server]!.takeOutput())
    },
    async until(done: () => boolean) {
      while (!done()) {
        await new Promise<void>((resolve) => {
          onMore = resolve
        })
      }
    },
  }
}
