// `org.apache.hadoop.security.RefreshUserMappingsProtocol`, version 1, as Hadoop 1.2.1 has it.
import { method1 } from './method.ts'
import { hadoop1Types } from './writables.ts'

/** What `getProtocolVersion` is asked for. */
export const refreshUserMappingsProtocol1 = {
  name: 'org.apache.hadoop.security.RefreshUserMappingsProtocol',
  version: 1n,
} as const

/** `hadoop dfsadmin` to the NameNode. */
export const RefreshUserMappingsProtocol1 = {
  getProtocolVersion: method1(hadoop1Types, 'getProtocolVersion', ['String', 'long'], 'long'),
  refreshUserToGroupsMappings: method1(hadoop1Types, 'refreshUserToGroupsMappings', [], 'void'),
  refreshSuperUserGroupsConfiguration: method1(
    hadoop1Types,
    'refreshSuperUserGroupsConfiguration',
    [],
    'void',
  ),
} as const
