import type { CreateRequestProto, MessageCodec } from '@cairn/hadoop-proto'
import type { MethodForm } from '@cairn/hadoop-rpc'

/** Execute bits of everybody. */
const execute = 0o111

const withoutExecute = (request: CreateRequestProto): CreateRequestProto => ({
  ...request,
  masked: { perm: request.masked.perm & ~execute },
})

/**
 * `create` as a server of 2.0.2 and before takes it (Java: `INodeFile.UMASK`): its clients ask for new files with the same
 * mode as for directories, and it is the server that takes the execute bits away. Today's clients do that themselves, and
 * today's servers leave the mode as it is [old.create.1].
 */
export function createOfOldClients<S>(
  form: MethodForm<CreateRequestProto, S>,
): MethodForm<CreateRequestProto, S> {
  const { request } = form
  const codec: MessageCodec<CreateRequestProto> = {
    typeName: request.typeName,
    fields: request.fields,
    encode: (value) => request.encode(value),
    write: (writer, value) => request.write(writer, value),
    encodeDelimited: (writer, value) => request.encodeDelimited(writer, value),
    decode: (bytes, start, end) => withoutExecute(request.decode(bytes, start, end)),
    read: (reader, end) => withoutExecute(request.read(reader, end)),
    decodeDelimited: (reader) => withoutExecute(request.decodeDelimited(reader)),
  }
  return { name: form.name, request: codec, response: form.response }
}
