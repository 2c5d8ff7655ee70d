// A method of an RPC 4 protocol: the declared classes of its parameters and of its result are all there is to a call's
// form. Hadoop 1 tells overloaded methods apart by those classes, so a table names them apart.
import { ByteReader, ByteWriter, ProtocolError } from '@cairn/bytes'
import type { MessageCodec } from '@cairn/hadoop-proto'
import {
  type JavaObject,
  type JavaType,
  javaName,
  type PrimitiveType,
  readObject,
  type TypeRegistry,
  type Writable,
  type WritableValue,
  writeObject,
} from '@cairn/hadoop-writable'

type NumberType = Exclude<PrimitiveType, 'boolean' | 'long' | 'void'>

/** The TypeScript type of a declared class; 64-bit numbers are bigint, Java's null is null. */
export type JavaValue<T extends JavaType> = T extends 'boolean'
  ? boolean
  : T extends 'long'
    ? bigint
    : T extends 'void'
      ? undefined
      : T extends NumberType
        ? number
        : T extends 'String' | { readonly enumeration: string }
          ? string | null
          : T extends { readonly writable: Writable<infer V> }
            ? V | null
            : T extends { readonly array: infer E extends JavaType }
              ? readonly JavaValue<E>[] | null
              : T extends { readonly instances: infer I extends Readonly<Record<string, Writable<unknown>>> }
                ?
                    | {
                        readonly [K in keyof I]: { readonly kind: K; readonly value: WritableValue<I[K]> }
                      }[keyof I]
                    | null
                : never

export type JavaValues<P extends readonly JavaType[]> = { readonly [I in keyof P]: JavaValue<P[I]> }

/** A method with the codecs that a session takes: its parameters as one request, its result as the response. */
export interface Method1<P extends readonly JavaType[], R extends JavaType> {
  readonly name: string
  readonly parameters: P
  readonly result: R
  readonly request: MessageCodec<JavaValues<P>>
  readonly response: MessageCodec<JavaValue<R>>
}

/** A method of any types: what decoding gave is what encoding takes. */
export interface AnyMethod1 {
  readonly name: string
  readonly parameters: readonly JavaType[]
  readonly result: JavaType
  readonly request: MessageCodec<unknown>
  readonly response: MessageCodec<unknown>
}

/** Makes a method. */
export function method1<const P extends readonly JavaType[], const R extends JavaType>(
  registry: TypeRegistry,
  name: string,
  parameters: P,
  result: R,
): Method1<P, R> {
  const writeParameters = (writer: ByteWriter, values: JavaValues<P>): void => {
    const list: readonly unknown[] = values
    writer.i32be(parameters.length)
    for (const [index, type] of parameters.entries()) writeObject(writer, type, list[index])
  }
  const readParameters = (reader: ByteReader): JavaValues<P> => {
    const count = reader.i32be()
    if (count !== parameters.length) {
      throw new ProtocolError(
        'ERR_WRITABLE_COUNT',
        `read the parameters of ${name}: found ${count}; ${parameters.length} are declared`,
      )
    }
    const values: unknown[] = []
    for (const type of parameters) values.push(valueAs(type, readObject(reader, registry), name))
    return values as unknown as JavaValues<P>
  }
  return {
    name,
    parameters,
    result,
    request: codecOf(`${name} parameters`, writeParameters, readParameters),
    response: codecOf(
      `${name} result`,
      (writer, value) => writeObject(writer, result, value),
      (reader) => valueAs(result, readObject(reader, registry), name) as JavaValue<R>,
    ),
  }
}

/** A value as its declaration promises it, without the names of classes around it. */
function valueAs(type: JavaType, object: JavaObject, method: string): unknown {
  if (object.declared !== javaName(type)) {
    throw new ProtocolError(
      'ERR_WRITABLE_CLASS',
      `read a value of ${method}: found class ${object.declared}; ${javaName(type)} is declared`,
    )
  }
  if (object.value === null || typeof type === 'string') return object.value
  if ('instances' in type) return instanceOf(type.instances, object, method)
  if (!('array' in type)) return object.value
  const elements = object.value as readonly JavaObject[]
  return elements.map((element) => valueAs(type.array, element, method))
}

/** A value of a subclass, with the short name of its class. */
function instanceOf(
  instances: Readonly<Record<string, Writable<unknown>>>,
  object: JavaObject,
  method: string,
): unknown {
  const kind = Object.keys(instances).find((key) => instances[key]!.javaClass === object.javaClass)
  if (kind !== undefined) return { kind, value: object.value }
  throw new ProtocolError(
    'ERR_WRITABLE_CLASS',
    `read a value of ${method}: found class ${object.javaClass}, which is no ${object.declared}`,
  )
}

function codecOf<T>(
  typeName: string,
  write: (writer: ByteWriter, value: T) => void,
  read: (reader: ByteReader) => T,
): MessageCodec<T> {
  const encode = (value: T): Uint8Array => {
    const writer = new ByteWriter()
    write(writer, value)
    return writer.take()
  }
  const decode = (bytes: Uint8Array, start = 0, end = bytes.length): T => {
    const reader = new ByteReader(bytes, start, end)
    const value = read(reader)
    if (reader.remaining === 0) return value
    throw new ProtocolError(
      'ERR_WRITABLE_LENGTH',
      `read ${typeName}: found ${reader.remaining} bytes behind it`,
    )
  }
  return {
    typeName,
    // Classes on the wire say themselves what they are; tools read them with `readObject`.
    fields: [],
    write,
    read,
    encode,
    decode,
    encodeDelimited: (writer, value) => writer.bytesDelimited(encode(value)),
    decodeDelimited: (reader) => decode(reader.copy(reader.varint32())),
  }
}
