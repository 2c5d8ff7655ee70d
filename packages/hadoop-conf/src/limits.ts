/** Largest configuration file read, in bytes; real ones have some KiB, hdfs-default.xml has 250 KiB. */
export const fileBytesMax = 16 * 1024 * 1024
/** Deepest chain of files that include each other. */
export const includeDepthMax = 16
/** Most files read for one configuration, includes counted. */
export const filesMax = 256
/** Deepest nesting of XML elements; a Hadoop file has four levels. */
export const elementDepthMax = 64
/** Most properties of one configuration. */
export const propertiesMax = 100_000
/** Most rounds of `${var}` in one value: Hadoop's Configuration allows 20 as well. */
export const substitutionsMax = 20
/** Longest value after substitution, in characters. */
export const valueCharactersMax = 1024 * 1024
