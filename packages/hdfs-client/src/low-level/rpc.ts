import { randomBytes } from 'node:crypto'
import { createContext } from '../client-context.ts'
import { configurationOf } from '../connect.ts'
import { namenodeTarget } from '../namenode/target.ts'
import { type ConnectOptions, clientSettings } from '../settings.ts'
import { clientProtocolMethods } from './protocol-calls.ts'
import { type Rpc, RpcHandle } from './rpc-handle.ts'

/** How `rpc` finds and talks to a NameNode: as `connect` does, but nothing is retried. */
export interface RpcOptions extends Omit<ConnectOptions, 'lazy' | 'namenodes'> {
  /** Where the NameNode listens. Default: the host's own `:port`, then 8020. */
  port?: number | undefined
}

/**
 * Connects to the NameNode of `host` (`namenode.example.com`, `10.7.176.238:9000`, `hdfs://nameservice`); one request
 * tells that it answers, and which version of Hadoop RPC it speaks, unless `rpcVersion` says. Rejects with
 * NamenodeError, ConfigurationError, a ProtocolException or `signal.reason`.
 */
export async function rpc(host: string, options: RpcOptions = {}): Promise<Rpc> {
  options.signal?.throwIfAborted()
  const named = host.replace(/^hdfs:\/\//i, '').replace(/\/+$/, '')
  const authority = options.port === undefined ? named : `${named}:${options.port}`
  const configuration = await configurationOf(options)
  const target = namenodeTarget(`hdfs://${authority}`, configuration)
  const settings = clientSettings({ retryMs: 0, ...options }, configuration, options.env ?? process.env)
  const clientName = `cairn_${randomBytes(6).toString('hex')}_${process.pid}`
  const handle = new RpcHandle(createContext(target, settings, clientName))
  try {
    await handle.greet({ signal: options.signal })
    return handle as Rpc
  } catch (error) {
    await handle.close()
    throw error
  }
}

/** The table's methods become the handle's, where it has no short call of the name. */
for (const method of clientProtocolMethods) {
  if (method in RpcHandle.prototype) continue
  Object.defineProperty(RpcHandle.prototype, method, {
    value(this: RpcHandle, request = {}, options = {}) {
      return this.call(method, request, options)
    },
    writable: true,
    configurable: true,
  })
}
