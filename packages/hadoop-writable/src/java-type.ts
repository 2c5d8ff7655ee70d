import type { Writable } from './writable.ts'

/** Java's primitive types, as `ObjectWritable` names them. */
export type PrimitiveType = 'boolean' | 'byte' | 'short' | 'int' | 'long' | 'float' | 'double' | 'void'

/** A type that a parameter or result of an RPC may be declared with. */
export type JavaType =
  | PrimitiveType
  | 'String'
  | { readonly array: JavaType }
  | { readonly enumeration: string }
  | { readonly writable: Writable<unknown> }
  /** An abstract class, and its subclasses by a short name of ours; on the wire stand both Java names. */
  | { readonly declared: string; readonly instances: Readonly<Record<string, Writable<unknown>>> }

/** Whether two declarations may hold the same values is Java's matter; on the wire their names must be equal. */
export function javaName(type: JavaType): string {
  if (type === 'String') return 'java.lang.String'
  if (typeof type === 'string') return type
  if ('enumeration' in type) return type.enumeration
  if ('writable' in type) return type.writable.javaClass
  if ('instances' in type) return type.declared
  return `[${elementName(type.array)}`
}

/** How the element type stands in an array's name (`Class.getName`). */
const primitiveLetters: Readonly<Record<PrimitiveType, string>> = {
  boolean: 'Z',
  byte: 'B',
  short: 'S',
  int: 'I',
  long: 'J',
  float: 'F',
  double: 'D',
  void: 'V',
}

function elementName(type: JavaType): string {
  if (typeof type === 'string' && type !== 'String') return primitiveLetters[type]
  return typeof type === 'object' && 'array' in type ? javaName(type) : `L${javaName(type)};`
}

/** Types by the name on the wire: Writables, and enumerations. */
export type TypeRegistry = ReadonlyMap<string, JavaType>

/** The type that a name stands for; undefined for a class that nobody has registered. */
export function typeOfName(name: string, registry: TypeRegistry): JavaType | undefined {
  if (name === 'java.lang.String') return 'String'
  if (Object.hasOwn(primitiveLetters, name)) return name as PrimitiveType
  if (!name.startsWith('[')) return registry.get(name)
  const element = name.slice(1)
  const inner = element.startsWith('L') && element.endsWith(';') ? element.slice(1, -1) : element
  const primitive = Object.entries(primitiveLetters).find(([, letter]) => letter === inner)?.[0]
  const type = primitive === undefined ? typeOfName(inner, registry) : (primitive as PrimitiveType)
  return type && { array: type }
}
