import type { DataEncryptionKeyProto } from '@cairn/hadoop-proto'
import type { NamenodeProxy } from './namenode-proxy.ts'
import type { ServerDefaults } from './server-defaults.ts'

/**
 * Whether the cluster encrypts data transfer (`dfs.encrypt.data.transfer`), and the key to log in to its DataNodes with,
 * which is used until it expires [sasl.when.1].
 */
export class DataEncryption {
  readonly #namenode: NamenodeProxy
  readonly #serverDefaults: ServerDefaults
  #key: Promise<DataEncryptionKeyProto | undefined> | undefined

  constructor(namenode: NamenodeProxy, serverDefaults: ServerDefaults) {
    this.#namenode = namenode
    this.#serverDefaults = serverDefaults
  }

  /** Asks whether the cluster encrypts while something else is asked for, so that nobody waits for the answer later. */
  prepare(): void {
    this.#serverDefaults.read().catch(() => {
      // Whoever opens a connection asks again, and hears of it.
    })
  }

  /** The key; undefined where nothing is encrypted. Rejects with NamenodeError. */
  async key(): Promise<DataEncryptionKeyProto | undefined> {
    const { encryptDataTransfer } = await this.#serverDefaults.read()
    if (!encryptDataTransfer) return undefined
    const known = this.#key
    const key = await known
    if (key !== undefined && BigInt(Date.now()) <= key.expiryDate) return key
    // A fresh one is used whatever it says: the clocks may differ.
    if (this.#key === known) this.#key = this.#fetch()
    return await this.#key
  }

  /** A DataNode does not know the key any more. */
  forget(): void {
    this.#key = undefined
  }

  #fetch(): Promise<DataEncryptionKeyProto | undefined> {
    const asked = this.#namenode
      .call('getDataEncryptionKey', {})
      .then(({ dataEncryptionKey }) => dataEncryptionKey)
    asked.catch(() => {
      if (this.#key === asked) this.#key = undefined
    })
    return asked
  }
}
