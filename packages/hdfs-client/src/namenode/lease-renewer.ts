import type { NamenodeProxy } from './namenode-proxy.ts'

/** Half of HDFS's soft limit (HdfsConstants.LEASE_SOFTLIMIT_PERIOD = 60 s): after it others may take a file over. */
const renewEveryMs = 30_000

/** Keeps the lease of one client name while files are open for writing: one timer, whatever their number. */
export class LeaseRenewer {
  readonly #namenode: NamenodeProxy
  readonly #clientName: string
  readonly #open = new Set<object>()
  #timer: NodeJS.Timeout | undefined

  constructor(namenode: NamenodeProxy, clientName: string) {
    this.#namenode = namenode
    this.#clientName = clientName
  }

  /** The lease holder that NameNode requests name. */
  get clientName(): string {
    return this.#clientName
  }

  /** How many files are open for writing. */
  get openFiles(): number {
    return this.#open.size
  }

  /** Starts to renew for a file that was created or opened for append. */
  add(file: object): void {
    this.#open.add(file)
    // It must not keep a process alive that has nothing else to do: a file left open is recovered by the NameNode.
    this.#timer ??= setInterval(() => this.#renew(), renewEveryMs).unref()
  }

  has(file: object): boolean {
    return this.#open.has(file)
  }

  /** Ends it for a file that is closed or given up. */
  remove(file: object): void {
    this.#open.delete(file)
    if (this.#open.size === 0) this.close()
  }

  close(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #renew(): void {
    const request = { clientName: this.#clientName, namespaces: [] }
    // A renewal that fails is made good by the next one; when none gets through, the next write fails and says why.
    this.#namenode.call('renewLease', request, { timeoutMs: renewEveryMs }).catch(() => undefined)
  }
}
