/** Longest text: `UTF8` has 16 bits for its length, and no `Text` of Hadoop 1's protocols is longer. */
export const textBytesMax = 65_535

/** Most elements of an array or list: a block report of a DataNode with this many blocks has three longs for each. */
export const elementsMax = 16 * 1024 * 1024

/** Deepest nesting of arrays and Writables; Hadoop's own go three deep. */
export const nestingMax = 16
