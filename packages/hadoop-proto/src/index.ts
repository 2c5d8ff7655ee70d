export * from './gen/index.ts'
export { nestingMax } from './limits.ts'
export type { EnumTable, FieldDescriptor, ScalarType } from './runtime/field-descriptor.ts'
export type { MessageCodec } from './runtime/message-codec.ts'
