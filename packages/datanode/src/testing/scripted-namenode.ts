import { defineService, RpcServer } from '@cairn/hadoop-ipc'
import type {
  BlockReceivedAndDeletedRequestProto,
  BlockReportRequestProto,
  DatanodeCommandProto,
  DatanodeErrorReportRequestProto,
  HeartbeatRequestProto,
  HeartbeatResponseProto,
  LocatedBlockProto,
  NamespaceInfoProto,
  RegisterDatanodeRequestProto,
} from '@cairn/hadoop-proto'
import { datanodeLifelineProtocol, datanodeProtocol } from '@cairn/hdfs-protocol'

/** Speaks `DatanodeProtocol` from a script and keeps what it hears. */
export class ScriptedNameNode {
  readonly calls: string[] = []
  readonly registrations: RegisterDatanodeRequestProto[] = []
  readonly heartbeats: HeartbeatRequestProto[] = []
  readonly lifelines: HeartbeatRequestProto[] = []
  readonly reports: BlockReportRequestProto[] = []
  readonly incremental: BlockReceivedAndDeletedRequestProto[] = []
  readonly badBlocks: LocatedBlockProto[] = []
  readonly errors: DatanodeErrorReportRequestProto[] = []
  /** Orders for the next heartbeat. */
  orders: DatanodeCommandProto[] = []
  clusterID = 'CID-test'
  blockPoolID = 'BP-1-127.0.0.1-1'
  namespaceID = 7
  cTime = 1n
  softwareVersion = '3.4.3'
  capabilities = 1n
  /** What heartbeats say: ACTIVE, STANDBY. */
  haState = 0
  txid = 1n
  /** Lent to those who ask; 0: none. */
  leaseId = 42n
  registrationFault: Error | undefined
  heartbeatFault: Error | undefined
  reportFault: Error | undefined
  /** Heartbeats are answered when it resolves. */
  gate: Promise<void> | undefined
  port = 0
  #heard: (() => void)[] = []
  #server: RpcServer | undefined

  get namespaceInfo(): NamespaceInfoProto {
    const { blockPoolID, namespaceID, clusterID, cTime, softwareVersion, capabilities } = this
    return {
      buildVersion: 'test',
      unused: 0,
      blockPoolID,
      storageInfo: { layoutVersion: -67 >>> 0, namespceID: namespaceID, clusterID, cTime },
      softwareVersion,
      capabilities,
    }
  }

  async listen(port = 0): Promise<void> {
    this.#server = new RpcServer({ services: [this.#datanodes(), this.#lifeline()] })
    this.port = (await this.#server.listen({ port })).port
  }

  async close(): Promise<void> {
    await this.#server?.close()
    this.#server = undefined
  }

  /** Resolves when a call was heard so often. */
  async until(call: string, count: number): Promise<void> {
    while (this.count(call) < count) await new Promise<void>((resolve) => this.#heard.push(resolve))
  }

  count(call: string): number {
    return this.calls.filter((heard) => heard === call).length
  }

  #note(call: string): void {
    this.calls.push(call)
    for (const resolve of this.#heard.splice(0)) resolve()
  }

  #heartbeat(request: HeartbeatRequestProto): HeartbeatResponseProto | Promise<HeartbeatResponseProto> {
    this.heartbeats.push(request)
    this.#note('heartbeat')
    if (this.heartbeatFault) throw this.heartbeatFault
    const answer = (): HeartbeatResponseProto => ({
      cmds: this.orders.splice(0),
      haStatus: { state: this.haState, txid: this.txid },
      fullBlockReportLeaseId: request.requestFullBlockReportLease === true ? this.leaseId : 0n,
    })
    return this.gate ? this.gate.then(answer) : answer()
  }

  #datanodes() {
    return defineService({
      protocol: datanodeProtocol.name,
      methods: datanodeProtocol.methods,
      handlers: {
        versionRequest: () => {
          this.#note('version')
          return { info: this.namespaceInfo }
        },
        registerDatanode: (request) => {
          this.registrations.push(request)
          this.#note('register')
          if (this.registrationFault) throw this.registrationFault
          return { registration: request.registration }
        },
        sendHeartbeat: (request) => this.#heartbeat(request),
        blockReport: (request) => {
          this.reports.push(request)
          this.#note('report')
          if (this.reportFault) throw this.reportFault
          return {}
        },
        blockReceivedAndDeleted: (request) => {
          this.incremental.push(request)
          this.#note('incremental')
          return {}
        },
        reportBadBlocks: ({ blocks }) => {
          this.badBlocks.push(...blocks)
          this.#note('bad')
          return {}
        },
        errorReport: (request) => {
          this.errors.push(request)
          this.#note('error')
          return {}
        },
      },
    })
  }

  #lifeline() {
    return defineService({
      protocol: datanodeLifelineProtocol.name,
      methods: datanodeLifelineProtocol.methods,
      handlers: {
        sendLifeline: (request) => {
          this.lifelines.push(request)
          this.#note('lifeline')
          return {}
        },
      },
    })
  }
}
