import {
  formatRpcVersion,
  generation9,
  type RemoteException,
  type RpcGeneration,
  serverVersions,
} from '@cairn/hadoop-rpc'
import { GenerationMemory, processMemory } from './generation-memory.ts'
import { RpcConnectionError } from './rpc-connection-error.ts'

/** What a client speaks. */
export interface GenerationFinderOptions {
  readonly generations?: readonly RpcGeneration[] | undefined
  readonly rpcVersion?: number | undefined
  /** What is found counts for this client only: its addresses are not those of the network. */
  readonly privately: boolean
}

/** The versions with which one server was tried, one after another. */
export interface Attempt {
  readonly generation: RpcGeneration
  /** The attempt before, if the server did not take it. */
  readonly before: Attempt | undefined
  /** It ended the attempt before without a word. */
  readonly silently: boolean
}

/**
 * Finds out which generation a server speaks, by what it answers to another [hgen.find.1]: a first connection speaks
 * what is remembered, else the newest; a refusal names the server's version, and silence may mean one that refuses so.
 */
export class GenerationFinder {
  readonly #generations: readonly RpcGeneration[]
  readonly #rpcVersion: number | undefined
  readonly #own = new GenerationMemory()
  readonly #shared: GenerationMemory
  /** Those that are known, and ended their newest connection without a word: another server may be there by now. */
  readonly #doubted = new GenerationMemory()

  constructor(options: GenerationFinderOptions) {
    const { generations = [generation9], rpcVersion, privately } = options
    this.#generations =
      rpcVersion === undefined ? generations : generations.filter(({ version }) => version === rpcVersion)
    if (this.#generations.length === 0) {
      const allowed = generations.map(({ version }) => version).join(', ')
      // '4' is none of them, and looks as if it were.
      const shown = typeof rpcVersion === 'number' ? rpcVersion : JSON.stringify(rpcVersion)
      throw new RangeError(`speak Hadoop RPC: found rpcVersion ${shown}; ${allowed} is allowed`)
    }
    this.#rpcVersion = rpcVersion
    this.#shared = privately ? this.#own : processMemory
  }

  #ofVersion(version: number | undefined): RpcGeneration | undefined {
    return this.#generations.find((generation) => generation.version === version)
  }

  /** What a server was found to speak. */
  generationOf(address: string): RpcGeneration | undefined {
    return this.#ofVersion(this.#own.get(address)) ?? this.#ofVersion(this.#shared.get(address))
  }

  /** With what to begin. */
  first(address: string): Attempt {
    const generation = this.generationOf(address) ?? this.#generations[0]!
    return { generation, before: undefined, silently: false }
  }

  /** The server has answered in this generation. */
  found(address: string, generation: RpcGeneration): void {
    this.#doubted.delete(address)
    this.#own.set(address, generation.version)
    // One that was told what to speak has not found out what the server speaks best.
    if (this.#rpcVersion === undefined) this.#shared.set(address, generation.version)
  }

  /**
   * What to try after an attempt that the server refused, or (`undefined`) ended without a word. An error: there is
   * nothing left to try; undefined: the connection's own error says it all.
   */
  next(
    attempt: Attempt,
    refusal: RemoteException | undefined,
    address: string,
  ): Attempt | RpcConnectionError | undefined {
    const untried = this.#generations.filter(
      ({ version }) => !attemptsOf(attempt).some(({ generation }) => generation.version === version),
    )
    if (refusal === undefined) {
      // Who is known to speak this has not refused it: the calls may have run, and would run again [hgen.find.3].
      if (this.generationOf(address) === attempt.generation && this.#doubted.get(address) === undefined) {
        this.#doubted.set(address, attempt.generation.version)
        return undefined
      }
      const generation = untried.find(({ refusesSilently }) => refusesSilently === true)
      return generation && { generation, before: attempt, silently: true }
    }
    const versions = serverVersions(refusal) ?? []
    const generation = versions
      .map((version) => untried.find((known) => known.version === version))
      .find(Boolean)
    if (generation !== undefined) return { generation, before: attempt, silently: false }
    // It speaks what was tried, but ended that without a word: why, it has not said.
    if (attempt.silently) {
      const message = `call ${address}: the server closed the connection without any answer`
      return new RpcConnectionError('ERR_RPC_CLOSED', message, { address, sent: true, cause: refusal })
    }
    return this.#noneCommon(versions, refusal, address)
  }

  #noneCommon(versions: readonly number[], cause: RemoteException, address: string): RpcConnectionError {
    const theirs = versions.map(formatRpcVersion).join(', ')
    const ours = this.#generations.map(({ version }) => version).join(', ')
    const told = this.#rpcVersion === undefined ? '' : ', as rpcVersion says'
    const message = `${address} speaks ${theirs}; this client speaks ${ours}${told}`
    return new RpcConnectionError('ERR_HRPC_VERSION', message, { address, sent: false, cause })
  }
}

function attemptsOf(last: Attempt): Attempt[] {
  const all: Attempt[] = []
  for (let attempt: Attempt | undefined = last; attempt !== undefined; attempt = attempt.before)
    all.push(attempt)
  return all
}
