// How 2.0.0-alpha to 2.0.6-alpha, RPC 7 and 8, speak DatanodeProtocol: what stands at number 8 of an order is another one.
import {
  BlockReportRequestProto,
  BlockReportResponse20Proto,
  type BlockReportResponseProto,
  type DatanodeCommand20Proto,
  type DatanodeCommandProto,
  HeartbeatRequestProto,
  HeartbeatResponse20Proto,
  type HeartbeatResponseProto,
  type MessageCodec,
} from '@cairn/hadoop-proto'
import type { ClientForm, MethodForm, ProtocolDialect } from '@cairn/hadoop-rpc'
import { datanodeProtocol } from '../protocols.ts'

/** Orders of distributed upgrades are left out: no release ever gave one [dnp1.command.1]. */
function commandOf({ upgradeCmd: _, ...command }: DatanodeCommand20Proto): DatanodeCommandProto {
  return command
}

/** A codec that reads `inner` as today's message; DataNodes only read these. */
function translated<T, W>(inner: MessageCodec<W>, fromInner: (value: W) => T): MessageCodec<T> {
  const never = (): never => {
    throw new TypeError(`encode ${inner.typeName}: no NameNode here speaks it`)
  }
  return {
    typeName: inner.typeName,
    fields: inner.fields,
    encode: never,
    write: never,
    encodeDelimited: never,
    decode: (bytes, start, end) => fromInner(inner.decode(bytes, start, end)),
    read: (reader, end) => fromInner(inner.read(reader, end)),
    decodeDelimited: (reader) => fromInner(inner.decodeDelimited(reader)),
  }
}

const sendHeartbeat: MethodForm<HeartbeatRequestProto, HeartbeatResponseProto> = {
  name: 'sendHeartbeat',
  request: HeartbeatRequestProto,
  response: translated(HeartbeatResponse20Proto, ({ cmds, haStatus }) => ({
    cmds: cmds.map(commandOf),
    haStatus,
  })),
}

const blockReport: MethodForm<BlockReportRequestProto, BlockReportResponseProto> = {
  name: 'blockReport',
  request: BlockReportRequestProto,
  response: translated(BlockReportResponse20Proto, ({ cmd }) => ({ cmd: cmd && commandOf(cmd) })),
}

const clientForms: ReadonlyMap<string, ClientForm> = new Map([
  ['sendHeartbeat', { kind: 'call', form: sendHeartbeat as MethodForm }],
  ['blockReport', { kind: 'call', form: blockReport as MethodForm }],
])

/** DatanodeProtocol of RPC 7 and 8, for DataNodes. */
export const datanodeDialect20: ProtocolDialect = {
  protocol: datanodeProtocol.name,
  version: 1n,
  clientForm: (method) => clientForms.get(method),
  serverForm: () => undefined,
}
