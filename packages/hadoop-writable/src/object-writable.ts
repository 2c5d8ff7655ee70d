// How Hadoop's RPC 4 puts parameters and results: the declared class's name, then the value
// (`org.apache.hadoop.io.ObjectWritable`).
//
//     UTF8 declared class | primitive: its bytes | String: UTF8 | enumeration: UTF8 name
//                         | array: int32 length, then each element in this same form
//                         | Writable: UTF8 class of the instance, then its fields
//     null: declared Writable, instance ObjectWritable$NullInstance, then UTF8 the class that was meant
import { type ByteReader, type ByteWriter, ProtocolError } from '@cairn/bytes'
import { readClassName, writeClassName } from './class-name.ts'
import { readField, writeField } from './field.ts'
import { type JavaType, javaName, type TypeRegistry, typeOfName } from './java-type.ts'
import { elementsMax, nestingMax } from './limits.ts'
import { readUtf8, writeUtf8 } from './text.ts'

const writableName = 'org.apache.hadoop.io.Writable'
/** Class of the instance where there is none. */
export const nullName = 'org.apache.hadoop.io.ObjectWritable$NullInstance'

/** A value with the class that it was declared with. `null` is Java's. */
export interface JavaObject {
  /** Declared class; for null the class that was meant. */
  readonly declared: string
  /** Class of the instance where it is a Writable, else `declared`. */
  readonly javaClass: string
  /** boolean, number, bigint (long), string, an array of JavaObjects, a Writable's value, undefined (void) or null. */
  readonly value: unknown
}

/** Writes a value as `type`; null and undefined become Java's null, which is also what a void method gives. */
export function writeObject(writer: ByteWriter, type: JavaType, value: unknown): void {
  if (value === null || value === undefined) {
    writeNull(writer, javaName(type))
    return
  }
  writeClassName(writer, javaName(type))
  if (type === 'String') writeUtf8(writer, value as string)
  else if (typeof type === 'string') {
    if (type !== 'void') writeField(writer, type, value)
  } else if ('enumeration' in type) {
    writeUtf8(writer, value as string)
  } else if ('writable' in type) {
    writeClassName(writer, type.writable.javaClass)
    type.writable.write(writer, value)
  } else if ('instances' in type) {
    const { kind, value: fields } = value as { readonly kind: string; readonly value: unknown }
    const instance = type.instances[kind]!
    writeClassName(writer, instance.javaClass)
    instance.write(writer, fields)
  } else {
    const list = value as readonly unknown[]
    writer.i32be(list.length)
    for (const element of list) writeObject(writer, type.array, element)
  }
}

/** Writes a null that was declared as `javaClass`. */
function writeNull(writer: ByteWriter, javaClass: string): void {
  writeClassName(writer, writableName)
  writeClassName(writer, nullName)
  writeClassName(writer, javaClass)
}

/** Writes a Writable whose class is another than the declared one: a subclass, such as a command of a DataNode. */
export function writeInstance(
  writer: ByteWriter,
  declared: string,
  instance: Extract<JavaType, { readonly writable: unknown }>,
  value: unknown,
): void {
  writeClassName(writer, declared)
  writeClassName(writer, instance.writable.javaClass)
  instance.writable.write(writer, value)
}

/** Reads a value of any registered class. Throws `ProtocolError` only; `ERR_BYTES_TRUNCATED` when more is to come. */
export function readObject(reader: ByteReader, registry: TypeRegistry, depth = 0): JavaObject {
  if (depth > nestingMax) {
    throw new ProtocolError('ERR_WRITABLE_DEPTH', `read an object: found more than ${nestingMax} levels`)
  }
  const declared = readClassName(reader)
  // Elements say themselves what they are, so an array of any class can be read.
  if (declared.startsWith('[')) {
    return { declared, javaClass: declared, value: readArray(reader, registry, depth) }
  }
  const type = typeOfName(declared, registry)
  if (type === undefined || (typeof type === 'object' && ('writable' in type || 'instances' in type))) {
    return readInstance(reader, registry, declared)
  }
  if (type === 'String') return { declared, javaClass: declared, value: readUtf8(reader) }
  if (type === 'void') return { declared, javaClass: declared, value: undefined }
  if (typeof type === 'string') return { declared, javaClass: declared, value: readField(reader, type) }
  if ('enumeration' in type) return { declared, javaClass: declared, value: readUtf8(reader) }
  return { declared, javaClass: declared, value: readArray(reader, registry, depth) }
}

function readArray(reader: ByteReader, registry: TypeRegistry, depth: number): JavaObject[] {
  const count = reader.i32be()
  if (count < 0 || count > elementsMax) {
    throw new ProtocolError(
      'ERR_WRITABLE_COUNT',
      `read an array: found ${count} elements; 0 to ${elementsMax} are allowed`,
      { offset: reader.position - 4 },
    )
  }
  const list: JavaObject[] = []
  for (let index = 0; index < count; index++) list.push(readObject(reader, registry, depth + 1))
  return list
}

/** The class of the instance decides, as it may be a subclass of the declared one. */
function readInstance(reader: ByteReader, registry: TypeRegistry, declared: string): JavaObject {
  const at = reader.position
  const javaClass = readClassName(reader)
  if (javaClass === nullName) return { declared: readClassName(reader), javaClass: nullName, value: null }
  const type = registry.get(javaClass)
  if (typeof type !== 'object' || !('writable' in type)) {
    throw new ProtocolError(
      'ERR_WRITABLE_CLASS',
      `read an object declared ${JSON.stringify(declared)}: found class ${JSON.stringify(javaClass)}, which is not known`,
      { offset: at },
    )
  }
  return { declared, javaClass, value: type.writable.read(reader) }
}

/** Writes what `readObject` gave, byte for byte. */
export function writeJavaObject(writer: ByteWriter, object: JavaObject, registry: TypeRegistry): void {
  const { declared, javaClass, value } = object
  if (value === null) {
    writeNull(writer, declared)
    return
  }
  if (declared.startsWith('[')) {
    const list = value as readonly JavaObject[]
    writeClassName(writer, declared)
    writer.i32be(list.length)
    for (const element of list) writeJavaObject(writer, element, registry)
    return
  }
  const type = typeOfName(javaClass, registry)
  if (type === undefined) {
    const message = `write an object: found class ${javaClass}, which is not known`
    throw new ProtocolError('ERR_WRITABLE_CLASS', message, { side: 'local' })
  }
  if (typeof type === 'object' && 'writable' in type) writeInstance(writer, declared, type, value)
  else writeObject(writer, type, value)
}
