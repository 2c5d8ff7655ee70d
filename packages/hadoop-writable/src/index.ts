export { type Field, type FieldValue, readField, type ScalarField, writeField } from './field.ts'
export { type JavaType, javaName, type PrimitiveType, type TypeRegistry, typeOfName } from './java-type.ts'
export * as writableLimits from './limits.ts'
export { ObjectScanner } from './object-scanner.ts'
export {
  type JavaObject,
  readObject,
  writeInstance,
  writeJavaObject,
  writeObject,
} from './object-writable.ts'
export { readText, readUtf8, writeText, writeUtf8 } from './text.ts'
export {
  type FieldTable,
  type ValueOfTable,
  type Writable,
  type WritableValue,
  writable,
} from './writable.ts'
