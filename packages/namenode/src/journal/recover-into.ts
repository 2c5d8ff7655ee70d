import type { EditOp } from '@cairn/hdfs-storage'
import { applyEdit } from '../namespace/apply-edit.ts'
import { Namespace, type NamespaceIdentity } from '../namespace/namespace.ts'
import { emptyImageCarry, type ImageCarry } from './image-carry.ts'
import { loadImage } from './image-loader.ts'
import { type Recovered, type RecoveryOptions, recoverNamespace } from './recovery.ts'

/** A namespace as it stands on disk. */
export interface RecoveredNamespace extends Recovered {
  readonly namespace: Namespace
  readonly carry: ImageCarry
}

/** Recovers a directory's namespace; options as for `recoverNamespace`. Throws `StorageError`. */
export async function recoverInto(
  options: Omit<RecoveryOptions, 'target'> & {
    readonly identity: NamespaceIdentity
    /** Told of every operation before it is applied, for what else lives on in the journal (the retry cache). */
    readonly onReplay?: ((op: EditOp, namespace: Namespace) => void) | undefined
  },
): Promise<RecoveredNamespace> {
  // Owner and group of the root come from the image.
  const namespace = new Namespace(options.identity, '', '')
  let carry = emptyImageCarry
  const recovered = await recoverNamespace({
    ...options,
    target: {
      loadImage: async (path) => {
        carry = await loadImage(options.fileSystem, path, namespace)
      },
      apply: (op) => {
        options.onReplay?.(op, namespace)
        applyEdit(namespace, op)
      },
    },
  })
  return { ...recovered, namespace, carry }
}
