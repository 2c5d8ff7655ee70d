import type { RpcAddress, RpcClient } from '@cairn/hadoop-ipc'
import type {
  BlockReceivedAndDeletedRequestProto,
  BlockReportResponseProto,
  CommitBlockSynchronizationRequestProto,
  DatanodeErrorReportRequestProto,
  DatanodeRegistrationProto,
  HeartbeatRequestProto,
  HeartbeatResponseProto,
  LocatedBlockProto,
  NamespaceInfoProto,
} from '@cairn/hadoop-proto'
import { datanodeProtocol } from '@cairn/hdfs-protocol'
import { type EncodedReport, encodedReportCodec } from './full-report.ts'

const { name, methods } = datanodeProtocol
const blockReportMethod = { ...methods.blockReport, request: encodedReportCodec }

/** `DatanodeProtocol` at one NameNode's address. */
export class NamenodeLink {
  readonly address: RpcAddress
  readonly #client: RpcClient
  readonly #signal: AbortSignal

  constructor(client: RpcClient, address: RpcAddress, signal: AbortSignal) {
    this.#client = client
    this.address = address
    this.#signal = signal
  }

  async versionRequest(): Promise<NamespaceInfoProto> {
    const { info } = await this.#client.call(this.address, name, methods.versionRequest, {}, this.#options)
    return info
  }

  async registerDatanode(registration: DatanodeRegistrationProto): Promise<DatanodeRegistrationProto> {
    const response = await this.#client.call(
      this.address,
      name,
      methods.registerDatanode,
      { registration },
      this.#options,
    )
    return response.registration
  }

  sendHeartbeat(request: HeartbeatRequestProto, timeoutMs: number): Promise<HeartbeatResponseProto> {
    return this.#client.call(this.address, name, methods.sendHeartbeat, request, {
      ...this.#options,
      timeoutMs,
    })
  }

  blockReport(request: EncodedReport): Promise<BlockReportResponseProto> {
    return this.#client.call(this.address, name, blockReportMethod, request, this.#options)
  }

  async blockReceivedAndDeleted(request: BlockReceivedAndDeletedRequestProto): Promise<void> {
    await this.#client.call(this.address, name, methods.blockReceivedAndDeleted, request, this.#options)
  }

  async errorReport(request: DatanodeErrorReportRequestProto): Promise<void> {
    await this.#client.call(this.address, name, methods.errorReport, request, this.#options)
  }

  async reportBadBlocks(blocks: LocatedBlockProto[]): Promise<void> {
    await this.#client.call(this.address, name, methods.reportBadBlocks, { blocks }, this.#options)
  }

  async commitBlockSynchronization(request: CommitBlockSynchronizationRequestProto): Promise<void> {
    await this.#client.call(this.address, name, methods.commitBlockSynchronization, request, this.#options)
  }

  get #options(): { signal: AbortSignal } {
    return { signal: this.#signal }
  }
}
