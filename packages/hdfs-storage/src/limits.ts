/** Largest edit-log operation, opcode to checksum; Java's `dfs.namenode.max.op.size` has the same default. */
export const editOpBytesMax = 50 * 1024 * 1024

/** Strings of the edit log carry a 16-bit length (`org.apache.hadoop.io.UTF8`). */
export const editStringBytesMax = 0xffff

/** Names of users and groups in `PermissionStatus` (`Text.DEFAULT_MAX_LEN`). */
export const permissionNameBytesMax = 1024 * 1024

/** Blocks in one operation; Java allows 64 Mi (`AddCloseOp.MAX_BLOCKS`), which cannot fit in an operation. */
export const editBlocksMax = 2 * 1024 * 1024

/** Sources of one concat (`ConcatDeleteOp.MAX_CONCAT_SRC`). */
export const concatSourcesMax = 1024 * 1024

/** ACL entries of one operation: 32 per kind on an inode, both kinds, and a replacement of each. */
export const editAclEntriesMax = 1024

/** Options of an erasure coding schema and of a rename. */
export const editOptionsMax = 1024

/** Bytes of a delegation key (`DelegationKey.MAX_KEY_LEN`). */
export const delegationKeyBytesMax = 1024 * 1024

/** Text of a VERSION file. Real ones have 200 bytes. */
export const propertiesCharsMax = 64 * 1024

/** `FileSummary` at the end of an image: some 20 sections of 40 bytes, or a few thousand sub-sections. */
export const imageSummaryBytesMax = 16 * 1024 * 1024

/** One message of an image section; a directory of a million children takes 10 MiB. */
export const imageMessageBytesMax = 256 * 1024 * 1024

/** `bytesPerChecksum` of a replica; Java refuses nothing, 1 GiB is far above any use. */
export const bytesPerChecksumMax = 1024 * 1024 * 1024
