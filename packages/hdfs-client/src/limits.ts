/** Longest path in characters; FSDirectory has the same limit (MAX_PATH_LENGTH). */
export const pathCharactersMax = 8000
/** Most entries accepted in one page of a listing; NameNodes send `dfs.ls.limit` = 1000. */
export const listingPageEntriesMax = 100_000
/** Most NameNodes of one nameservice; `dfs.ha.namenodes.*` of real clusters has two to five. */
export const namenodesMax = 64
/** Most blocks whose locations are asked for in one getBlockLocations (dfs.client.read.prefetch.size = 10 blocks). */
export const locatedBlocksPrefetch = 10
/** Most bytes that readFile returns: what one Uint8Array can hold on every platform Node runs on. */
export const readFileBytesMax = 2 ** 31 - 1
