import { inspect } from 'node:util'
import type { RpcMethod } from '@cairn/hadoop-ipc'
import { CreateFlagProto } from '@cairn/hadoop-proto'
import { clientProtocol, FileNotFoundException, NotReplicatedYetException } from '@cairn/hdfs-protocol'
import type { ClientContext } from '../client-context.ts'
import { classifyFailure } from '../namenode/classify-failure.ts'
import { explainFailure } from '../namenode/explain-failure.ts'
import { NamenodeError } from '../namenode/namenode-error.ts'
import type { CallOptions } from '../namenode/namenode-proxy.ts'
import { pause } from '../pause.ts'
import { notYetWaitsMs } from '../write/allocate-block.ts'
import { completeWaitMs, completeWaitsMs } from '../write/complete-file.ts'
import { type LocatedBlock, readBlock, writeBlock } from './block.ts'
import type { BlockAccess } from './block-data.ts'
import type { ClientProtocolMethod, ResponseOf } from './call.ts'
import type { AddBlockOptions, ByteRange, CompleteOptions, CreateFileOptions } from './call-options.ts'
import { FilesInWriting } from './files-in-writing.ts'
import { type ClientProtocol61Calls, clientProtocol61Calls } from './protocol-61.ts'
import {
  attemptOf,
  type ClientProtocolCalls,
  completeRequest,
  type RequestMessage,
} from './protocol-calls.ts'
import { askProtocolVersion } from './protocol-version.ts'
import { asProtocolException } from './refusal.ts'
import { Block, Blocks, FileInfo } from './values.ts'

/** `RpcHandle` with every method of ClientProtocol. Calls by message: `cluster.mkdirs({ src, masked, createParent })`. */
export type Rpc = RpcHandle & Omit<ClientProtocolCalls, keyof RpcHandle>

/** `AuthMethod.SIMPLE` of Hadoop: the server believes the user's name. */
const authSimple = 80

/**
 * One NameNode, spoken to call by call: nothing is retried, no lease is renewed, no path is changed. Methods take and
 * give the messages of ClientProtocol; those that programs need most have a short form too, which a path (or client
 * name) as first argument chooses. Refusals are ProtocolExceptions of their class; otherwise NamenodeError.
 */
export class RpcHandle implements AsyncDisposable {
  /** How this client logs in: 80, `AuthMethod.SIMPLE`. */
  readonly protocol = authSimple
  readonly #context: ClientContext
  readonly #files = new FilesInWriting()
  readonly #access: BlockAccess
  #protocol61: ClientProtocol61Calls | undefined
  #numCalls = 0

