// What a server does with the calls of a protocol of Hadoop 1, entry by entry of the protocol's table.
import { ByteReader, ProtocolError } from '@cairn/bytes'
import type { MessageCodec } from '@cairn/hadoop-proto'
import { type MethodForm, RemoteException, type ServerCall, type ServerForm } from '@cairn/hadoop-rpc'
import { readObject } from '@cairn/hadoop-writable'
import { javaExceptions } from '../../exceptions.ts'
import type { AnyMethod1, Method1 } from '../method.ts'
import { hadoop1Protocols, type Protocol1 } from '../protocols.ts'
import { hadoop1Types } from '../writables.ts'

/** One form for each key of a protocol's table. */
export type ServerForms<Table> = { readonly [Key in keyof Table]: ServerForm }

/** A call that is one of today's. */
export function serve<Q, S>(
  method: string,
  form: MethodForm<Q, S>,
): Extract<ServerForm, { readonly kind: 'call' }> {
  return { kind: 'call', method, form: form as MethodForm }
}

/** A call that is answered at once, with Java's own values. */
export function answer<Q, S>(method: MethodForm<Q, S>, make: (parameters: Q) => S): ServerForm {
  return { kind: 'local', form: method as MethodForm, answer: (parameters) => make(parameters as Q) }
}

/** VersionedProtocol.getProtocolVersion: any protocol may be asked for on any port [client1.version.1]. */
export function protocolVersion(method: Method1<readonly ['String', 'long'], 'long'>): ServerForm {
  return answer(method, ([name]) => {
    const protocol = hadoop1Protocols.get(name ?? '')
    if (protocol) return protocol.version
    throw new RemoteException(javaExceptions.IOException, `Unknown protocol to name node: ${name}`)
  })
}

/** How to find the form of a call: overloads differ in the number of parameters [client1.call.2]. */
export function serverFormFinder(
  protocol: Protocol1,
  forms: Readonly<Record<string, ServerForm>>,
): (call: ServerCall) => ServerForm {
  const byName = new Map<string, ServerForm[]>()
  for (const [key, method] of Object.entries(protocol.methods)) {
    const overloads = byName.get(method.name) ?? []
    overloads[method.parameters.length] = forms[key]!
    byName.set(method.name, overloads)
  }
  return (call) => byName.get(call.method)?.[parameterCount(call)] ?? noSuchMethod(protocol, call.method)
}

function parameterCount({ bytes, start, end }: ServerCall): number {
  return end - start < 4 ? -1 : new ByteReader(bytes, start, end).i32be()
}

/** Java looks for a method with the classes of the parameters, and says which it did not find [client1.call.2]. */
function noSuchMethod(protocol: Protocol1, name: string): ServerForm {
  const classes: MessageCodec<readonly string[]> = {
    ...(protocol.methods.getProtocolVersion as AnyMethod1 & { request: MessageCodec<readonly string[]> })
      .request,
    decode: (bytes, start, end) => declaredClasses(new ByteReader(bytes, start, end)),
    read: declaredClasses,
  }
  const { response } = protocol.methods.getProtocolVersion!
  return answer<readonly string[], unknown>({ name, request: classes, response }, (declared) => {
    const what = `${protocol.name}.${name}(${declared.join(', ')})`
    throw new RemoteException(javaExceptions.IOException, `java.lang.NoSuchMethodException: ${what}`)
  })
}

/** No method of Java takes more. */
const parametersMax = 255

function declaredClasses(reader: ByteReader): string[] {
  const names: string[] = []
  const count = reader.i32be()
  if (count < 0 || count > parametersMax) {
    throw new ProtocolError(
      'ERR_WRITABLE_COUNT',
      `read the parameters of a call: found ${count}; 0 to ${parametersMax} are allowed`,
    )
  }
  for (let left = count; left > 0; left -= 1) names.push(readObject(reader, hadoop1Types).declared)
  return names
}
