// A method of Hadoop 1 that is called with today's messages: codecs that turn the one into the other, both ways.
import type { MessageCodec } from '@cairn/hadoop-proto'
import type { ClientForm, MethodForm } from '@cairn/hadoop-rpc'
import type { JavaType } from '@cairn/hadoop-writable'
import type { JavaValue, JavaValues, Method1 } from '../method.ts'

/**
 * What each value is in the other's words. Nothing that Hadoop 1 sends may be lost on the way to today's message and
 * back: the bytes would differ.
 */
export interface Translation<Q, S, P extends readonly JavaType[], R extends JavaType> {
  /** Today's request as parameters, in Java's order. */
  readonly parameters: (request: Q) => JavaValues<P>
  readonly request: (parameters: JavaValues<P>) => Q
  /** Today's answer as the result. */
  readonly result: (response: S) => JavaValue<R>
  readonly response: (result: JavaValue<R>) => S
}

/** A codec of today's message `T` whose bytes are those of `inner`. */
function translated<T, W>(
  inner: MessageCodec<W>,
  toInner: (message: T) => W,
  fromInner: (value: W) => T,
): MessageCodec<T> {
  return {
    typeName: inner.typeName,
    fields: inner.fields,
    encode: (message) => inner.encode(toInner(message)),
    write: (writer, message) => inner.write(writer, toInner(message)),
    encodeDelimited: (writer, message) => inner.encodeDelimited(writer, toInner(message)),
    decode: (bytes, start, end) => fromInner(inner.decode(bytes, start, end)),
    read: (reader, end) => fromInner(inner.read(reader, end)),
    decodeDelimited: (reader) => fromInner(inner.decodeDelimited(reader)),
  }
}

/** The form of today's messages for one method of Hadoop 1. */
export function form<Q, S, P extends readonly JavaType[], R extends JavaType>(
  method: Method1<P, R>,
  translation: Translation<Q, S, P, R>,
): MethodForm<Q, S> {
  return {
    name: method.name,
    request: translated(method.request, translation.parameters, translation.request),
    response: translated(method.response, translation.result, translation.response),
  }
}

/** A client form that is one call. */
export function call<Q, S>(methodForm: MethodForm<Q, S>): ClientForm {
  return { kind: 'call', form: methodForm as MethodForm }
}

/** For answers without a field. */
export const nothing = { result: () => undefined, response: () => ({}) } as const

/** For answers that are one boolean. */
export const truth = {
  result: ({ result }: { result: boolean }) => result,
  response: (result: boolean) => ({ result }),
} as const
