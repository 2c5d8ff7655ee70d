import type { RpcAddress, RpcClient } from '@cairn/hadoop-ipc'
import type {
  BlockReceivedAndDeletedRequestProto,
  BlockReportRequestProto,
  BlockReportResponseProto,
  CacheReportRequestProto,
  CommitBlockSynchronizationRequestProto,
  DatanodeCommandProto,
  DatanodeErrorReportRequestProto,
  DatanodeRegistrationProto,
  ExtendedBlockProto,
  HeartbeatRequestProto,
  HeartbeatResponseProto,
  LocatedBlockProto,
  NamespaceInfoProto,
} from '@cairn/hadoop-proto'
import {
  type DataTransferVersion,
  datanodeLifelineProtocol,
  datanodeProtocol,
  dataTransfer28,
  hdfsGenerations,
  heartbeatOfOneStorage,
  type NamenodeTraits,
  namenodeTraits,
  newsOfOneStorage,
  nextGenerationStamp1,
} from '@cairn/hdfs-protocol'
import type { Activity } from '../activity.ts'
import type { NamenodeAddress } from './configured-nameservices.ts'
import { type EncodedReport, encodedReportCodec } from './full-report.ts'
import { softwareVersion } from './registration.ts'

const { name, methods } = datanodeProtocol
const blockReportMethod = { ...methods.blockReport, request: encodedReportCodec }

const lifelineName = datanodeLifelineProtocol.name
const { sendLifeline } = datanodeLifelineProtocol.methods

/** `DatanodeProtocol` at one NameNode's address, `DatanodeLifelineProtocol` at its other one. */
export class NamenodeLink {
  readonly address: RpcAddress
  /** Undefined for a NameNode without this port. */
  readonly lifelineAddress: RpcAddress | undefined
  readonly #client: RpcClient
  readonly #aborter = new AbortController()

  readonly #activity: Activity
  #traits: NamenodeTraits = namenodeTraits(softwareVersion)

  constructor(client: RpcClient, address: NamenodeAddress, activity: Activity) {
    this.#client = client
    this.#activity = activity
    this.address = address
    this.lifelineAddress = address.lifeline
  }

  /** Ends all calls under way; none can be made any more. */
  abort(reason: Error): void {
    this.#aborter.abort(reason)
  }

  /** How this NameNode wants to be told things, as far as it has said who it is. */
  get traits(): NamenodeTraits {
    return this.#traits
  }

  /** What this NameNode's DataNodes speak to each other. */
  get dataTransfer(): DataTransferVersion {
    const spoken = this.#client.generationOf(this.address)?.version
    return hdfsGenerations.find(({ version }) => version === spoken)?.dataTransfer ?? dataTransfer28
  }

  async versionRequest(): Promise<NamespaceInfoProto> {
    const { info } = await this.#client.call(this.address, name, methods.versionRequest, {}, this.#options)
    this.#traits = namenodeTraits(info.softwareVersion)
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
    const options = { ...this.#options, timeoutMs }
    const told = this.#traits.separateStorages ? request : heartbeatOfOneStorage(request)
    const call = this.#client.call(this.address, name, methods.sendHeartbeat, told, options)
    return this.#activity.heartbeats.measure(call)
  }

  blockReport(request: EncodedReport): Promise<BlockReportResponseProto> {
    const call = this.#client.call(this.address, name, blockReportMethod, request, this.#options)
    return this.#activity.blockReports.measure(call)
  }

  /** For NameNodes to which this node is one storage [dnp.old.2]. */
  blockReportOfOneStorage(request: BlockReportRequestProto): Promise<BlockReportResponseProto> {
    const call = this.#client.call(this.address, name, methods.blockReport, request, this.#options)
    return this.#activity.blockReports.measure(call)
  }

  async cacheReport(request: CacheReportRequestProto): Promise<DatanodeCommandProto | undefined> {
    const { cmd } = await this.#client.call(this.address, name, methods.cacheReport, request, this.#options)
    return cmd
  }

  async blockReceivedAndDeleted(request: BlockReceivedAndDeletedRequestProto): Promise<void> {
    const call = this.#client.call(
      this.address,
      name,
      methods.blockReceivedAndDeleted,
      this.#traits.separateStorages ? request : newsOfOneStorage(request),
      this.#options,
    )
    await this.#activity.incrementalReports.measure(call)
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

  /** The generation stamp for a recovery whose order names none: Hadoop 1's [dnp1.recovery.1]. */
  async nextGenerationStamp(block: ExtendedBlockProto): Promise<bigint> {
    const options = { ...this.#options, verbatim: true }
    const answer = await this.#client.call(this.address, name, nextGenerationStamp1, { block }, options)
    return answer.generationStamp
  }

  /** `DatanodeLifelineProtocol`: this node lives, whatever its heartbeats wait for. */
  async sendLifeline(request: HeartbeatRequestProto, timeoutMs: number): Promise<void> {
    const options = { ...this.#options, timeoutMs }
    await this.#client.call(this.lifelineAddress!, lifelineName, sendLifeline, request, options)
  }

  get #options(): { signal: AbortSignal } {
    return { signal: this.#aborter.signal }
  }
}
