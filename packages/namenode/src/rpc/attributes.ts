/** ClientProtocol: extended attributes, storage policies, ACLs. */

import type { Handlers } from '@cairn/hadoop-ipc'
import type { ClientNamenodeProtocol, XAttrProto } from '@cairn/hadoop-proto'
import { hadoopIllegalArgument } from '../java-exceptions.ts'
import {
  getAclStatus,
  modifyAclEntries,
  removeAcl,
  removeAclEntries,
  removeDefaultAcl,
  setAcl,
} from '../operations/acls.ts'
import { getStoragePolicy, setStoragePolicy, storagePolicies } from '../operations/storage-policies.ts'
import { getXAttrs, listXAttrs, removeXAttr, setXAttr } from '../operations/xattrs.ts'
import type { Gate } from './gate.ts'

type ClientHandlers = Handlers<typeof ClientNamenodeProtocol>

export function attributeHandlers(gate: Gate): ClientHandlers {
  const { core } = gate
  return {
    setXAttr: ({ src, xAttr, flag }, call) =>
      gate.once(
        call,
        (rpcIds) => {
          setXAttr(core, gate.caller(call), { src, xattr: given(xAttr), flags: flag ?? 0, rpcIds })
          return 0
        },
        () => ({}),
      ),
    removeXAttr: ({ src, xAttr }, call) =>
      gate.once(
        call,
        (rpcIds) => {
          removeXAttr(core, gate.caller(call), { src, xattr: given(xAttr), rpcIds })
          return 0
        },
        () => ({}),
      ),
    getXAttrs: ({ src, xAttrs }, call) => ({
      xAttrs: [...getXAttrs(core, gate.caller(call), src, xAttrs)],
    }),
    listXAttrs: ({ src }, call) => ({ xAttrs: listXAttrs(core, gate.caller(call), src) }),
    getStoragePolicies: () => ({ policies: [...storagePolicies] }),
    getStoragePolicy: ({ path }, call) => ({
      storagePolicy: getStoragePolicy(core, gate.caller(call), path),
    }),
    setStoragePolicy: ({ src, policyName }, call) => {
      setStoragePolicy(core, gate.caller(call), src, policyName)
      return gate.durable({})
    },
    unsetStoragePolicy: ({ src }, call) => {
      setStoragePolicy(core, gate.caller(call), src, undefined)
      return gate.durable({})
    },
    ...aclHandlers(gate),
  }
}

function given(xattr: XAttrProto | undefined): XAttrProto {
  if (xattr === undefined) throw hadoopIllegalArgument('XAttr cannot be null.')
  return xattr
}

function aclHandlers(gate: Gate): ClientHandlers {
  const { core } = gate
  return {
    getAclStatus: ({ src }, call) => ({ result: getAclStatus(core, gate.caller(call), src) }),
    setAcl: ({ src, aclSpec }, call) => {
      setAcl(core, gate.caller(call), src, aclSpec)
      return gate.durable({})
    },
    modifyAclEntries: ({ src, aclSpec }, call) => {
      modifyAclEntries(core, gate.caller(call), src, aclSpec)
      return gate.durable({})
    },
    removeAclEntries: ({ src, aclSpec }, call) => {
      removeAclEntries(core, gate.caller(call), src, aclSpec)
      return gate.durable({})
    },
    removeDefaultAcl: ({ src }, call) => {
      removeDefaultAcl(core, gate.caller(call), src)
      return gate.durable({})
    },
    removeAcl: ({ src }, call) => {
      removeAcl(core, gate.caller(call), src)
      return gate.durable({})
    },
  }
}
