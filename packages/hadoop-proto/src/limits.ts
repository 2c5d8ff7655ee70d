/**
 * How deep unknown groups may nest before the message is refused; protobuf's own default. Known messages need no
 * count: no message of Hadoop contains itself, and the generator refuses a schema where one does.
 */
export const nestingMax = 100
