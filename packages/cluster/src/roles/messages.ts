import type { Address, NamenodeReport, RoleSpec } from './role.ts'

/** From the cluster's process to a role's. */
export type ToRole =
  | { readonly type: 'start'; readonly spec: RoleSpec }
  | { readonly type: 'report'; readonly id: number }
  | { readonly type: 'close' }

/** From a role's process to the cluster's. */
export type FromRole =
  | { readonly type: 'ready'; readonly address: Address }
  | { readonly type: 'failed'; readonly code: string | undefined; readonly message: string }
  | { readonly type: 'report'; readonly id: number; readonly report: NamenodeReport | undefined }
  | {
      readonly type: 'log'
      readonly level: 'debug' | 'info' | 'warn' | 'error'
      readonly fields: object
      readonly message: string
    }
