// Finds where an object ends that comes in pieces. Answers of Hadoop 1 have no length, and reading a large one again from
// its beginning with every piece would take time that grows with the square of its size.
import { type ByteReader, ProtocolError, readVLong } from '@cairn/bytes'
import { readClassName } from './class-name.ts'
import { type Field, readField } from './field.ts'
import { type JavaType, type TypeRegistry, typeOfName } from './java-type.ts'
import { elementsMax, nestingMax } from './limits.ts'
import { nullName } from './object-writable.ts'
import { readUtf8 } from './text.ts'
import type { Writable } from './writable.ts'

/** What is still to be passed over. */
type Task =
  | { readonly kind: 'object'; readonly depth: number }
  | { readonly kind: 'objects'; readonly depth: number; left: number }
  | { readonly kind: 'fields'; readonly fields: readonly Field[]; next: number }
  | { readonly kind: 'list'; readonly element: Field; left: number }

const fieldsOf = new WeakMap<Writable<unknown>, readonly Field[]>()

/** Passes over one object, as far as it is there; goes on from there when more has come. */
export class ObjectScanner {
  readonly #registry: TypeRegistry
  readonly #tasks: Task[] = [{ kind: 'object', depth: 0 }]
  /** Bytes behind the beginning that are passed. */
  #passed = 0

  constructor(registry: TypeRegistry) {
    this.#registry = registry
  }

  /**
   * True when the object ends, which is where `reader` then stands; false when more of it is to come. `reader` stands at
   * the object's beginning, each time. Throws `ProtocolError` only, and then has no more use.
   */
  scan(reader: ByteReader): boolean {
    const start = reader.position
    reader.skip(this.#passed)
    try {
      for (let task = this.#tasks.at(-1); task !== undefined; task = this.#tasks.at(-1)) {
        this.#step(task, reader)
        this.#passed = reader.position - start
      }
      return true
    } catch (error) {
      if (error instanceof ProtocolError && error.code === 'ERR_BYTES_TRUNCATED') return false
      throw error
    }
  }

  /** One thing that is passed as a whole or not at all. */
  #step(task: Task, reader: ByteReader): void {
    switch (task.kind) {
      case 'object':
        this.#object(task.depth, reader)
        return
      case 'objects':
        if (task.left === 0) {
          this.#tasks.pop()
          return
        }
        task.left--
        this.#tasks.push({ kind: 'object', depth: task.depth })
        return
      case 'fields':
        this.#fields(task, reader)
        return
      case 'list':
        if (task.left === 0) {
          this.#tasks.pop()
          return
        }
        // What it needs then stands above it on the list.
        this.#field(task.element, reader)
        task.left--
    }
  }

  #fields(task: Extract<Task, { kind: 'fields' }>, reader: ByteReader): void {
    const field = task.fields[task.next]
    if (field === undefined) {
      this.#tasks.pop()
      return
    }
    this.#field(field, reader)
    task.next++
  }

  /** Passes a field that has no parts, or puts its parts on the list. */
  #field(field: Field, reader: ByteReader): void {
    if (typeof field === 'string') readField(reader, field)
    else if ('writable' in field) this.#writable(field.writable)
    else if ('optional' in field) {
      if (reader.u8() !== 0) this.#tasks.push({ kind: 'list', element: field.optional, left: 1 })
    } else {
      const isShort = 'vlist' in field
      const left = isShort ? Number(readVLong(reader)) : reader.i32be()
      checkCount(left)
      this.#tasks.push({ kind: 'list', element: isShort ? field.vlist : field.list, left })
    }
  }

  #writable(writable: Writable<unknown>): void {
    let fields = fieldsOf.get(writable)
    if (fields === undefined) {
      fields = Object.values(writable.fields)
      fieldsOf.set(writable, fields)
    }
    this.#tasks.push({ kind: 'fields', fields, next: 0 })
  }

  #object(depth: number, reader: ByteReader): void {
    if (depth > nestingMax) {
      throw new ProtocolError('ERR_WRITABLE_DEPTH', `read an object: found more than ${nestingMax} levels`)
    }
    const declared = readClassName(reader)
    if (declared.startsWith('[')) {
      const left = reader.i32be()
      checkCount(left)
      this.#replace({ kind: 'objects', depth: depth + 1, left })
      return
    }
    const type = typeOfName(declared, this.#registry)
    if (type === undefined || isInstance(type)) this.#instance(declared, reader)
    else this.#plain(type, reader)
  }

  #plain(type: JavaType, reader: ByteReader): void {
    if (type === 'String' || typeof type === 'object') readUtf8(reader)
    else if (type !== 'void') readField(reader, type)
    this.#tasks.pop()
  }

  #instance(declared: string, reader: ByteReader): void {
    const at = reader.position
    const javaClass = readClassName(reader)
    if (javaClass === nullName) {
      readUtf8(reader)
      this.#tasks.pop()
      return
    }
    const type = this.#registry.get(javaClass)
    if (typeof type !== 'object' || !('writable' in type)) {
      throw new ProtocolError(
        'ERR_WRITABLE_CLASS',
        `read an object declared ${JSON.stringify(declared)}: found class ${JSON.stringify(javaClass)}, which is not known`,
        { offset: at },
      )
    }
    this.#tasks.pop()
    this.#writable(type.writable)
  }

  #replace(task: Task): void {
    this.#tasks.pop()
    this.#tasks.push(task)
  }
}

const isInstance = (type: JavaType): boolean =>
  typeof type === 'object' && ('writable' in type || 'instances' in type)

function checkCount(count: number): void {
  if (count >= 0 && count <= elementsMax) return
  const message = `read ${count} elements; 0 to ${elementsMax} are allowed`
  throw new ProtocolError('ERR_WRITABLE_COUNT', message)
}
