import type { FsServerDefaultsProto } from '@cairn/hadoop-proto'
import type { CallOptions, NamenodeProxy } from './namenode-proxy.ts'

/** How long an answer of getServerDefaults is used; Java's client keeps it an hour as well. */
const validMs = 3_600_000

/** The NameNode's defaults for new files, asked for once. */
export class ServerDefaults {
  readonly #namenode: NamenodeProxy
  #known: Promise<FsServerDefaultsProto> | undefined
  #knownSince = 0

  constructor(namenode: NamenodeProxy) {
    this.#namenode = namenode
  }

  /** The defaults; callers at the same time share one request, whose signal is the first caller's. */
  read(options?: CallOptions): Promise<FsServerDefaultsProto> {
    const now = performance.now()
    if (this.#known === undefined || now - this.#knownSince > validMs) {
      this.#knownSince = now
      const asked = this.#namenode
        .call('getServerDefaults', {}, options)
        .then((answer) => answer.serverDefaults)
      this.#known = asked
      asked.catch(() => {
        if (this.#known === asked) this.#known = undefined
      })
    }
    return this.#known
  }
}
