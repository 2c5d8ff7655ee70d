// How Hadoop 1 speaks RefreshUserMappingsProtocol: version 1, the same two calls as today.
import type { ProtocolDialect } from '@cairn/hadoop-rpc'
import { RefreshUserMappingsProtocol1, refreshUserMappingsProtocol1 } from '../refresh-protocol.ts'
import { call, form, nothing } from './form.ts'
import { protocolVersion, type ServerForms, serve, serverFormFinder } from './server-forms.ts'

const bare = { parameters: () => [] as const, request: () => ({}), ...nothing }

const forms = {
  refreshUserToGroupsMappings: form(RefreshUserMappingsProtocol1.refreshUserToGroupsMappings, bare),
  refreshSuperUserGroupsConfiguration: form(
    RefreshUserMappingsProtocol1.refreshSuperUserGroupsConfiguration,
    bare,
  ),
}

const clientForms = new Map(Object.entries(forms).map(([name, methodForm]) => [name, call(methodForm)]))

const serverForms: ServerForms<typeof RefreshUserMappingsProtocol1> = {
  getProtocolVersion: protocolVersion(RefreshUserMappingsProtocol1.getProtocolVersion),
  refreshUserToGroupsMappings: serve('refreshUserToGroupsMappings', forms.refreshUserToGroupsMappings),
  refreshSuperUserGroupsConfiguration: serve(
    'refreshSuperUserGroupsConfiguration',
    forms.refreshSuperUserGroupsConfiguration,
  ),
}

/** RefreshUserMappingsProtocol 1. */
export const refreshUserMappingsDialect1: ProtocolDialect = {
  protocol: refreshUserMappingsProtocol1.name,
  version: refreshUserMappingsProtocol1.version,
  clientForm: (method) => clientForms.get(method),
  serverForm: serverFormFinder(
    { ...refreshUserMappingsProtocol1, methods: RefreshUserMappingsProtocol1 },
    serverForms,
  ),
}
