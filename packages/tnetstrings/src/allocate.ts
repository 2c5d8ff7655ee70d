interface NodeBuffer {
  allocUnsafeSlow?(bytes: number): Uint8Array
}
const node = (globalThis as { Buffer?: NodeBuffer }).Buffer

/**
 * Memory of its own that the caller fills before anyone sees it. Node can leave out writing zeros first, which for
 * large pieces costs as much as filling them.
 */
export function allocate(bytes: number): Uint8Array<ArrayBuffer> {
  if (bytes < 4096 || node?.allocUnsafeSlow === undefined) return new Uint8Array(bytes)
  return new Uint8Array(node.allocUnsafeSlow(bytes).buffer as ArrayBuffer)
}
