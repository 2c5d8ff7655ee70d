import { addressesRememberedMax } from './limits.ts'

/** Which version of Hadoop RPC each server was found to speak, by `host:port` [hgen.find.4]. */
export class GenerationMemory {
  readonly #versions = new Map<string, number>()

  get(address: string): number | undefined {
    return this.#versions.get(address)
  }

  delete(address: string): void {
    this.#versions.delete(address)
  }

  /** The oldest addresses are forgotten when there are too many. */
  set(address: string, version: number): void {
    this.#versions.delete(address)
    this.#versions.set(address, version)
    if (this.#versions.size <= addressesRememberedMax) return
    for (const oldest of this.#versions.keys()) {
      this.#versions.delete(oldest)
      break
    }
  }
}

/** What all clients of this process have found out. */
export const processMemory: GenerationMemory = new GenerationMemory()
