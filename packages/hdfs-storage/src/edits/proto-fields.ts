/** The two parts of the edit log that are protobuf (`editlog.proto`), each with a varint length in front ([edits.op.8]). */
import { AclEditLogProto, type MessageCodec, XAttrEditLogProto } from '@cairn/hadoop-proto'
import type { Field } from './field.ts'
import type { EditAclEntry } from './structures.ts'

/** `XAttrProto`: `namespace` 0 user, 1 trusted, 2 security, 3 system, 4 raw. */
export interface EditXAttr {
  namespace: number
  name: string
  value?: Uint8Array | undefined
}

function delimited<T>(codec: MessageCodec<T>): Field<T> {
  return { read: (r) => codec.decodeDelimited(r), write: (w, value) => codec.encodeDelimited(w, value) }
}

const xAttrEditLog = delimited(XAttrEditLogProto)

/** `AclEditLogProto`: a path and the whole new ACL. */
export const aclEditLog: Field<{ src: string; entries: EditAclEntry[] }> = delimited(AclEditLogProto)

/** `XAttrEditLogProto` with a path. */
export const xAttrsOfPath: Field<{ src?: string | undefined; xAttrs: EditXAttr[] }> = xAttrEditLog

/** `XAttrEditLogProto` without a path: the attributes that a new inode starts with. */
export const xAttrs: Field<EditXAttr[]> = {
  read: (r) => xAttrEditLog.read(r).xAttrs,
  write: (w, value) => {
    if (value.length === 0) w.u8(0)
    else xAttrEditLog.write(w, { xAttrs: value })
  },
}
