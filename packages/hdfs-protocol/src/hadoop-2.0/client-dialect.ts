// How 2.0.0-alpha to 2.0.2-alpha, RPC 7, speak ClientProtocol: with today's messages but for what servers make of them.
import type { CreateRequestProto, CreateResponseProto } from '@cairn/hadoop-proto'
import type { MethodForm, ProtocolDialect, ServerForm } from '@cairn/hadoop-rpc'
import { createOfOldClients } from '../generations/new-file-mode.ts'
import { clientProtocol } from '../protocols.ts'
import { pastMethod } from './methods.ts'

const create: MethodForm<CreateRequestProto, CreateResponseProto> = clientProtocol.methods.create
/** `dfsadmin -upgradeProgress` of 2.0.0-alpha: no upgrade of the whole cluster is ever under way. */
const upgradeProgress = pastMethod(7, clientProtocol.name, 'distributedUpgradeProgress')!

const serverForms: ReadonlyMap<string, ServerForm> = new Map([
  ['create', { kind: 'call', method: 'create', form: createOfOldClients(create) as MethodForm }],
  [upgradeProgress.name, { kind: 'local', form: upgradeProgress, answer: () => ({}) }],
])

/** ClientProtocol of RPC 7. */
export const clientDialect20: ProtocolDialect = {
  protocol: clientProtocol.name,
  version: 1n,
  clientForm: () => undefined,
  serverForm: ({ method }) => serverForms.get(method),
}