  /** Made by `rpc`. */
  constructor(context: ClientContext) {
    this.#context = context
    this.#access = {
      read: (block, range) => readBlock(context, block, range),
      write: (block, bytes, options) => writeBlock(context, block, bytes, options),
    }
  }

  /** IP address of the NameNode. */
  get address(): string {
    const { remoteAddresses, namenode } = this.#context
    return remoteAddresses.get(namenode.activeAddress) ?? namenode.active.host
  }
  get port(): number {
    return this.#context.namenode.active.port
  }
  get user(): string {
    return this.#context.settings.user
  }
  /** Calls made so far, the one of `rpc` itself included. */
  get numCalls(): number {
    return this.#numCalls
  }
  /** The version of Hadoop RPC that the NameNode speaks: 9, 8, 7 or 4. */
  get rpcVersion(): number | undefined {
    return this.#context.rpc.generationOf(this.#context.namenode.active)?.version
  }

  toString(): string {
    return `rpc(address='${this.address}', num_calls=${this.numCalls}, protocol=${this.protocol}, user='${this.user}')`
  }
  [inspect.custom](): string {
    return this.toString()
  }

  /** The first call, made by `rpc`: what it answers is kept, for files and blocks to be written. */
  async greet(options: CallOptions): Promise<void> {
    this.#numCalls += 1
    await this.#context.serverDefaults.read(options).catch((error: unknown) => {
      throw asProtocolException(error, 'getServerDefaults')
    })
  }

  /** Calls any method by its messages; lists that the request leaves out are empty. */
  async call<M extends ClientProtocolMethod>(
    method: M,
    request: RequestMessage<M>,
    options?: CallOptions,
  ): Promise<ResponseOf<M>> {
    this.#numCalls += 1
    try {
      const response = await this.#context.namenode.call(method, completeRequest(method, request), options)
      if (method === 'abandonBlock') {
        const { src, holder, b } = request as unknown as RequestMessage<'abandonBlock'>
        this.#files.abandoned(src, holder, b.blockId)
      }
      return response
    } catch (error) {
      throw asProtocolException(error, attemptOf(method, request))
    }
  }

  /** ClientProtocol 61 of Hadoop 1 by Java's own parameters; its calls reject where the NameNode speaks another. */
  get protocol61(): ClientProtocol61Calls {
    this.#protocol61 ??= clientProtocol61Calls((method, parameters) => this.#call61(method, parameters))
    return this.#protocol61
  }

  async #call61<Q, S>(method: RpcMethod<Q, S>, parameters: Q, options?: CallOptions): Promise<S> {
    const { rpc, namenode } = this.#context
    const attempted = `${method.name} of ClientProtocol 61`
    if (namenode.generation.clientProtocol61 === undefined) {
      const found = `${attempted}: ${namenode.activeAddress} speaks Hadoop RPC ${this.rpcVersion}; only 4 (Hadoop 1) has it`
      throw new NamenodeError('ERR_HDFS_VERSION', found, { address: namenode.activeAddress })
    }
    this.#numCalls += 1
    try {
      const verbatim = { ...options, verbatim: true }
      return await rpc.call(namenode.active, clientProtocol.name, method, parameters, verbatim)
    } catch (error) {
      const explained = explainFailure(error, classifyFailure(error), namenode.activeAddress)
      throw asProtocolException(explained, attempted)
    }
  }

  /** The NameNode's version of ClientProtocol: 61 for Hadoop 1, 1 since protobuf. `version` is what the client has. */
  async getProtocolVersion(version: number | bigint = 61n, options?: CallOptions): Promise<bigint> {
    const own = this.#context.namenode.generation.clientProtocol61
    if (own !== undefined) {
      return await this.#call61(own.getProtocolVersion, [clientProtocol.name, BigInt(version)], options)
    }
    this.#numCalls += 1
    return await askProtocolVersion(this.#context, options).catch((error: unknown) => {
      throw asProtocolException(error, 'getProtocolVersion')
    })
  }

  /** A file or directory; null when there is none. */
  getFileInfo(path: string, options?: CallOptions): Promise<FileInfo | null>
  getFileInfo(
    request: RequestMessage<'getFileInfo'>,
    options?: CallOptions,
  ): Promise<ResponseOf<'getFileInfo'>>
  async getFileInfo(
    first: string | RequestMessage<'getFileInfo'>,
    options?: CallOptions,
  ): Promise<FileInfo | null | ResponseOf<'getFileInfo'>> {
    if (typeof first !== 'string') return await this.call('getFileInfo', first, options)
    const { fs } = await this.call('getFileInfo', { src: first }, options)
    return fs === undefined ? null : new FileInfo(fs)
  }

  /** The blocks of a range of a file; FileNotFoundException when there is none. */
  getBlockLocations(path: string, range?: ByteRange): Promise<Blocks>
  getBlockLocations(
    request: RequestMessage<'getBlockLocations'>,
    options?: CallOptions,
  ): Promise<ResponseOf<'getBlockLocations'>>
  async getBlockLocations(
    first: string | RequestMessage<'getBlockLocations'>,
    options: ByteRange = {},
  ): Promise<Blocks | ResponseOf<'getBlockLocations'>> {
    if (typeof first !== 'string') return await this.call('getBlockLocations', first, options)
    const { offset = 0, length = Number.MAX_SAFE_INTEGER } = options
    const request = { src: first, offset: BigInt(offset), length: BigInt(length) }
    const { locations } = await this.call('getBlockLocations', request, options)
    if (locations !== undefined) return new Blocks(this.#access, locations)
    // Hadoop 1 answers null where later releases throw.
    const attempted = attemptOf('getBlockLocations', request)
    throw new FileNotFoundException(`File does not exist: ${first}`, { attempted, address: this.address })
  }

  /** Makes a file that `clientName` writes; `mode` is its permission bits. */
  create(path: string, mode: number, clientName: string, options?: CreateFileOptions): Promise<void>
  create(request: RequestMessage<'create'>, options?: CallOptions): Promise<ResponseOf<'create'>>
  async create(
    first: string | RequestMessage<'create'>,
    second?: number | CallOptions,
    clientName = '',
    options: CreateFileOptions = {},
  ): Promise<unknown> {
    if (typeof first !== 'string') return await this.call('create', first, second as CallOptions | undefined)
    const { overwrite = false, createParent = true, signal } = options
    const defaults = await this.#context.serverDefaults.read({ signal })
    const flag = CreateFlagProto.CREATE | CreateFlagProto.SHOULD_REPLICATE
    const request = {
      src: first,
      masked: { perm: second as number },
      clientName,
      createFlag: overwrite ? flag | CreateFlagProto.OVERWRITE : flag,
      createParent,
      replication: options.replication ?? defaults.replication,
      blockSize: BigInt(options.blockSize ?? defaults.blockSize),
    }
    const { fs } = await this.call('create', request, options)
    this.#files.created(first, clientName, fs?.fileId ?? 0n)
    return undefined
  }

  /** A new block at the end of a file in writing; waits until the block before has enough replicas. */
  addBlock(path: string, clientName: string, options?: AddBlockOptions): Promise<Block>
  addBlock(request: RequestMessage<'addBlock'>, options?: CallOptions): Promise<ResponseOf<'addBlock'>>
  async addBlock(
    first: string | RequestMessage<'addBlock'>,
    second?: string | CallOptions,
    options: AddBlockOptions = {},
  ): Promise<Block | ResponseOf<'addBlock'>> {
    if (typeof first !== 'string')
      return await this.call('addBlock', first, second as CallOptions | undefined)
    const clientName = second as string
    const { previous = this.#files.last(first, clientName), excludeNodes = [] } = options
    const fileId = this.#files.fileId(first, clientName)
    const request = { src: first, clientName, previous, excludeNodes, fileId }
    for (let asked = 0; ; asked += 1) {
      try {
        const block = this.block((await this.call('addBlock', request, options)).block)
        this.#files.added(first, clientName, block)
        return block
      } catch (error) {
        const waitMs = notYetWaitsMs[asked]
        if (!(error instanceof NotReplicatedYetException) || waitMs === undefined) throw error
        await pause(waitMs, options.signal)
      }
    }
  }

  /** Finishes a file; asks for a minute whether its last block has enough replicas. False: it still had not. */
  complete(path: string, clientName: string, options?: CompleteOptions): Promise<boolean>
  complete(request: RequestMessage<'complete'>, options?: CallOptions): Promise<ResponseOf<'complete'>>
  async complete(
    first: string | RequestMessage<'complete'>,
    second?: string | CallOptions,
    options: CompleteOptions = {},
  ): Promise<boolean | ResponseOf<'complete'>> {
    if (typeof first !== 'string')
      return await this.call('complete', first, second as CallOptions | undefined)
    const clientName = second as string
    const { last = this.#files.last(first, clientName) } = options
    const request = { src: first, clientName, last, fileId: this.#files.fileId(first, clientName) }
    const startMs = performance.now()
    for (let asked = 0; ; asked += 1) {
      const { result } = await this.call('complete', request, options)
      if (result) this.#files.completed(first, clientName)
      if (result || performance.now() - startMs > completeWaitMs) return result
      await pause(completeWaitsMs[Math.min(asked, completeWaitsMs.length - 1)]!, options.signal)
    }
  }

  /** Keeps the files that `clientName` writes its own; within a minute of the last time. */
  renewLease(clientName: string, options?: CallOptions): Promise<void>
  renewLease(request: RequestMessage<'renewLease'>, options?: CallOptions): Promise<ResponseOf<'renewLease'>>
  async renewLease(first: string | RequestMessage<'renewLease'>, options?: CallOptions): Promise<unknown> {
    if (typeof first !== 'string') return await this.call('renewLease', first, options)
    await this.call('renewLease', { clientName: first }, options)
    return undefined
  }

  /** A block of a message, so that `data(block, clientName)` can read or write it. */
  block(message: LocatedBlock): Block {
    return new Block(this.#access, message)
  }

  /** Closes the connections. Idempotent. */
  close(): Promise<void> {
    return this.#context.close()
  }
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
